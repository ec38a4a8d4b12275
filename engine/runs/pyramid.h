#pragma once

#include "engine/api/run.h"

#include <array>
#include <cstdint>
#include <vector>

namespace engine {

// Minimum, maximum and sum over every 16, 256, 4096 … values of a growing column, so that any stretch is summed up
// in time that does not depend on its length. NaN and infinities are left out of the three but counted as there.
class Pyramid final {
public:
    void append(float value);
    void truncate(std::size_t size, const std::vector<float>& values);
    // Over values[first, last); `values` is the column that was appended.
    [[nodiscard]] Envelope over(std::size_t first, std::size_t last, const std::vector<float>& values) const;
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    struct Cell {
        float minimum, maximum;
        double sum;
        std::int64_t finite;
        void add(float value);
        void add(const Cell& other);
        static Cell none();
    };
    static constexpr std::size_t kFan = 16;

    std::vector<std::vector<Cell>> m_levels; // level k: one cell per 16^(k+1) values, the last one may be growing
    std::size_t m_size = 0;
};

} // namespace engine
