#pragma once

#include "engine/api/datareport.h"
#include "engine/api/train.h"

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace engine::cli {

// Ctrl-C and SIGTERM ask the training to stop; a second one ends the program at once.
class StopSignals final {
public:
    explicit StopSignals(RunControl& control);
    ~StopSignals();

private:
    static void onSignal(int signal);
    static inline int s_pipe[2] = {-1, -1};
    std::jthread m_listener;
};

enum class Warnings { Told, Errors };
// Says what the window shows before Train, in the same words; throws Error(BadInput) at the first problem. What is
// known of the data.
DataReport check(const Experiment& experiment, Warnings warnings);

// "section.key=value" each. Throws Error(BadInput).
[[nodiscard]] std::vector<ChangedSetting> changesOf(const std::vector<std::string>& settings);
// The experiment of a file with such settings.
[[nodiscard]] Experiment experimentOf(const std::filesystem::path& file, const std::vector<std::string>& settings);
// `given`, else the folder "runs" beside the experiment.
[[nodiscard]] std::filesystem::path runsFolderOf(const std::filesystem::path& experiment, const std::string& given);

// Whether it is an experiment's file: one that is there, or would have to be by its name. Throws Error(NotFound) for
// one that is not there; a run may be called so.
[[nodiscard]] bool isExperimentFile(const std::string& what, const std::filesystem::path& runsFolder);

void sayNotes(const std::vector<std::string>& notes);
// Trains, with a bar on the terminal where it has that for itself; what the run's folder then says.
enum class Bar { Shown, None };
RunSummary trainWithBar(Placement placement, const std::filesystem::path& run, RunControl& control,
                        const std::vector<ChangedSetting>& changes, Bar bar = Bar::Shown);
// What a training came to: stopped where, or how good, and its warnings.
void sayOutcome(const RunSummary& summary);

} // namespace engine::cli
