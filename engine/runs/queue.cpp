#include "engine/api/queue.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/runs/runsummary.h"

#include <algorithm>
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

struct Queue {
    std::optional<QueuedRun> training;
    std::vector<QueuedRun> waiting;

    [[nodiscard]] auto find(const std::string& id) { return std::ranges::find(waiting, id, &QueuedRun::id); }
};

json toJson(const QueuedRun& run) {
    json changes = json::array();
    for (const ChangedSetting& change : run.changes)
        changes.push_back({{"key", change.key}, {"value", change.value}});
    return {{"run", utf8FromBytes(run.id())}, {"changes", changes}, {"about_seconds", run.aboutSeconds}};
}

QueuedRun runIn(const json& object, const fs::path& runsFolder) {
    const fs::path name = bytesFromUtf8(object.at("run").get<std::string>());
    QueuedRun run{.folder = runsFolder / name.filename(), .changes = {}, .aboutSeconds = 0};
    for (const json& change : object.value("changes", json::array()))
        run.changes.push_back({change.at("key").get<std::string>(), change.at("value").get<std::string>()});
    run.aboutSeconds = object.value("about_seconds", 0.0);
    return run;
}

Queue queueIn(const json& object, const fs::path& runsFolder) {
    Queue queue;
    if (const auto training = object.find("training"); training != object.end() && training->is_object())
        queue.training = runIn(*training, runsFolder);
    for (const json& run : object.at("waiting"))
        queue.waiting.push_back(runIn(run, runsFolder));
    return queue;
}

Queue readQueue(const fs::path& runsFolder) {
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

void writeQueue(const Queue& queue, const fs::path& runsFolder) {
    json waiting = json::array();
    for (const QueuedRun& run : queue.waiting)
        waiting.push_back(toJson(run));
    json object = {{"version", kVersion}, {"waiting", waiting}};
    if (queue.training)
        object["training"] = toJson(*queue.training);
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

// Whoever trained is gone: what he had waits again, before all others.
Queue withoutTrainer(Queue queue) {
    auto run = std::exchange(queue.training, std::nullopt);
    if (auto left = run ? leftOver(std::move(*run)) : std::nullopt)
        if (queue.find(left->id()) == queue.waiting.end())
            queue.waiting.insert(queue.waiting.begin(), std::move(*left));
    return queue;
}

// As it stands for others.
Queue settled(const fs::path& runsFolder) {
    Queue queue = readQueue(runsFolder);
    if (!queue.training || FileLock::heldByAnyone(runsFolder / kRunnerLock))
        return queue;
    return withoutTrainer(std::move(queue));
}

void edit(const fs::path& runsFolder, const std::function<void(Queue&)>& change) {
    FileLock lock(runsFolder / kFileLock);
    lock.take();
    Queue queue = settled(runsFolder);
    change(queue);
    writeQueue(queue, runsFolder);
}

void add(Queue& queue, const QueuedRun& run) {
    if (const auto found = queue.find(run.id()); found != queue.waiting.end())
        *found = run;
    else
        queue.waiting.push_back(run);
}

// Takes the first that can be trained.
std::optional<QueuedRun> takeFirst(Queue& queue) {
    while (!queue.waiting.empty()) {
        QueuedRun run = std::move(queue.waiting.front());
        queue.waiting.erase(queue.waiting.begin());
        if (isRun(run.folder) && !RunLock::heldByAnyone(run.folder))
            return run;
    }
    return {};
}

} // namespace

std::vector<QueuedRun> queuedRuns(const fs::path& runsFolder) {
    std::vector<QueuedRun> waiting = settled(expandHome(runsFolder)).waiting;
    std::erase_if(waiting, [](const QueuedRun& run) { return !isRun(run.folder); });
    return waiting;
}

void addToQueue(const QueuedRun& run) { addToQueue(std::vector{run}); }

void addToQueue(const std::vector<QueuedRun>& runs) {
    if (!runs.empty())
        edit(runs.front().folder.parent_path(), [&runs](Queue& queue) {
            for (const QueuedRun& run : runs)
                add(queue, run);
        });
}

bool takeOutOfQueue(const fs::path& runsFolder, const std::string& id) {
    bool waited = false;
    edit(runsFolder, [&](Queue& queue) {
        waited = std::erase_if(queue.waiting, [&id](const QueuedRun& run) { return run.id() == id; }) > 0;
    });
    return waited;
}

bool moveInQueue(const fs::path& runsFolder, const std::string& id, std::size_t place) {
    bool waits = false;
    edit(runsFolder, [&](Queue& queue) {
        const auto found = queue.find(id);
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
    if (Queue queue = readQueue(m_runsFolder); queue.training) // of the one before, who did not end in peace
        writeQueue(withoutTrainer(std::move(queue)), m_runsFolder);
    std::ofstream(m_runsFolder / kRunnerLock) << fmt::format("{} (process {})", who, getpid());
}

QueueRunner::~QueueRunner() {
    std::error_code code;
    if (!fs::exists(m_runsFolder / kQueueFile, code))
        return;
    try {
        edit(m_runsFolder, [](Queue& queue) { queue.training.reset(); });
    } catch (const std::exception&) {
        return; // whoever reads it next sees that nobody trains it any more
    }
}

void QueueRunner::giveBack() {
    edit(m_runsFolder, [](Queue& queue) {
        if (auto run = std::exchange(queue.training, std::nullopt))
            queue.waiting.insert(queue.waiting.begin(), std::move(*run));
    });
}

std::optional<QueuedRun> QueueRunner::next() {
    std::optional<QueuedRun> run;
    edit(m_runsFolder, [&](Queue& queue) {
        run = takeFirst(queue);
        queue.training = run;
    });
    return run;
}

} // namespace engine
