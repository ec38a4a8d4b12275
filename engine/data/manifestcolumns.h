#pragma once

#include "engine/api/experiment.h"
#include "engine/data/foldername.h"
#include "engine/data/tablefile.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace engine {

// Finds the pictures that a table names; what is there is asked of each folder once.
class PictureFinder final {
public:
    // Finds out from `examples` in which folder beside the table its names begin, and which ending they lack.
    PictureFinder(std::filesystem::path root, std::span<const std::string> examples);

    // Relative to the root, or absolute as it was given; nothing where it is not there.
    [[nodiscard]] std::optional<std::string> find(const std::string& name);
    [[nodiscard]] const std::string& folder() const { return m_folder; } // that the names leave out; empty: none
    [[nodiscard]] std::size_t found() const { return m_found; }          // of the examples

private:
    [[nodiscard]] bool isThere(const std::filesystem::path& file);
    [[nodiscard]] bool fit(std::span<const std::string> names, const std::vector<std::string>& folders);

    std::filesystem::path m_root;
    std::string m_folder;
    std::string m_ending;
    std::size_t m_found = 0;
    std::unordered_map<std::string, std::unordered_set<std::string>> m_listings; // folder → names
};

// What stands where in a table of pictures.
struct ManifestColumns {
    std::size_t file = 0;
    std::vector<std::size_t> labels; // one with names, or one for each label with 0 and 1
    bool oneForEach = false;         // the latter
    std::optional<std::size_t> split;
    std::string separators; // of several labels in one cell; empty: a cell is one label
};

// As the settings name them, else by their names and by what stands in the first rows. Throws Error(BadInput) that
// names the columns that are there.
[[nodiscard]] ManifestColumns findColumns(const TableFile& table, const DataSettings& settings,
                                          const std::filesystem::path& root);
// A row's labels as they stand there, without those that are empty.
[[nodiscard]] std::vector<std::string> labelsIn(std::span<const std::string> cells, const ManifestColumns& columns,
                                                const std::vector<std::string>& names);
// The part that a cell of the split's column says: train, val, test; of a column "is_valid" true and false.
[[nodiscard]] Part partIn(const std::string& cell, const std::string& column);

} // namespace engine
