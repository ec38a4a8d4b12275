#pragma once

#include "src/page.h"

#include <memory>

namespace app {

[[nodiscard]] std::unique_ptr<Page> makeLivePart(const PageContext& context);

} // namespace app
