#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tests {

// Builds files as torch.save and safetensors write them, byte by byte, so that a test can bend every one of them.

template <typename Number>
std::string little(Number number) {
    return {reinterpret_cast<const char*>(&number), sizeof number};
}

inline std::string text(std::string_view words) {
    return 'X' + little(static_cast<std::uint32_t>(words.size())).append(words);
}
inline std::string integer(std::int32_t number) { return 'J' + little(number); }
inline std::string global(std::string_view module, std::string_view name) {
    return std::string("c").append(module).append("\n").append(name).append("\n");
}
inline std::string tuple(std::string_view items) { return std::string("(").append(items).append("t"); }
inline std::string pickle(std::string_view body) { return std::string("\x80\x02").append(body).append("."); }

inline std::string storage(std::string_view type, std::string_view key, std::int32_t elements) {
    return tuple(text("storage") + global("torch", type) + text(key) + text("cuda:3") + integer(elements)) + 'Q';
}
// A tensor of the given shape and strides over a storage.
inline std::string tensor(std::string_view storageReference, std::int32_t offset,
                          const std::vector<std::int32_t>& shape, const std::vector<std::int32_t>& strides) {
    std::string sizes, steps;
    for (const std::int32_t size : shape)
        sizes += integer(size);
    for (const std::int32_t stride : strides)
        steps += integer(stride);
    const std::string hooks = global("collections", "OrderedDict") + ")R";
    return global("torch._utils", "_rebuild_tensor_v2") +
           tuple(std::string(storageReference) + integer(offset) + tuple(sizes) + tuple(steps) + "\x89" + hooks) + 'R';
}
inline std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
    std::string out = "}(";
    for (const auto& [key, value] : items)
        out += text(key) + value;
    return out + 'u';
}

// Entries stored without compression; `method` other than 0 only claims one.
inline std::string zip(const std::vector<std::pair<std::string, std::string>>& entries, std::uint16_t method = 0) {
    std::string out, directory;
    for (const auto& [name, bytes] : entries) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        const auto nameSize = static_cast<std::uint16_t>(name.size());
        const std::string common = little(std::uint16_t{0}) + little(method) + little(std::uint32_t{0}) +
                                   little(std::uint32_t{0}) + little(size) + little(size) + little(nameSize) +
                                   little(std::uint16_t{0});
        directory += "PK\1\2" + little(std::uint32_t{20 | 20 << 16}) + common + std::string(10, '\0') +
                     little(static_cast<std::uint32_t>(out.size())) + name;
        out += "PK\3\4" + little(std::uint16_t{20}) + common + name + bytes;
    }
    const auto count = static_cast<std::uint16_t>(entries.size());
    const auto at = static_cast<std::uint32_t>(out.size());
    return out + directory + "PK\5\6" + little(std::uint32_t{0}) + little(count) + little(count) +
           little(static_cast<std::uint32_t>(directory.size())) + little(at) + little(std::uint16_t{0});
}

inline std::string floats(const std::vector<float>& values) {
    return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

inline std::string safetensors(std::string_view header, std::string_view data) {
    return little(static_cast<std::uint64_t>(header.size())).append(header).append(data);
}

// pickle(magic), pickle(protocol), pickle(machine), pickle(object), pickle(keys), storages
inline std::string legacy(std::string_view object, const std::vector<std::pair<std::string, std::string>>& storages,
                          std::size_t elementBytes) {
    using namespace std::string_literals;
    std::string keys = "](", data;
    for (const auto& [key, bytes] : storages) {
        keys += text(key);
        data += little(static_cast<std::uint64_t>(bytes.size() / elementBytes)) + bytes;
    }
    return pickle("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"s) + pickle(integer(1001)) + pickle("}"s) +
           pickle(object) + pickle(keys + 'e') + data;
}

} // namespace tests
