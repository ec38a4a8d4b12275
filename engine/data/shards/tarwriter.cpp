#include "engine/data/shards/tarwriter.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kTarBlock = 512, kTarRecord = 20 * kTarBlock; // tar fills its last record
constexpr std::size_t kLongestName = 100;
using TarHeader = std::array<char, kTarBlock>;

void putField(TarHeader& header, std::size_t place, std::string_view text) {
    std::ranges::copy(text, header.begin() + static_cast<std::ptrdiff_t>(place));
}

} // namespace

void TarWriter::put(std::string_view bytes) {
    m_write(bytes);
    m_bytes += bytes.size();
}

void TarWriter::add(const std::string& name, std::string_view content) {
    assert(name.size() <= kLongestName);
    TarHeader header{};
    putField(header, 0, name);
    putField(header, 100, "0000644");
    putField(header, 108, "0000000");
    putField(header, 116, "0000000");
    putField(header, 124, fmt::format("{:011o}", content.size()));
    putField(header, 136, "00000000000"); // 1970: another time would be another tar
    putField(header, 148, "        ");
    putField(header, 156, "0");
    putField(header, 257, std::string_view("ustar\00000", 8));
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    putField(header, 148, fmt::format("{:06o}", sum));
    header[154] = '\0';
    put({header.data(), header.size()});
    put(content);
    const std::size_t rest = content.size() % kTarBlock;
    put(std::string(rest == 0 ? 0 : kTarBlock - rest, '\0'));
}

void TarWriter::finish() {
    put(std::string(2 * kTarBlock, '\0'));
    if (const std::size_t rest = m_bytes % kTarRecord; rest != 0)
        put(std::string(kTarRecord - rest, '\0'));
}

} // namespace engine
