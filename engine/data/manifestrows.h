#pragma once

#include "engine/data/leaveout.h"
#include "engine/data/manifestcolumns.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace engine {

// A picture that a table names.
struct ManifestEntry {
    std::string file;                // relative to the table
    std::vector<std::string> labels; // as they stand there
    Part part = Part::None;
};

// What rows were of no use for, counted, with a few of them.
struct RowTrouble {
    std::int64_t rows = 0;
    std::vector<std::string> named;

    void note(const std::string& what);
    [[nodiscard]] std::string words() const;
};

// The rows of a table, a picture once.
struct ManifestRows {
    std::vector<ManifestEntry> entries;
    std::int64_t rows = 0;
    RowTrouble missing, withoutLabel, contradicting;
    std::map<std::string, std::int64_t> missingOf;  // label → rows
    std::map<std::string, std::int64_t> otherParts; // as the table calls them → rows
    std::string folder;                             // that its names leave out
    bool severalInACell = false;
};

// Reads a table once. One thread.
class ManifestReader final {
public:
    // `exclusive`: a picture has one class. Throws Error(NotFound | BadInput).
    ManifestReader(const std::filesystem::path& file, const DataSettings& settings, LeaveOut& leaveOut, bool exclusive);

    // `part`: of all rows; None: as the table says.
    [[nodiscard]] ManifestRows read(Part part);
    [[nodiscard]] bool saysParts() const { return m_columns.split.has_value(); }

private:
    [[nodiscard]] std::vector<std::string> examples() const;
    [[nodiscard]] Part partOfRow(std::span<const std::string> cells) const;
    void take(std::span<const std::string> cells, Part part);

    TableFile m_table;
    ManifestColumns m_columns;
    PictureFinder m_finder;
    const DataSettings& m_settings;
    LeaveOut& m_leaveOut;
    bool m_exclusive;
    ManifestRows m_rows;
    std::unordered_map<std::string, std::size_t> m_known; // file → entry
};

} // namespace engine
