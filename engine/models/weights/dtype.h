#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace engine {

// Number formats of stored tensors; little-endian, as every known file has them.
enum class DType { Float16, BFloat16, Float32, Float64, Int8, UInt8, Int16, Int32, Int64, Bool };

[[nodiscard]] std::size_t dtypeBytes(DType dtype) noexcept;
[[nodiscard]] const char* dtypeName(DType dtype) noexcept;       // "float32"
[[nodiscard]] const char* safetensorsName(DType dtype) noexcept; // "F32"
[[nodiscard]] std::optional<DType> dtypeFromSafetensors(std::string_view name) noexcept;

} // namespace engine
