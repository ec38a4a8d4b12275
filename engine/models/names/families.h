#pragma once

#include "engine/models/names/table.h"

namespace engine {

// Against torchvision's names.
[[nodiscard]] const NameTable& sameNames(); // for a library that has the backbone's own
[[nodiscard]] const NameTable& timmConvNext();
[[nodiscard]] const NameTable& transformersConvNext();
[[nodiscard]] const NameTable& originalConvNext();
[[nodiscard]] const NameTable& olderDenseNet();
[[nodiscard]] const NameTable& timmMobileNetV2();
[[nodiscard]] const NameTable& transformersMobileNetV2();
[[nodiscard]] const NameTable& timmMobileNetV3();
[[nodiscard]] const NameTable& timmRegNet();
[[nodiscard]] const NameTable& transformersRegNet();
[[nodiscard]] const NameTable& transformersResNet();
[[nodiscard]] const NameTable& timmSwin();
[[nodiscard]] const NameTable& originalSwin();
[[nodiscard]] const NameTable& transformersSwin();
[[nodiscard]] const NameTable& timmVgg();

// Against timm's names.
[[nodiscard]] const NameTable& torchvisionEfficientNet();
[[nodiscard]] const NameTable& transformersEfficientNet();
[[nodiscard]] const NameTable& efficientNetPytorch();
[[nodiscard]] const NameTable& torchvisionVit();
[[nodiscard]] const NameTable& transformersVit();

} // namespace engine
