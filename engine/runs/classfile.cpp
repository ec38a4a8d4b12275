#include "engine/runs/classfile.h"

#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kStepAndTime = 8 + 8;

std::size_t takeOver(const BlockView& block, std::vector<Series>& classes) {
    if (classes.size() < block.count())
        classes.resize(block.count());
    std::size_t added = 0;
    for (std::uint32_t label = 0; label < block.count(); ++label) {
        const auto value = getBytes<float>(block.body() + kStepAndTime + label * sizeof(float));
        if (std::isnan(value))
            continue;
        classes[label].step.push_back(getBytes<std::int64_t>(block.body()));
        classes[label].value.push_back(value);
        classes[label].time.push_back(block.latestTime());
        ++added;
    }
    return added;
}

bool takeBack(std::vector<Series>& classes, std::int64_t lastStep) {
    bool any = false;
    for (Series& series : classes)
        any = takeBack(series, lastStep) || any;
    return any;
}

} // namespace

void ClassFileWriter::append(std::int64_t step, double time, std::span<const double> values) {
    std::string body;
    body.reserve(kStepAndTime + values.size() * sizeof(float));
    putBytes(body, step);
    putBytes(body, time);
    for (const double value : values)
        putBytes(body, static_cast<float>(value));
    m_blocks.write(BlockKind::Classes, static_cast<std::uint32_t>(values.size()), body);
}

SeriesGrowth ClassFileFollower::read(std::vector<Series>& classes) {
    SeriesGrowth growth;
    growth.damagedBlocks = m_blocks.read([&](const BlockView& block) {
        if (block.kind() == BlockKind::Rewind)
            growth.rewound = takeBack(classes, block.rewoundTo()) || growth.rewound;
        else if (block.kind() == BlockKind::Classes)
            growth.added += takeOver(block, classes);
    });
    return growth;
}

std::string classSeries(std::string_view metricSeries, std::string_view className) {
    return fmt::format("{}/{}", metricSeries, className);
}

} // namespace engine
