#pragma once

#include "engine/api/catalog.h"

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

// Its row of the table, made when it is first asked for and kept as long as Thaw runs: parameters as in the file,
// pictures prepared as the files beside it say, else as for ImageNet. Throws Error(NotFound | BadInput | BadWeights).
// Any thread.
[[nodiscard]] const BackboneInfo& ownModelInfo(std::string_view backbone);

// SHA-256 of the program's file; empty for a backbone of the table. Throws Error(NotFound | BadWeights).
[[nodiscard]] std::string programChecksum(std::string_view backbone);

} // namespace engine
