#include "engine/models/weights/limits.h"
#include "engine/models/weights/weightsfile.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine {

namespace {

// Bytes of the UTF-8 character that `text` starts with; 0 where it starts with none.
std::size_t characterBytes(std::string_view text) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80    ? 1
                               : first >= 0xf5 ? 0
                               : first >= 0xf0 ? 4
                               : first >= 0xe0 ? 3
                               : first >= 0xc2 ? 2
                                               : 0;
    if (length == 0 || length > text.size())
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80)
            return 0;
    return length;
}

// The beginning and the end say enough.
std::string shortened(const std::string& message) {
    constexpr std::size_t kHead = 400, kTail = 120;
    if (message.size() <= kHead + kTail)
        return message;
    const auto betweenCharacters = [&message](std::size_t at) {
        while ((static_cast<unsigned char>(message[at]) & 0xc0) == 0x80)
            ++at;
        return at;
    };
    return message.substr(0, betweenCharacters(kHead)) + " … " +
           message.substr(betweenCharacters(message.size() - kTail));
}

} // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto first = static_cast<unsigned char>(text.front());
        const std::size_t length = first < 0x20 || first == 0x7f ? 0 : characterBytes(text);
        if (length == 0)
            out += fmt::format("\\x{:02x}", first);
        out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

void refuseWeights(const std::string& message, const std::string& remedy) {
    throw Error(ErrorKind::BadWeights, shortened(printable(message)), remedy);
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
