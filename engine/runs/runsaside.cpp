#include "engine/api/error.h"
#include "engine/api/run.h"
#include "engine/runs/runsummary.h"

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr const char* kAside = ".deleted"; // lists pass over what begins with a point

fs::path asideOf(const fs::path& runFolder) { return runFolder.parent_path() / kAside / runFolder.filename(); }

void move(const fs::path& from, const fs::path& to) {
    std::error_code code;
    fs::create_directories(to.parent_path(), code);
    if (!code)
        fs::rename(from, to, code);
    if (code)
        throw Error(ErrorKind::BadInput, fmt::format("{} could not be moved: {}.", from.string(), code.message()),
                    "Check the folder's permissions.");
}

} // namespace

void putRunAside(const fs::path& runFolder) {
    if (RunLock::heldByAnyone(runFolder))
        throw Error(ErrorKind::BadInput, fmt::format("{} is being trained.", runFolder.filename().string()),
                    "Stop it first.");
    (void)readRunRecord(runFolder); // only ever a run
    const fs::path aside = asideOf(runFolder);
    std::error_code code;
    fs::remove_all(aside, code); // one of the same name was deleted before
    move(runFolder, aside);
    fs::last_write_time(aside, fs::file_time_type::clock::now(), code); // since when it lies there
}

void bringRunBack(const fs::path& runFolder) {
    const fs::path aside = asideOf(runFolder);
    std::error_code code;
    if (!fs::exists(aside, code))
        throw Error(ErrorKind::NotFound, fmt::format("{} is deleted for good.", runFolder.filename().string()));
    if (fs::exists(runFolder, code))
        throw Error(ErrorKind::BadInput, fmt::format("There is a {} again.", runFolder.string()),
                    fmt::format("What was deleted still lies in {}.", aside.string()));
    move(aside, runFolder);
    fs::remove(aside.parent_path(), code); // where it was the last
}

void emptyRunsAside(const fs::path& runsFolder, std::chrono::seconds ago) {
    std::error_code code;
    const auto now = fs::file_time_type::clock::now();
    for (const auto& item : fs::directory_iterator(runsFolder / kAside, code)) {
        const auto since = fs::last_write_time(item.path(), code);
        if (!code && now - since >= ago)
            fs::remove_all(item.path(), code);
    }
    fs::remove(runsFolder / kAside, code); // where nothing is left in it
}

} // namespace engine
