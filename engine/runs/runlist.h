#pragma once

#include "engine/api/run.h"
#include "engine/runs/filestamp.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace engine {

// Lists the runs of a folder and keeps what it read, so that a run that has not changed costs a few looks at its files
// next time. Any thread.
class RunList final {
public:
    // In no order.
    [[nodiscard]] std::vector<RunSummary> read(const std::filesystem::path& runsFolder);

private:
    // By which a change of what is listed is seen.
    struct Signs {
        FileStamp folder, summary, notes, checkpoints;
        bool held = false; // by whoever trains it
        friend bool operator==(const Signs&, const Signs&) = default;
        [[nodiscard]] bool settled() const;
    };
    struct Entry {
        Signs signs;
        RunSummary summary;
        bool lasts = false; // until its signs change
    };
    using EntryPointer = std::shared_ptr<const Entry>;
    using Entries = std::map<std::string, EntryPointer>;

    [[nodiscard]] static Signs signsOf(const std::filesystem::path& run);
    [[nodiscard]] static EntryPointer look(const std::filesystem::path& run, const EntryPointer& known);
    [[nodiscard]] Entries known(const std::filesystem::path& runsFolder);
    void keep(const std::filesystem::path& runsFolder, Entries entries);

    std::mutex m_mutex; // guards what follows
    std::filesystem::path m_folder;
    Entries m_entries; // of the folder listed last
};

} // namespace engine
