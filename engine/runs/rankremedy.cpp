#include "engine/runs/rankremedy.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kGuardFile = ".guard";
constexpr std::string_view kRemedyFile = "remedy-"; // then what orders them
constexpr std::array kRemedies{std::pair{RankRemedy::End, "end-rank"},
                               std::pair{RankRemedy::KeepWaiting, "keep-waiting"},
                               std::pair{RankRemedy::GoOnWithout, "go-on-without"}};

fs::path madeFolder(const fs::path& runFolder) {
    std::error_code code;
    fs::create_directories(runFolder / "ranks", code);
    return runFolder / "ranks";
}

std::vector<fs::path> remedyFiles(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code))
        if (entry.path().filename().native().starts_with(kRemedyFile))
            files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::optional<RankRequest> requestIn(const fs::path& file) {
    try {
        const json object = json::parse(readFile(file));
        const auto name = object.at("remedy").get<std::string>();
        for (const auto& [remedy, each] : kRemedies)
            if (name == each)
                return RankRequest{remedy, object.value("rank", -1)};
    } catch (const std::exception&) { // taken away meanwhile, or nobody could have written it
        return {};
    }
    return {};
}

} // namespace

const char* rankRemedyName(RankRemedy remedy) noexcept {
    for (const auto& [each, name] : kRemedies)
        if (each == remedy)
            return name;
    return "";
}

void askOfRanks(const fs::path& runFolder, const RankRequest& request) {
    if (!rankGuard(runFolder))
        throw Error(ErrorKind::BadInput,
                    fmt::format("No program of this machine watches ranks of {}.", runFolder.filename().string()),
                    "Ask where they were started; torchrun, mpirun and Slurm end and start theirs themselves.");
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    static std::atomic<unsigned> count = 0; // of a clock that stands still
    writeFileAtomically(runFolder / "ranks" /
                            fmt::format("{}{:020}-{:06}-{}.json", kRemedyFile,
                                        std::chrono::duration_cast<std::chrono::microseconds>(now).count(),
                                        count++ % 1'000'000, getpid()),
                        json{{"remedy", rankRemedyName(request.remedy)}, {"rank", request.rank}}.dump() + "\n",
                        Durable::Later);
}

std::optional<RankGuard> rankGuard(const fs::path& runFolder) {
    const fs::path file = runFolder / "ranks" / kGuardFile;
    if (!FileLock::heldByAnyone(file))
        return {};
    RankGuard guard;
    std::ifstream text(file);
    const json object = json::parse(text, nullptr, false);
    if (!object.is_object())
        return guard; // it is about to say
    guard.ranks = object.value("ranks", guard.ranks);
    guard.patienceSeconds = object.value("patience_seconds", guard.patienceSeconds);
    guard.restartsLeft = object.value("restarts_left", guard.restartsLeft);
    return guard;
}

RankGuardPost::RankGuardPost(const fs::path& runFolder)
    : m_folder(madeFolder(runFolder)), m_lock(m_folder / kGuardFile) {
    if (!m_lock.tryTake())
        throw Error(ErrorKind::BadInput,
                    fmt::format("Another program watches the ranks of {}.", runFolder.filename().string()),
                    "Stop it there first.");
    (void)take();
}

RankGuardPost::~RankGuardPost() = default;

void RankGuardPost::tell(const RankGuard& guard) {
    std::ofstream(m_folder / kGuardFile, std::ios::trunc) << json{{"ranks", guard.ranks},
                                                                  {"patience_seconds", guard.patienceSeconds},
                                                                  {"restarts_left", guard.restartsLeft}}
                                                          << '\n';
}

std::vector<RankRequest> RankGuardPost::take() {
    std::vector<RankRequest> requests;
    std::error_code code;
    for (const fs::path& file : remedyFiles(m_folder)) {
        if (const auto request = requestIn(file))
            requests.push_back(*request);
        fs::remove(file, code);
    }
    return requests;
}

} // namespace engine
