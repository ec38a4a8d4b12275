#include "engine/runs/seriesfile.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <vector>

namespace engine {
namespace {

constexpr std::size_t kPointBytes = 8 + 4 + 8;

// Disks take names of 255 bytes; a file that is being written has some more than its name.
constexpr std::size_t kLongestStem = 230;
constexpr std::size_t kCutStem = 200;

// No plain name holds the sign.
bool isCut(const std::filesystem::path& file) { return file.stem().native().find('~') != std::string::npos; }
std::filesystem::path nameFile(std::filesystem::path file) { return file.replace_extension(".name"); }

void takeOver(const BlockView& block, Series& series, SeriesGrowth& growth) {
    if (block.kind() == BlockKind::Rewind)
        growth.rewound = takeBack(series, block.rewoundTo()) || growth.rewound;
    if (block.kind() != BlockKind::Points)
        return;
    for (std::uint32_t i = 0; i < block.count(); ++i) {
        const char* point = block.body() + i * kPointBytes;
        series.step.push_back(getBytes<std::int64_t>(point));
        series.value.push_back(getBytes<float>(point + 8));
        series.time.push_back(getBytes<double>(point + 12));
    }
    growth.added += block.count();
}

} // namespace

void SeriesWriter::append(std::span<const SeriesPoint> points) {
    while (!points.empty()) {
        const auto part = points.first(std::min<std::size_t>(points.size(), kMostInBlock));
        std::string body;
        body.reserve(part.size() * kPointBytes);
        for (const SeriesPoint& point : part) {
            putBytes(body, point.step);
            putBytes(body, point.value);
            putBytes(body, point.time);
        }
        m_blocks.write(BlockKind::Points, static_cast<std::uint32_t>(part.size()), body);
        points = points.subspan(part.size());
    }
}

SeriesFollower::Growth SeriesFollower::read(Series& series) {
    Growth growth;
    growth.damagedBlocks = m_blocks.read([&](const BlockView& block) { takeOver(block, series, growth); });
    return growth;
}

bool takeBack(Series& series, std::int64_t lastStep) {
    const auto keep = static_cast<std::size_t>(std::upper_bound(series.step.begin(), series.step.end(), lastStep) -
                                               series.step.begin());
    if (keep == series.step.size())
        return false;
    series.step.resize(keep);
    series.value.resize(keep);
    series.time.resize(keep);
    return true;
}

std::string seriesFileName(std::string_view series, std::string_view extension) {
    std::string result;
    for (const char c : series) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
        if (plain)
            result += c;
        else
            result += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
    if (result.size() <= kLongestStem)
        return result.append(extension);
    std::size_t cut = kCutStem;
    while (cut > 0 && (result[cut - 1] == '%' || (cut > 1 && result[cut - 2] == '%')))
        --cut; // not inside a %XX
    return fmt::format("{}~{:016x}{}", result.substr(0, cut), hashText(series), extension);
}

std::filesystem::path placeOfSeries(const std::filesystem::path& folder, std::string_view series,
                                    std::string_view extension) {
    std::filesystem::path file = folder / seriesFileName(series, extension);
    if (isCut(file))
        writeFileAtomically(nameFile(file), std::string(series));
    return file;
}

std::string seriesNameOf(const std::filesystem::path& file) {
    if (isCut(file)) {
        try {
            return readFile(nameFile(file));
        } catch (const Error&) { // lost on a copy: what is left of the name tells the series apart
        }
    }
    const std::string text = file.stem().string();
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        const char* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() && std::from_chars(digits, digits + 2, code, 16).ptr == digits + 2) {
            result += static_cast<char>(code);
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

} // namespace engine
