#include "engine/api/queue.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/runs/queueorder.h"
#include "engine/runs/runsummary.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <utility>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int kVersion = 1;
constexpr const char* kQueueFile = "queue.json";
constexpr const char* kFileLock = ".queue.lock";     // while the file is changed
constexpr const char* kRunnerLock = ".queue.runner"; // as long as somebody trains what waits; says who

auto findWaiting(QueueState& queue, const std::string& id) {
    return std::ranges::find(queue.waiting, id, &QueuedRun::id);
}

json toJson(const QueuedRun& run) {
    json changes = json::array();
    for (const ChangedSetting& change : run.changes)
        changes.push_back({{"key", change.key}, {"value", change.value}});
    json object = {{"run", utf8FromBytes(run.id())}, {"changes", changes}, {"about_seconds", run.aboutSeconds}};
    if (run.notBefore > 0)
        object["not_before"] = run.notBefore;
    if (!run.devices.empty())
        object["devices"] = run.devices;
    return object;
}

QueuedRun runIn(const json& object, const fs::path& runsFolder) {
    const fs::path name = bytesFromUtf8(object.at("run").get<std::string>());
    QueuedRun run{.folder = runsFolder / name.filename(), .changes = {}, .aboutSeconds = 0};
    for (const json& change : object.value("changes", json::array()))
        run.changes.push_back({change.at("key").get<std::string>(), change.at("value").get<std::string>()});
    run.aboutSeconds = object.value("about_seconds", 0.0);
    run.notBefore = object.value("not_before", 0.0);
    run.devices = object.value("devices", std::vector<std::string>());
    return run;
}

QueueState queueIn(const json& object, const fs::path& runsFolder) {
    QueueState queue;
    if (const auto training = object.find("training"); training != object.end() && training->is_object())
        queue.running.push_back(runIn(*training, runsFolder)); // as earlier versions wrote the only one
    for (const json& run : object.value("running", json::array()))
        queue.running.push_back(runIn(run, runsFolder));
    queue.held = object.value("held", false);
    for (const json& run : object.at("waiting"))
        queue.waiting.push_back(runIn(run, runsFolder));
    return queue;
}

QueueState readQueue(const fs::path& runsFolder) {
    const fs::path file = runsFolder / kQueueFile;
    std::error_code code;
    if (!fs::exists(file, code))
        return {};
    try {
        const json object = json::parse(readFile(file));
        if (object.at("version").get<int>() > kVersion)
            throw Error(ErrorKind::BadInput, fmt::format("{} was written by a later version of Thaw.", file.string()),
                        "Use that version.");
        return queueIn(object, runsFolder);
    } catch (const json::exception&) {
        throw Error(ErrorKind::BadInput, fmt::format("{} is damaged.", file.string()),
                    "Delete it: the runs stay, and can be queued anew.");
    }
}

void writeQueue(const QueueState& queue, const fs::path& runsFolder) {
    json waiting = json::array();
    for (const QueuedRun& run : queue.waiting)
        waiting.push_back(toJson(run));
    json object = {{"version", kVersion}, {"waiting", waiting}};
    for (const QueuedRun& run : queue.running)
        object["running"].push_back(toJson(run));
    if (queue.held)
        object["held"] = true;
    writeFileAtomically(runsFolder / kQueueFile, object.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

// What is left to do of a run whose trainer is gone: nothing where it ended before.
std::optional<QueuedRun> leftOver(QueuedRun run) {
    if (!isRun(run.folder) || RunLock::heldByAnyone(run.folder))
        return {};
    const RunState state = readRunRecord(run.folder).summary.state;
    if (state == RunState::Interrupted)
        run.changes.clear(); // it has taken them
    const bool over = state != RunState::Interrupted && state != RunState::Queued && run.changes.empty();
    return over ? std::nullopt : std::optional(std::move(run));
}

void waitAgain(QueueState& queue, QueuedRun run) {
    run.devices.clear();
    if (findWaiting(queue, run.id()) == queue.waiting.end())
        queue.waiting.insert(queue.waiting.begin(), std::move(run));
}

// Whoever trained is gone: what he had waits again, before all others.
QueueState withoutTrainer(QueueState queue) {
    auto running = std::exchange(queue.running, {});
    std::ranges::reverse(running);
    for (QueuedRun& run : running)
        if (auto left = leftOver(std::move(run)))
            waitAgain(queue, std::move(*left));
    return queue;
}

// As it stands for others.
QueueState settled(const fs::path& runsFolder) {
    QueueState queue = readQueue(runsFolder);
    if (queue.running.empty() || FileLock::heldByAnyone(runsFolder / kRunnerLock))
        return queue;
    return withoutTrainer(std::move(queue));
}

void edit(const fs::path& runsFolder, const std::function<void(QueueState&)>& change) {
    FileLock lock(runsFolder / kFileLock);
    lock.take();
    QueueState queue = settled(runsFolder);
    change(queue);
    writeQueue(queue, runsFolder);
}

void add(QueueState& queue, const QueuedRun& run) {
    if (const auto found = findWaiting(queue, run.id()); found != queue.waiting.end())
        *found = run;
    else
        queue.waiting.push_back(run);
}

bool canBeTrained(const QueuedRun& run) { return isRun(run.folder) && !RunLock::heldByAnyone(run.folder); }

// Takes the run's GPUs, as the queue chose them. False: another program was faster, which `machine` then shows.
bool claim(const QueueChoice& choice, const fs::path& run, GpuMachine& machine, DeviceClaims& claims) {
    for (const std::string& device : choice.devices) {
        const auto gpu = std::ranges::find(machine.gpus, device, &GpuState::id);
        if (gpu == machine.gpus.end() || claims.take(gpu->id, gpu->address, run))
            continue;
        gpu->takenFor = "of another program";
        claims = DeviceClaims();
        return false;
    }
    return true;
}

double clockNow() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

} // namespace

QueueState queueState(const fs::path& runsFolder) {
    QueueState queue = settled(expandHome(runsFolder));
    for (auto* runs : {&queue.running, &queue.waiting})
        std::erase_if(*runs, [](const QueuedRun& run) { return !isRun(run.folder); });
    return queue;
}

std::vector<QueuedRun> queuedRuns(const fs::path& runsFolder) { return queueState(runsFolder).waiting; }

void addToQueue(const QueuedRun& run) { addToQueue(std::vector{run}); }

void addToQueue(const std::vector<QueuedRun>& runs) {
    if (!runs.empty())
        edit(runs.front().folder.parent_path(), [&runs](QueueState& queue) {
            for (const QueuedRun& run : runs)
                add(queue, run);
        });
}

bool takeOutOfQueue(const fs::path& runsFolder, const std::string& id) {
    bool waited = false;
    edit(runsFolder, [&](QueueState& queue) {
        waited = std::erase_if(queue.waiting, [&id](const QueuedRun& run) { return run.id() == id; }) > 0;
    });
    return waited;
}

bool moveInQueue(const fs::path& runsFolder, const std::string& id, std::size_t place) {
    bool waits = false;
    edit(runsFolder, [&](QueueState& queue) {
        const auto found = findWaiting(queue, id);
        waits = found != queue.waiting.end();
        if (!waits)
            return;
        QueuedRun run = std::move(*found);
        queue.waiting.erase(found);
        const std::size_t to = std::min(place, queue.waiting.size());
        queue.waiting.insert(queue.waiting.begin() + static_cast<std::ptrdiff_t>(to), std::move(run));
    });
    return waits;
}

bool setStartTime(const fs::path& runsFolder, const std::string& id, double notBefore) {
    bool waits = false;
    edit(runsFolder, [&](QueueState& queue) {
        const auto found = findWaiting(queue, id);
        waits = found != queue.waiting.end();
        if (waits)
            found->notBefore = notBefore;
    });
    return waits;
}

void pauseQueue(const fs::path& runsFolder, QueuePause pause) {
    edit(runsFolder, [pause](QueueState& queue) { queue.held = pause == QueuePause::Held; });
}

std::string whoRunsQueue(const fs::path& runsFolder) {
    const fs::path file = expandHome(runsFolder) / kRunnerLock;
    if (!FileLock::heldByAnyone(file))
        return {};
    const std::string who = readFile(file);
    return who.empty() ? "Another program" : who; // it is about to say
}

QueueRunner::QueueRunner(fs::path runsFolder, const std::string& who) : m_runsFolder(std::move(runsFolder)) {
    m_lock = std::make_unique<FileLock>(m_runsFolder / kRunnerLock);
    if (!m_lock->tryTake())
        throw Error(ErrorKind::BadInput, fmt::format("{} trains this queue already.", whoRunsQueue(m_runsFolder)),
                    "What is added to it starts there.");
    FileLock file(m_runsFolder / kFileLock);
    file.take();
    if (QueueState queue = readQueue(m_runsFolder);
        !queue.running.empty()) // of the one before, who did not end in peace
        writeQueue(withoutTrainer(std::move(queue)), m_runsFolder);
    std::ofstream(m_runsFolder / kRunnerLock) << fmt::format("{} (process {})", who, getpid());
}

QueueRunner::~QueueRunner() {
    std::error_code code;
    if (!fs::exists(m_runsFolder / kQueueFile, code))
        return;
    try {
        edit(m_runsFolder, [](QueueState& queue) { queue.running.clear(); });
    } catch (const std::exception&) {
        return; // whoever reads it next sees that nobody trains it any more
    }
}

void QueueRunner::ended(const std::string& id) {
    edit(m_runsFolder, [&id](QueueState& queue) {
        std::erase_if(queue.running, [&id](const QueuedRun& run) { return run.id() == id; });
    });
}

void QueueRunner::giveBack(const std::string& id) {
    edit(m_runsFolder, [&id](QueueState& queue) {
        const auto found = std::ranges::find(queue.running, id, &QueuedRun::id);
        if (found == queue.running.end())
            return;
        QueuedRun run = std::move(*found);
        queue.running.erase(found);
        waitAgain(queue, std::move(run));
    });
}

QueueRunner::Next QueueRunner::next(const GpuMachine& machine, double now) {
    Next next;
    const double at = now > 0 ? now : clockNow();
    QueueState before = queueState(m_runsFolder);
    std::erase_if(before.waiting, [](const QueuedRun& run) { return !canBeTrained(run); });
    if (before.held || !chooseNext(before, machine, at)) { // asked every second: nothing is written
        next.waits = !before.waiting.empty();
        return next;
    }
    edit(m_runsFolder, [&](QueueState& queue) {
        std::erase_if(queue.waiting, [](const QueuedRun& run) { return !canBeTrained(run); });
        GpuMachine seen = machine;
        while (const auto choice = queue.held ? std::nullopt : chooseNext(queue, seen, at)) {
            const auto place = queue.waiting.begin() + static_cast<std::ptrdiff_t>(choice->place);
            if (!claim(*choice, place->folder, seen, next.claims))
                continue;
            next.run = std::move(*place);
            queue.waiting.erase(place);
            next.run->devices = choice->devices;
            queue.running.push_back(*next.run);
            break;
        }
        next.waits = !next.run && !queue.waiting.empty();
    });
    return next;
}

} // namespace engine
