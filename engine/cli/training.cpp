#include "engine/cli/training.h"

#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/estimate.h"
#include "engine/api/metrics.h"
#include "engine/api/parameter.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/cli/output.h"
#include "engine/cli/progressbar.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

// As many files are opened before the first step; more would make a large data set wait for minutes.
constexpr std::size_t kMostOpened = 20'000;

ChangedSetting changeOf(const std::string& setting) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
        throw Error(ErrorKind::BadInput, fmt::format("“{}” is no setting.", setting), "Write it as section.key=value.");
    return {setting.substr(0, equals), setting.substr(equals + 1)};
}

} // namespace

StopSignals::StopSignals(RunControl& control) {
    if (pipe(s_pipe) != 0)
        return;
    std::signal(SIGINT, &StopSignals::onSignal);
    std::signal(SIGTERM, &StopSignals::onSignal);
    m_listener = std::jthread([&control](std::stop_token stop) {
        pollfd descriptor{s_pipe[0], POLLIN, 0};
        while (!stop.stop_requested())
            if (poll(&descriptor, 1, 100) > 0) {
                control.requestStop();
                return;
            }
    });
}

StopSignals::~StopSignals() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

void StopSignals::onSignal(int signal) {
    std::signal(signal, SIG_DFL);
    const char byte = 0;
    [[maybe_unused]] const auto written = write(s_pipe[1], &byte, 1);
}

DataReport check(const Experiment& experiment, Warnings warnings) {
    std::vector<Finding> findings = validate(experiment);
    const auto endAtProblem = [&findings] {
        for (const Finding& finding : findings)
            if (finding.severity == Severity::Problem)
                throw Error(ErrorKind::BadInput, fmt::format("{}: {}", finding.key, finding.message), finding.detail);
    };
    endAtProblem();
    (void)resolveFreeze(experiment.freeze, experiment.train.epochs, experiment.model.backbone, 1);
    DataReport data = checkData(experiment, {}, nullptr, kMostOpened);
    for (const std::string& line : dataTable(data))
        say("{}", line);
    const auto weights = experiment.weightsPath();
    if (std::error_code code; !weights.empty() && fs::exists(weights, code))
        say("{}: {}", weights.filename().string(),
            weightsWords(inspectWeights(weights, experiment.model.backbone,
                                        std::max(1, static_cast<int>(data.classes.size())))));
    for (Finding& finding : examine(experiment, data))
        findings.push_back(std::move(finding));
    endAtProblem();
    for (const Finding& finding : findings)
        say("Warning: {}", words(finding));
    if (warnings == Warnings::Errors && !findings.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("With --strict a warning ends the training: {}", words(findings.front())),
                    "Mend it, or train without --strict.");
    return data;
}

std::vector<ChangedSetting> changesOf(const std::vector<std::string>& settings) {
    std::vector<ChangedSetting> changes;
    for (const std::string& setting : settings)
        changes.push_back(changeOf(setting));
    return changes;
}

Experiment experimentOf(const fs::path& file, const std::vector<std::string>& settings) {
    Experiment experiment = readExperiment(file);
    for (const auto& [key, value] : changesOf(settings))
        setParameterValue(experiment, key, value);
    return experiment;
}

fs::path runsFolderOf(const fs::path& experiment, const std::string& given) {
    return given.empty() ? fs::absolute(expandHome(experiment)).parent_path() / "runs" : runsFolder(given);
}

bool isExperimentFile(const std::string& what, const fs::path& runsFolder) {
    std::error_code code;
    const fs::path file = expandHome(what);
    if (fs::is_regular_file(file, code))
        return true;
    if (file.extension() != ".toml" || fs::exists(runsFolder / what, code))
        return false;
    throw Error(ErrorKind::NotFound, fmt::format("The file {} does not exist.", file.string()),
                "Name an experiment file, or a run by its folder, id or name.");
}

void sayNotes(const std::vector<std::string>& notes) {
    for (const std::string& note : notes)
        say("Note: {}", note);
}

RunSummary trainWithBar(Placement placement, const fs::path& run, RunControl& control,
                        const std::vector<ChangedSetting>& changes, Bar bar) {
    {
        const auto shown = bar == Bar::Shown ? std::make_unique<ProgressBar>() : nullptr;
        trainOn(std::move(placement), run, control, shown.get(), changes);
    }
    return RunReader(run).summary();
}

void sayOutcome(const RunSummary& summary) {
    if (summary.state == RunState::Stopped) {
        say("Stopped at step {}. Go on with: thaw train --resume {}", summary.step, summary.folder.string());
        return;
    }
    if (const double best = bestMonitored(summary); std::isfinite(best))
        say("Best validation {} {} (epoch {}), {} in all.", loweredLabel(monitored(summary)),
            metricWords(monitored(summary), best), summary.bestEpoch, timeWords(summary.seconds));
    const RunReader reader(summary.folder);
    for (const RunEvent& event : reader.events())
        if (event.kind == EventKind::Warning || event.kind == EventKind::Refused)
            say("Note: {}", event.text);
}

} // namespace engine::cli
