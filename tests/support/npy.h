#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace tests {

// A float32 array as numpy.save writes it (version 1, little-endian, row-major).
struct NumpyArray {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

inline NumpyArray readNumpy(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
    const auto fail = [&file](const char* what) { throw std::runtime_error(file.string() + ": " + what); };
    if (bytes.size() < 10 || bytes.compare(1, 5, "NUMPY") != 0)
        fail("no numpy array");
    std::uint16_t headerBytes = 0;
    std::memcpy(&headerBytes, bytes.data() + 8, sizeof headerBytes);
    const std::string header = bytes.substr(10, headerBytes);
    if (header.find("'<f4'") == std::string::npos || header.find("'fortran_order': False") == std::string::npos)
        fail("not float32 in row-major order");

    NumpyArray array;
    std::size_t at = header.find("'shape': (") + 10;
    std::size_t count = 1;
    while (header[at] != ')') {
        std::size_t used = 0;
        array.shape.push_back(std::stoll(header.substr(at), &used));
        count *= static_cast<std::size_t>(array.shape.back());
        at = header.find_first_not_of(", ", at + used);
    }
    if (bytes.size() != 10 + headerBytes + count * sizeof(float))
        fail("shape and size differ");
    array.values.resize(count);
    std::memcpy(array.values.data(), bytes.data() + 10 + headerBytes, count * sizeof(float));
    return array;
}

} // namespace tests
