#include "engine/models/weights/safetensorswriter.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"

#include <algorithm>
#include <cstring>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += {'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

void check(const TensorView& tensor) {
    std::size_t bytes = dtypeBytes(tensor.dtype);
    for (const std::int64_t size : tensor.shape)
        bytes *= static_cast<std::size_t>(size);
    if (bytes != tensor.bytes)
        throw Error(ErrorKind::BadInput,
                    fmt::format("Tensor {} has {} bytes where its shape needs {}.", tensor.name, tensor.bytes, bytes));
}

// Widest elements first, as the reference writer does, so that every tensor is aligned to its element.
std::vector<const TensorView*> writingOrder(std::span<const TensorView> tensors) {
    std::vector<const TensorView*> order;
    std::set<std::string_view> names;
    for (const TensorView& tensor : tensors) {
        check(tensor);
        if (!names.insert(tensor.name).second)
            throw Error(ErrorKind::BadInput, fmt::format("Two tensors are called {}.", tensor.name));
        order.push_back(&tensor);
    }
    std::stable_sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
        return dtypeBytes(a->dtype) > dtypeBytes(b->dtype);
    });
    return order;
}

std::string makeHeader(const std::vector<const TensorView*>& order,
                       const std::map<std::string, std::string>& metadata) {
    std::vector<std::string> members;
    if (!metadata.empty()) {
        std::vector<std::string> pairs;
        for (const auto& [key, value] : metadata)
            pairs.push_back(quoted(key) + ':' + quoted(value));
        members.push_back(fmt::format("\"__metadata__\":{{{}}}", fmt::join(pairs, ",")));
    }
    std::size_t offset = 0;
    for (const TensorView* tensor : order) {
        members.push_back(fmt::format("{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}",
                                      quoted(tensor->name), safetensorsName(tensor->dtype),
                                      fmt::join(tensor->shape, ","), offset, offset + tensor->bytes));
        offset += tensor->bytes;
    }
    std::string header = fmt::format("{{{}}}", fmt::join(members, ","));
    header.append((8 - header.size() % 8) % 8, ' '); // the data starts at a multiple of 8
    return header;
}

} // namespace

void writeSafetensors(const std::filesystem::path& file, std::span<const TensorView> tensors,
                      const std::map<std::string, std::string>& metadata) {
    const auto order = writingOrder(tensors);
    const std::string header = makeHeader(order, metadata);
    const std::uint64_t length = header.size();
    AtomicFile output(file);
    output.write(&length, sizeof length);
    output.write(header.data(), header.size());
    for (const TensorView* tensor : order)
        output.write(tensor->data, tensor->bytes);
    output.commit();
}

} // namespace engine
