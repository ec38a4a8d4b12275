#pragma once

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <map>
#include <string>

namespace engine {

// Files that lie within a TorchScript file, by name: torch.jit.load() gives them as _extra_files.
using InnerFiles = std::map<std::string, std::string>;

// Throws Error(DiskFull | BadInput).
void writeTorchScript(const std::filesystem::path& file, const torch::jit::Module& module, const InnerFiles& inner);
// One of them; empty where there is none of this name. Throws Error(BadWeights): no such file.
[[nodiscard]] std::string innerFile(const std::filesystem::path& file, const std::string& name);

} // namespace engine
