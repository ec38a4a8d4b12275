#include "engine/runs/pyramid.h"

#include <algorithm>
#include <cmath>

namespace engine {

Pyramid::Cell Pyramid::Cell::none() {
    return {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), 0.0, 0};
}

void Pyramid::Cell::add(float value) {
    if (!std::isfinite(value))
        return;
    minimum = std::min(minimum, value);
    maximum = std::max(maximum, value);
    sum += value;
    ++finite;
}

void Pyramid::Cell::add(const Cell& other) {
    minimum = std::min(minimum, other.minimum);
    maximum = std::max(maximum, other.maximum);
    sum += other.sum;
    finite += other.finite;
}

void Pyramid::append(float value) {
    std::size_t width = kFan;
    for (std::size_t level = 0; level == 0 || m_size >= width / kFan; ++level, width *= kFan) {
        if (level == m_levels.size()) {
            m_levels.emplace_back();
            // A new level begins with what the one below has gathered so far.
            if (level > 0) {
                Cell first = Cell::none();
                for (const Cell& cell : m_levels[level - 1])
                    first.add(cell);
                m_levels[level].push_back(first);
                continue;
            }
        }
        if (m_size / width == m_levels[level].size())
            m_levels[level].push_back(Cell::none());
        m_levels[level].back().add(value);
    }
    ++m_size;
}

void Pyramid::truncate(std::size_t size, const std::vector<float>& values) {
    m_levels.clear();
    m_size = 0;
    for (std::size_t i = 0; i < size; ++i)
        append(values[i]);
}

Envelope Pyramid::over(std::size_t first, std::size_t last, const std::vector<float>& values) const {
    Cell total = Cell::none();
    std::size_t at = first;
    while (at < last) {
        // The largest aligned block that begins here and ends within the stretch.
        std::size_t width = 1;
        std::size_t level = 0;
        while (level < m_levels.size() && at % (width * kFan) == 0 && at + width * kFan <= last) {
            width *= kFan;
            ++level;
        }
        if (level == 0)
            total.add(values[at]);
        else
            total.add(m_levels[level - 1][at / width]);
        at += width;
    }
    Envelope result;
    result.count = static_cast<std::int64_t>(last - first);
    if (total.finite > 0) {
        result.minimum = total.minimum;
        result.maximum = total.maximum;
        result.mean = static_cast<float>(total.sum / static_cast<double>(total.finite));
    }
    return result;
}

} // namespace engine
