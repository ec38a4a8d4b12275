#include "engine/models/weights/limits.h"
#include "engine/models/weights/weightsfile.h"

namespace engine {

void refuseWeights(const std::string& message, const std::string& remedy) {
    throw Error(ErrorKind::BadWeights, message, remedy);
}

std::int64_t StoredTensor::elements() const noexcept {
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
        count *= size;
    return count;
}

bool StoredTensor::contiguous() const noexcept {
    std::int64_t expected = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
        if (shape[i] != 1 && strides[i] != expected)
            return elements() == 0;
        expected *= shape[i];
    }
    return true;
}

} // namespace engine
