#pragma once

#include "engine/data/batch.h"
#include "engine/data/outage.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

// Reads the samples of a set and transforms them to what a model takes: all that a loader knows of them. Every function
// is called by several threads at once.
class SampleReader {
public:
    virtual ~SampleReader() = default;
    [[nodiscard]] virtual std::int64_t count() const = 0;
    [[nodiscard]] virtual std::vector<FieldSpec> fields() const = 0;
    // Fills the sample's row of each field; the same each time. Throws Error: DataGone where it is away and may be
    // tried again, Stopped where `stop` ended a wait for it, others where the sample itself is damaged.
    virtual void read(std::int64_t id, std::span<const std::span<std::byte>> rows,
                      const std::stop_token& stop) const = 0;
    [[nodiscard]] virtual std::string name(std::int64_t id) const = 0; // as people know it
    [[nodiscard]] virtual Absence absence(std::int64_t id) const = 0;  // why it is away
    [[nodiscard]] virtual std::filesystem::path root() const = 0;      // where all of it lies
};

} // namespace engine
