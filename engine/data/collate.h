#pragma once

#include "engine/data/batch.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace engine {

// How samples become a batch: each field's rows are stacked, all fields in one buffer. Any thread.
class Stack final {
public:
    Stack(std::vector<FieldSpec> fields, std::int64_t mostRows);

    [[nodiscard]] std::size_t bytes() const { return m_bytes; } // of the buffer
    // Where a sample's row of each field belongs.
    [[nodiscard]] std::vector<std::span<std::byte>> row(std::byte* buffer, std::int64_t row) const;
    // The batch of the rows with good[row] != 0; the gaps of the others are closed. `ids`: one for each row.
    [[nodiscard]] Batch batch(const std::shared_ptr<std::byte[]>& buffer, std::span<const char> good,
                              std::span<const std::int64_t> ids) const;

private:
    std::vector<FieldSpec> m_fields;
    std::vector<std::size_t> m_begins; // in the buffer
    std::size_t m_bytes = 0;
};

} // namespace engine
