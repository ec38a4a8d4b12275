#pragma once

#include "engine/base/torchheader.h"

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string>

namespace engine {

// In which numbers a program's parameters are wanted.
enum class ProgramNumbers { Float32, AsStored };

// Loads a TorchScript program into the CPU's memory. Nothing of it runs yet, and only what the interpreter of
// TorchScript computes is let in: no operator that reads or writes files, none of another library, no code that runs on
// loading. Throws Error(BadWeights): not such a program, or it asks for more.
[[nodiscard]] torch::jit::Module loadProgram(const std::filesystem::path& file,
                                             ProgramNumbers numbers = ProgramNumbers::Float32);

// What is essential in an error of TorchScript: its last line that says something.
[[nodiscard]] std::string essence(const std::exception& error);

} // namespace engine
