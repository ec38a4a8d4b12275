#include "engine/data/collate.h"

#include <algorithm>

namespace engine {
namespace {

constexpr std::size_t kAlignment = 64;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

} // namespace

Stack::Stack(std::vector<FieldSpec> fields, std::int64_t mostRows) : m_fields(std::move(fields)) {
    for (const FieldSpec& field : m_fields) {
        m_begins.push_back(m_bytes);
        m_bytes += aligned(field.rowBytes() * static_cast<std::size_t>(mostRows));
    }
}

std::vector<std::span<std::byte>> Stack::row(std::byte* buffer, std::int64_t row) const {
    std::vector<std::span<std::byte>> result;
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        const std::size_t bytes = m_fields[i].rowBytes();
        result.emplace_back(buffer + m_begins[i] + static_cast<std::size_t>(row) * bytes, bytes);
    }
    return result;
}

Batch Stack::batch(const std::shared_ptr<std::byte[]>& buffer, std::span<const char> good,
                   std::span<const std::int64_t> ids) const {
    Batch batch;
    for (std::size_t row = 0; row < good.size(); ++row) {
        if (good[row] == 0)
            continue;
        if (static_cast<std::int64_t>(row) != batch.count) {
            const auto from = this->row(buffer.get(), static_cast<std::int64_t>(row));
            const auto to = this->row(buffer.get(), batch.count);
            for (std::size_t i = 0; i < from.size(); ++i)
                std::ranges::copy(from[i], to[i].begin());
        }
        batch.ids.push_back(ids[row]);
        ++batch.count;
    }
    for (std::size_t i = 0; i < m_fields.size(); ++i)
        batch.fields.push_back({m_fields[i], {buffer, buffer.get() + m_begins[i]}});
    return batch;
}

} // namespace engine
