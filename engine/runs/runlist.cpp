#include "engine/runs/runlist.h"

#include "engine/api/error.h"
#include "engine/runs/runsummary.h"

#include <utility>

namespace engine {
namespace fs = std::filesystem;

bool RunList::Signs::settled() const {
    return folder.settled() && summary.settled() && notes.settled() && checkpoints.settled();
}

// The lock is asked about last: who takes it afterwards writes a summary.
RunList::Signs RunList::signsOf(const fs::path& run) {
    Signs signs{.folder = stampOf(run),
                .summary = stampOf(run / "summary.json"),
                .notes = stampOf(run / "notes.json"),
                .checkpoints = stampOf(run / "checkpoints")};
    signs.held = RunLock::heldByAnyone(run);
    return signs;
}

// Null: no run. A damaged record is made up from files that have no sign here, so it is read each time.
RunList::EntryPointer RunList::look(const fs::path& run, const EntryPointer& known) {
    Signs signs = signsOf(run);
    if (known && known->signs == signs)
        return known;
    if (!isRun(run))
        return nullptr;
    try {
        RunSummary summary = readRunRecord(run).summary;
        const bool lasts = summary.damage.empty() && signs.settled() && signsOf(run) == signs;
        return std::make_shared<const Entry>(Entry{signs, std::move(summary), lasts});
    } catch (const Error&) {
        return nullptr; // deleted meanwhile
    }
}

RunList::Entries RunList::known(const fs::path& runsFolder) {
    const std::scoped_lock lock(m_mutex);
    return runsFolder == m_folder ? m_entries : Entries();
}

void RunList::keep(const fs::path& runsFolder, Entries entries) {
    const std::scoped_lock lock(m_mutex);
    m_folder = runsFolder;
    m_entries = std::move(entries);
}

std::vector<RunSummary> RunList::read(const fs::path& runsFolder) {
    const Entries before = known(runsFolder);
    Entries now;
    std::vector<RunSummary> result;
    std::error_code code;
    for (const auto& item : fs::directory_iterator(runsFolder, code)) {
        const std::string name = item.path().filename().native();
        if (name.starts_with('.'))
            continue;
        const auto found = before.find(name);
        const EntryPointer entry = look(item.path(), found == before.end() ? nullptr : found->second);
        if (!entry)
            continue;
        result.push_back(entry->summary);
        if (entry->lasts)
            now.emplace(name, entry);
    }
    keep(runsFolder, std::move(now));
    return result;
}

} // namespace engine
