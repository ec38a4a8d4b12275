#include "engine/runs/liverun.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/runsummary.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kProgressFile = "progress.json";
constexpr std::string_view kCommandFile = "command-"; // then what orders them
constexpr auto kTellInterval = std::chrono::milliseconds(250);
constexpr auto kListenInterval = std::chrono::milliseconds(200);
struct CommandName {
    RunCommand command;
    const char* name;
};
constexpr std::array kCommands{CommandName{RunCommand::Pause, "pause"},
                               CommandName{RunCommand::Resume, "resume"},
                               CommandName{RunCommand::Stop, "stop"},
                               CommandName{RunCommand::StopAfterEpoch, "stop-after-epoch"},
                               CommandName{RunCommand::GoOnAfterEpoch, "go-on-after-epoch"},
                               CommandName{RunCommand::Checkpoint, "checkpoint"}};
constexpr const char* kSet = "set"; // knobs
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

struct Asked {
    RunControl& control;
    StepRequests& requests;
};

void obey(const Asked& asked, RunCommand command) {
    switch (command) {
    case RunCommand::Pause:
        asked.control.pause();
        break;
    case RunCommand::Resume:
        asked.control.resume();
        break;
    case RunCommand::Stop:
        asked.control.requestStop();
        break;
    case RunCommand::StopAfterEpoch:
        asked.requests.add({StepRequest::Kind::StopAfterEpoch});
        break;
    case RunCommand::GoOnAfterEpoch:
        asked.requests.add({StepRequest::Kind::GoOnAfterEpoch});
        break;
    case RunCommand::Checkpoint:
        asked.requests.add({StepRequest::Kind::Checkpoint});
        break;
    }
}

// What nobody could have written is passed over.
void obey(const Asked& asked, const json& object) {
    if (!object.is_object())
        return;
    try {
        const auto name = object.at("command").get<std::string>();
        if (const auto command = runCommandOf(name))
            obey(asked, *command);
        else if (name == kSet)
            for (StepRequest& request : requestsIn(object.at("requests").dump()))
                asked.requests.add(std::move(request));
    } catch (const json::exception&) {
        return;
    }
}

// The requests in the folder, once, in their order.
std::vector<json> takeCommands(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code))
        if (entry.path().filename().native().starts_with(kCommandFile))
            files.push_back(entry.path());
    std::ranges::sort(files);
    std::vector<json> commands;
    for (const fs::path& file : files) {
        try {
            commands.push_back(json::parse(readFile(file), nullptr, false));
        } catch (const Error&) {
            continue; // taken away meanwhile
        }
        fs::remove(file, code);
    }
    return commands;
}

void send(const fs::path& runFolder, const json& command) {
    if (!RunLock::heldByAnyone(runFolder))
        throw Error(ErrorKind::BadInput, fmt::format("Nobody trains {} at the moment.", runFolder.filename().string()),
                    "Go on with it, then ask again.");
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    static std::atomic<unsigned> count = 0; // of a clock that stands still
    writeFileAtomically(runFolder / fmt::format("{}{:020}-{:06}-{}.json", kCommandFile,
                                                std::chrono::duration_cast<std::chrono::microseconds>(now).count(),
                                                count++ % 1'000'000, getpid()),
                        command.dump(-1, ' ', false, json::error_handler_t::replace) + "\n", Durable::Later);
}

} // namespace

const char* runCommandName(RunCommand command) noexcept {
    return std::ranges::find(kCommands, command, &CommandName::command)->name;
}

std::optional<RunCommand> runCommandOf(std::string_view name) noexcept {
    for (const CommandName& each : kCommands)
        if (name == each.name)
            return each.command;
    return {};
}

void sendCommand(const fs::path& runFolder, RunCommand command) {
    send(runFolder, {{"command", runCommandName(command)}});
}

void sendKnobs(const fs::path& runFolder, const std::vector<ChangedSetting>& settings) {
    Knobs tried;
    setKnobs(tried, readExperiment(runFolder / "experiment.toml"), settings, 0);
    send(runFolder, {{"command", kSet}, {"requests", json::parse(requestText({{StepRequest::Kind::Set, settings}}))}});
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

CommandListener::CommandListener(const fs::path& runFolder, RunControl& control, StepRequests& requests) {
    (void)takeCommands(runFolder);
    m_thread = std::jthread([folder = runFolder, asked = Asked{control, requests}](std::stop_token stop) {
        std::mutex mutex;
        std::condition_variable_any ended;
        std::unique_lock lock(mutex);
        while (!ended.wait_for(lock, stop, kListenInterval, [&stop] { return stop.stop_requested(); }))
            for (const json& command : takeCommands(folder))
                obey(asked, command);
    });
}

} // namespace engine
