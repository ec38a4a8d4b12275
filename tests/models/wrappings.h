#pragma once

#include "tests/models/torchfiles.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace tests {

// A tensor that a file is to hold; contiguous.
struct NamedTensor {
    std::string name;
    std::vector<std::int32_t> shape;
    std::string bytes;
    bool integers = false; // int64, else float32
};

// Collects the storages of a file while its pickle is written.
class Storages final {
public:
    std::string tensor(const NamedTensor& one) {
        const std::string key = std::to_string(m_entries.size());
        m_entries.emplace_back("archive/data/" + key, one.bytes);
        const auto count = static_cast<std::int32_t>(one.bytes.size() / (one.integers ? 8 : 4));
        return tests::tensor(storage(one.integers ? "LongStorage" : "FloatStorage", key, count), 0, one.shape,
                             stridesOf(one.shape));
    }
    std::string zip(const std::string& object) const {
        auto entries = m_entries;
        entries.insert(entries.begin(), {"archive/data.pkl", pickle(object)});
        return tests::zip(entries);
    }

private:
    static std::vector<std::int32_t> stridesOf(const std::vector<std::int32_t>& shape) {
        std::vector<std::int32_t> strides(shape.size(), 1);
        for (std::size_t i = shape.size(); i-- > 1;)
            strides[i - 1] = strides[i] * shape[i];
        return strides;
    }
    std::vector<std::pair<std::string, std::string>> m_entries;
};

inline std::string bytesOf(std::string_view bytes) {
    return 'B' + little(static_cast<std::uint32_t>(bytes.size())).append(bytes);
}

// As pickle writes an array of NumPy.
inline std::string array(const NamedTensor& one) {
    std::string shape;
    for (const std::int32_t size : one.shape)
        shape += integer(size);
    const std::string format = global("numpy", "dtype") + tuple(text(one.integers ? "i8" : "f4") + "\x89\x88") + 'R' +
                               tuple(integer(3) + text("<") + "NNN" + integer(-1) + integer(-1) + integer(0)) + 'b';
    return global("numpy.core.multiarray", "_reconstruct") +
           tuple(global("numpy", "ndarray") + tuple(integer(0)) + bytesOf("b")) + 'R' +
           tuple(integer(1) + tuple(shape) + format + "\x89" + bytesOf(one.bytes)) + 'b';
}

// A torch module saved whole, of a class that only its author has.
inline std::string module(const std::vector<NamedTensor>& tensors, Storages& storages) {
    std::vector<std::pair<std::string, std::string>> parameters, buffers;
    std::vector<std::string> order;
    std::map<std::string, std::vector<NamedTensor>> children;
    for (const NamedTensor& one : tensors) {
        const std::size_t dot = one.name.find('.');
        if (dot == std::string::npos) {
            const bool buffer = one.integers || one.name.starts_with("running_");
            (buffer ? buffers : parameters).emplace_back(one.name, storages.tensor(one));
            continue;
        }
        const std::string child = one.name.substr(0, dot);
        if (!children.contains(child))
            order.push_back(child);
        NamedTensor inner = one;
        inner.name.erase(0, dot + 1);
        children[child].push_back(inner);
    }
    std::vector<std::pair<std::string, std::string>> modules;
    for (const std::string& child : order)
        modules.emplace_back(child, module(children[child], storages));
    return global("my.package.networks", "Block") + ")\x81" +
           dict({{"training", "\x88"},
                 {"_parameters", dict(parameters)},
                 {"_buffers", dict(buffers)},
                 {"_modules", dict(modules)},
                 {"activation", global("torch._C._nn", "gelu")}}) +
           'b';
}

} // namespace tests
