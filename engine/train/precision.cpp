#include "engine/train/precision.h"

#include "engine/device/cpufeatures.h"

namespace engine {

Precision pickPrecision(const TrainSettings& settings, const DeviceInfo& device) {
    if (settings.precision == "auto")
        return device.bf16 ? Precision::BFloat16 : Precision::Float32;
    return settings.precision == nameOf(Precision::BFloat16) ? Precision::BFloat16 : Precision::Float32;
}

std::vector<Finding> precisionFindings(const TrainSettings& settings, const DeviceInfo& device) {
    if (device.id != "cpu" || settings.precision != nameOf(Precision::BFloat16) || cpuComputesBf16())
        return {};
    return {{.key = "train.precision",
             .message = "This CPU cannot compute in bf16.",
             .detail = "Its convolutions need AVX-512, which it does not have.",
             .fixLabel = "Use fp32",
             .fixKey = "train.precision",
             .fixValue = "fp32"}};
}

std::string_view nameOf(Precision precision) { return precision == Precision::BFloat16 ? "bf16" : "fp32"; }

} // namespace engine
