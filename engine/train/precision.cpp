#include "engine/train/precision.h"

namespace engine {

std::string pickPrecision(const TrainSettings& settings, bool deviceHasBf16) {
    if (settings.precision == "auto")
        return deviceHasBf16 ? "bf16" : "fp32";
    return settings.precision;
}

} // namespace engine
