#include "engine/models/weights/dtype.h"

#include <array>

namespace engine {
namespace {

struct DTypeFacts {
    DType dtype;
    std::size_t bytes;
    const char* name;
    const char* safetensors;
};

constexpr std::array kFacts{
    DTypeFacts{DType::Float16, 2, "float16", "F16"}, DTypeFacts{DType::BFloat16, 2, "bfloat16", "BF16"},
    DTypeFacts{DType::Float32, 4, "float32", "F32"}, DTypeFacts{DType::Float64, 8, "float64", "F64"},
    DTypeFacts{DType::Int8, 1, "int8", "I8"},        DTypeFacts{DType::UInt8, 1, "uint8", "U8"},
    DTypeFacts{DType::Int16, 2, "int16", "I16"},     DTypeFacts{DType::Int32, 4, "int32", "I32"},
    DTypeFacts{DType::Int64, 8, "int64", "I64"},     DTypeFacts{DType::Bool, 1, "bool", "BOOL"},
};

const DTypeFacts& factsOf(DType dtype) noexcept { return kFacts[static_cast<std::size_t>(dtype)]; }

} // namespace

std::size_t dtypeBytes(DType dtype) noexcept { return factsOf(dtype).bytes; }
const char* dtypeName(DType dtype) noexcept { return factsOf(dtype).name; }
const char* safetensorsName(DType dtype) noexcept { return factsOf(dtype).safetensors; }

std::optional<DType> dtypeFromSafetensors(std::string_view name) noexcept {
    for (const DTypeFacts& facts : kFacts) {
        if (name == facts.safetensors)
            return facts.dtype;
    }
    return std::nullopt;
}

} // namespace engine
