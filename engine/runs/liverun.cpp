#include "engine/runs/liverun.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/runsummary.h"

#include <array>
#include <cmath>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kProgressFile = "progress.json";
constexpr const char* kCommandFile = "command.json";
constexpr auto kTellInterval = std::chrono::milliseconds(250);
constexpr auto kListenInterval = std::chrono::milliseconds(200);
constexpr std::array kCommands{RunCommand::Pause, RunCommand::Resume, RunCommand::Stop};
constexpr std::array kPhases{std::pair{Phase::LoadingData, "loading data"},
                             std::pair{Phase::LoadingWeights, "loading weights"},
                             std::pair{Phase::Training, "training"},
                             std::pair{Phase::Validating, "validating"},
                             std::pair{Phase::Saving, "saving"},
                             std::pair{Phase::Paused, "paused"},
                             std::pair{Phase::Finished, "finished"}};

json numberOrNull(double value) { return std::isfinite(value) ? json(value) : json(); }

double numberIn(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

std::string asText(const Progress& p) {
    const char* phase = "";
    for (const auto& [value, name] : kPhases)
        phase = value == p.phase ? name : phase;
    return json({{"phase", phase},
                 {"epoch", p.epoch},
                 {"epochs", p.epochs},
                 {"step", p.step},
                 {"steps", p.steps},
                 {"loss", numberOrNull(p.loss)},
                 {"monitor", p.monitor},
                 {"monitored", numberOrNull(p.monitored)},
                 {"samples_per_second", numberOrNull(p.samplesPerSecond)},
                 {"elapsed_seconds", p.elapsedSeconds},
                 {"left_seconds", numberOrNull(p.leftSeconds)},
                 {"message", p.message}})
               .dump(-1, ' ', false, json::error_handler_t::replace) +
           "\n";
}

Progress progressIn(const json& object) {
    Progress p;
    const std::string phase = object.value("phase", std::string());
    for (const auto& [value, name] : kPhases)
        if (phase == name)
            p.phase = value;
    p.epoch = object.value("epoch", 0);
    p.epochs = object.value("epochs", 0);
    p.step = object.value("step", std::int64_t{0});
    p.steps = object.value("steps", std::int64_t{0});
    p.loss = numberIn(object, "loss");
    p.monitor = object.value("monitor", std::string());
    p.monitored = numberIn(object, "monitored");
    p.samplesPerSecond = numberIn(object, "samples_per_second");
    p.elapsedSeconds = object.value("elapsed_seconds", 0.0);
    p.leftSeconds = numberIn(object, "left_seconds");
    p.message = object.value("message", std::string());
    return p;
}

void obey(RunControl& control, RunCommand command) {
    switch (command) {
    case RunCommand::Pause:
        control.pause();
        break;
    case RunCommand::Resume:
        control.resume();
        break;
    case RunCommand::Stop:
        control.requestStop();
        break;
    }
}

// The request in the folder, once.
std::optional<RunCommand> takeCommand(const fs::path& folder) {
    std::error_code code;
    if (!fs::exists(folder / kCommandFile, code))
        return {};
    json object;
    try {
        object = json::parse(readFile(folder / kCommandFile), nullptr, false);
    } catch (const Error&) {
        return {}; // taken away meanwhile
    }
    fs::remove(folder / kCommandFile, code);
    return object.is_object() ? runCommandOf(object.value("command", std::string())) : std::nullopt;
}

} // namespace

const char* runCommandName(RunCommand command) noexcept {
    switch (command) {
    case RunCommand::Pause:
        return "pause";
    case RunCommand::Resume:
        return "resume";
    case RunCommand::Stop:
        return "stop";
    }
    return "";
}

std::optional<RunCommand> runCommandOf(std::string_view name) noexcept {
    for (const RunCommand command : kCommands)
        if (name == runCommandName(command))
            return command;
    return {};
}

void sendCommand(const fs::path& runFolder, RunCommand command) {
    if (!RunLock::heldByAnyone(runFolder))
        throw Error(ErrorKind::BadInput, fmt::format("Nobody trains {} at the moment.", runFolder.filename().string()),
                    "Go on with it, then ask again.");
    writeFileAtomically(runFolder / kCommandFile, json({{"command", runCommandName(command)}}).dump() + "\n",
                        Durable::Later);
}

std::optional<Progress> readProgress(const fs::path& runFolder) {
    std::error_code code;
    if (!fs::exists(runFolder / kProgressFile, code) || !RunLock::heldByAnyone(runFolder))
        return {};
    try {
        const json object = json::parse(readFile(runFolder / kProgressFile));
        return progressIn(object);
    } catch (const std::exception&) { // gone meanwhile
        return {};
    }
}

fs::path rankFile(const fs::path& runFolder, int rank, const char* extension) {
    return runFolder / "ranks" / fmt::format("rank-{}{}", rank, extension);
}

std::optional<Progress> readRankProgress(const fs::path& runFolder, int rank) {
    try {
        return progressIn(
            json::parse(readFile(rank == 0 ? runFolder / kProgressFile : rankFile(runFolder, rank, ".json"))));
    } catch (const std::exception&) { // it has not told any
        return {};
    }
}

FolderProgress::FolderProgress(const fs::path& runFolder, ProgressSink* other)
    : m_file(runFolder / kProgressFile), m_other(other) {}

FolderProgress::FolderProgress(const fs::path& runFolder, int rank) : m_file(rankFile(runFolder, rank, ".json")) {}

FolderProgress::~FolderProgress() {
    std::error_code code;
    fs::remove(m_file, code);
}

void FolderProgress::onProgress(const Progress& progress) {
    if (m_other != nullptr)
        m_other->onProgress(progress);
    const auto now = std::chrono::steady_clock::now();
    if (progress.phase == m_phase && progress.message.empty() && now - m_written < kTellInterval)
        return;
    m_phase = progress.phase;
    m_written = now;
    try {
        writeFileAtomically(m_file, asText(progress), Durable::Later);
    } catch (const Error&) {
        return; // a full disk ends the run where its record cannot be written
    }
}

CommandListener::CommandListener(const fs::path& runFolder, RunControl& control) {
    (void)takeCommand(runFolder);
    m_thread = std::jthread([folder = runFolder, &control](std::stop_token stop) {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        while (!ended.wait_for(lock, stop, kListenInterval, [&stop] { return stop.stop_requested(); }))
            if (const auto command = takeCommand(folder))
                obey(control, *command);
    });
}

} // namespace engine
