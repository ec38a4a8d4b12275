#pragma once

#include "src/page.h"

#include <memory>

namespace app {

[[nodiscard]] std::unique_ptr<Page> makeSetupPart(const PageContext& context);

} // namespace app
