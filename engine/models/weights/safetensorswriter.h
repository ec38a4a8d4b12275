#pragma once

#include "engine/models/weights/dtype.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace engine {

// A contiguous tensor to be written. `owner` keeps `data` alive where the tensor had to be copied; it may be empty.
struct TensorView {
    std::string name;
    DType dtype = DType::Float32;
    std::vector<std::int64_t> shape;
    const void* data = nullptr;
    std::size_t bytes = 0;
    std::shared_ptr<const void> owner;
};

// Writes a safetensors file as a whole or not at all; the same tensors give the same bytes. Every tensor starts at a
// multiple of its element size, as the reference reader wants it. Throws Error(DiskFull | NotFound | BadInput); the
// last also for two tensors of one name and for a `bytes` that does not fit the shape. Blocks; any thread.
void writeSafetensors(const std::filesystem::path& file, std::span<const TensorView> tensors,
                      const std::map<std::string, std::string>& metadata = {});

} // namespace engine
