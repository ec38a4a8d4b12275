#include "engine/data/batch.h"

#include "engine/api/error.h"

#include <algorithm>
#include <fmt/format.h>

namespace engine {
namespace {

std::size_t bytesOf(FieldType type) {
    switch (type) {
    case FieldType::UInt8:
        return 1;
    case FieldType::Int64:
        return 8;
    case FieldType::Float32:
        return 4;
    }
    return 0;
}

} // namespace

std::size_t FieldSpec::rowBytes() const {
    std::size_t bytes = bytesOf(type);
    for (const std::int64_t side : shape)
        bytes *= static_cast<std::size_t>(side);
    return bytes;
}

const Field& Batch::field(std::string_view name) const {
    const auto found = std::ranges::find_if(fields, [&](const Field& field) { return field.spec.name == name; });
    if (found == fields.end())
        throw Error(ErrorKind::Internal, fmt::format("The batch brings no {}.", name));
    return *found;
}

} // namespace engine
