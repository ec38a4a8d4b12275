#include "engine/api/error.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/base/nearest.h"
#include "engine/runs/labels.h"
#include "engine/runs/makerun.h"
#include "engine/runs/runlist.h"
#include "engine/runs/runname.h"
#include "engine/runs/runsummary.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr auto kStagingLasts = std::chrono::hours(1); // it takes milliseconds

[[noreturn]] void failToMake(const fs::path& folder, const std::error_code& code) {
    throw Error(code.value() == ENOSPC ? ErrorKind::DiskFull : ErrorKind::BadInput,
                fmt::format("The folder {} could not be made: {}.", folder.string(), code.message()),
                "Choose another project folder or free some space.");
}

// What a program that was killed while it made a run has left.
void removeOldStaging(const fs::path& runsFolder) {
    removeLeftOvers(runsFolder, [](const fs::path& file) {
        std::error_code code;
        const auto written = fs::last_write_time(file, code);
        return !code && fs::file_time_type::clock::now() - written > kStagingLasts;
    });
}

void makeFolders(const fs::path& folder) {
    std::error_code code;
    fs::create_directories(folder, code);
    if (code)
        failToMake(folder, code);
}

void fillRun(const Experiment& experiment, const fs::path& staging) {
    writeExperiment(experiment, staging / "experiment.toml");
    copyLabelChanges(experiment, staging);
    RunRecord record;
    record.summary.name = experiment.name;
    record.summary.epochs = experiment.train.epochs;
    writeFileAtomically(staging / "summary.json", toJson(record));
}

[[noreturn]] void refuse(const fs::path& folder) {
    if (isRun(folder))
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} holds a run already{}.", folder.string(),
                                RunLock::heldByAnyone(folder) ? ", which is being trained" : ""),
                    "Give a new folder, or resume that run with --resume.");
    throw Error(ErrorKind::BadInput, fmt::format("{} is not empty.", folder.string()),
                "Give a folder that is new or empty.");
}

} // namespace

fs::path createRun(const Experiment& experiment, const fs::path& wanted) { return makeRun(experiment, wanted, {}); }

fs::path makeRun(const Experiment& experiment, const fs::path& wanted,
                 const std::function<void(const fs::path& staging)>& fill) {
    const fs::path runsFolder = expandHome(wanted);
    makeFolders(runsFolder);
    removeOldStaging(runsFolder);
    std::error_code code;
    const std::string stem = runFolderName(experiment.name, static_cast<double>(std::time(nullptr)));
    fs::path folder = runsFolder / stem;
    // Making the folder claims its name, also against other processes that start in the same second.
    for (int number = 2; !fs::create_directory(folder, code) && !code; ++number)
        folder = runsFolder / fmt::format("{}-{}", stem, number);
    if (code)
        failToMake(folder, code);
    AtomicFolder made(folder);
    fillRun(experiment, made.staging());
    if (fill)
        fill(made.staging());
    made.commit();
    return folder;
}

std::string whyNoRuns(const fs::path& wanted) {
    const fs::path runsFolder = fs::absolute(expandHome(wanted)).lexically_normal();
    fs::path there = runsFolder; // or what of it there is
    std::error_code code;
    while (!fs::exists(there, code) && there.has_relative_path())
        there = there.parent_path();
    if (!fs::is_directory(there, code))
        return fmt::format("{} is no folder.", there.string());
    if (access(there.c_str(), W_OK | X_OK) == 0)
        return {};
    return errno == EROFS ? fmt::format("{} lies on a disk that can only be read.", runsFolder.string())
                          : fmt::format("{} may not be written to.", there.string());
}

fs::path requireFree(const fs::path& wanted) {
    fs::path folder = fs::absolute(expandHome(wanted)).lexically_normal();
    if (!folder.has_filename())
        folder = folder.parent_path();
    std::error_code code;
    if (fs::exists(folder, code) && !(fs::is_directory(folder, code) && fs::is_empty(folder, code)))
        refuse(folder);
    return folder;
}

fs::path createRunAt(const Experiment& experiment, const fs::path& wanted) {
    const fs::path folder = requireFree(wanted);
    std::error_code code;
    makeFolders(folder.parent_path());
    AtomicFolder made(folder);
    fillRun(experiment, made.staging());
    try {
        made.commitNew();
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::BadInput && fs::exists(folder, code))
            refuse(folder);
        throw;
    }
    return folder;
}

std::vector<RunSummary> listRuns(const fs::path& runsFolder) {
    static RunList list; // a window asks once a second
    std::vector<RunSummary> result = list.read(expandHome(runsFolder));
    std::sort(result.begin(), result.end(), [](const RunSummary& a, const RunSummary& b) { return a.id > b.id; });
    return result;
}

void deleteRun(const fs::path& runFolder) {
    if (RunLock::heldByAnyone(runFolder))
        throw Error(ErrorKind::BadInput, fmt::format("{} is being trained.", runFolder.filename().string()),
                    "Stop it first.");
    (void)readRunRecord(runFolder); // only ever a run
    std::error_code code;
    fs::remove_all(runFolder, code);
    if (code)
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} could not be deleted: {}.", runFolder.string(), code.message()),
                    "Check the folder's permissions.");
}

fs::path findRun(const std::string& what, const fs::path& folder) {
    const fs::path runsFolder = expandHome(folder);
    if (const fs::path path = expandHome(what); isRun(path))
        return fs::absolute(path).lexically_normal();
    const auto runs = listRuns(runsFolder);
    for (const RunSummary& run : runs)
        if (run.id == what)
            return run.folder;
    for (const RunSummary& run : runs)
        if (run.name == what)
            return run.folder;
    std::vector<std::string> names;
    for (const RunSummary& run : runs)
        names.push_back(run.id);
    throw Error(ErrorKind::NotFound, fmt::format("There is no run “{}” in {}.", what, runsFolder.string()),
                names.empty() ? "Train an experiment first."
                              : fmt::format("Near names are {}.", fmt::join(nearestNames(what, names), ", ")));
}

} // namespace engine
