#pragma once

#include "engine/models/weights/weightsfile.h"

namespace engine {

// False where one of its numbers is NaN or infinite; reads all of it.
[[nodiscard]] bool isFinite(const StoredTensor& tensor);

} // namespace engine
