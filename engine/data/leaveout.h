#pragma once

#include <string>
#include <unordered_map>
#include <vector>

namespace engine {

// What the experiment leaves out of its data folder: files, folders and patterns (*, ? and [ ] as in a shell, where *
// also stands for slashes), relative to it. Remembers which of them were met.
class LeaveOut final {
public:
    explicit LeaveOut(const std::vector<std::string>& entries);

    // Whether the file or folder of this path is left out.
    [[nodiscard]] bool takes(const std::string& relative);
    // Entries that took nothing so far, in the order of the experiment.
    [[nodiscard]] std::vector<std::string> unmet() const;

private:
    struct Entry {
        std::string text;
        std::string path; // without a slash at the end
        bool met = false;
    };
    std::vector<Entry> m_entries;
    std::unordered_map<std::string, std::vector<std::size_t>> m_exact; // path → entries
    std::vector<std::size_t> m_patterns;
};

} // namespace engine
