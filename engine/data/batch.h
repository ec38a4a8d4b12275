#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

enum class FieldType { UInt8, Int64, Float32 };

// What every sample of a set brings under this name: a row of values.
struct FieldSpec {
    std::string name;
    FieldType type = FieldType::Float32;
    std::vector<std::int64_t> shape; // of one sample

    [[nodiscard]] std::size_t rowBytes() const;
};

// The rows of a batch's samples, one behind the other.
struct Field {
    FieldSpec spec;
    std::shared_ptr<std::byte[]> bytes; // 64-byte aligned; goes back to its pool with the last owner
};

// Named values of `count` samples. One thread at a time.
struct Batch {
    std::vector<Field> fields;
    std::vector<std::int64_t> ids; // of the samples in their set
    std::int64_t count = 0;

    [[nodiscard]] const Field& field(std::string_view name) const; // throws Error(Internal) where there is none
};

// Pictures as bytes, N × H × W × 3: what channels-last tensors look like.
inline constexpr std::string_view kPixels = "pixels";

} // namespace engine
