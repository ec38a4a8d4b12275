#pragma once

#include "engine/api/catalog.h"
#include "engine/base/ownmodelname.h"

#include <string>
#include <string_view>

namespace engine {

// Its row of the table, made when it is first asked for and kept as long as Thaw runs: parameters as in the file,
// pictures prepared as the files beside it say, else as for ImageNet. Throws Error(NotFound | BadInput | BadWeights).
// Any thread.
[[nodiscard]] const BackboneInfo& ownModelInfo(std::string_view backbone);

// SHA-256 of the program's file; empty for a backbone of the table. Throws Error(NotFound | BadWeights).
[[nodiscard]] std::string programChecksum(std::string_view backbone);

} // namespace engine
