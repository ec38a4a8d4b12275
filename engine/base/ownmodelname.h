#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace engine {

// A TorchScript program as a backbone: "torchscript:FILE[#OUTPUT]". Its output takes the new head, or that of the inner
// module OUTPUT ("layer4", "features.norm5").
inline constexpr std::string_view kOwnModel = "torchscript";
struct OwnModel {
    std::filesystem::path file;
    std::string output;
};
[[nodiscard]] bool isOwnModel(std::string_view backbone);
// Whether it is one as an experiment file may also say it: "torchscript[#OUTPUT]", with the program as the weights.
[[nodiscard]] bool isOwnModelOfWeights(std::string_view backbone);
[[nodiscard]] OwnModel parseOwnModel(std::string_view backbone);
[[nodiscard]] std::string ownModelName(const OwnModel& model);

} // namespace engine
