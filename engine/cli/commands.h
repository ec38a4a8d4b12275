#pragma once

#include "engine/api/experiment.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <string>

namespace engine::cli {

// What every command may use. Words go to stderr, the answer to stdout.
struct Context {
    bool json = false;
    int exitCode = 0;
};

// Each adds its subcommand to the program; the command runs while the command line is parsed and throws engine::Error.
void addTrain(CLI::App& app, Context& context);
void addWorker(CLI::App& app, Context& context);
void addEvaluate(CLI::App& app, Context& context);
void addExport(CLI::App& app, Context& context);
void addRuns(CLI::App& app, Context& context);
// What may be asked of whoever watches a run's ranks, as words of `command`; `found` gives a run's folder.
void addRankSteering(CLI::App& command, std::function<std::filesystem::path(const std::string&)> found);
void addQueue(CLI::App& app, Context& context);
void addPlan(CLI::App& app, Context& context);
void addSubmit(CLI::App& app, Context& context);
void addSweep(CLI::App& app, Context& context);
void addPredict(CLI::App& app, Context& context);
void addEstimate(CLI::App& app, Context& context);
void addData(CLI::App& app, Context& context);
void addDataShard(CLI::App& data, Context& context); // to the command "data"
void addBackbones(CLI::App& app, Context& context);
void addFreeze(CLI::App& app, Context& context);
void addDevices(CLI::App& app, Context& context);
void addBench(CLI::App& app, Context& context);
void addWeights(CLI::App& app, Context& context);
void addTokenize(CLI::App& app, Context& context);
// Under `thaw bench`.
void addBenchTokenizer(CLI::App& bench, Context& context);

// Of an experiment file, or of data that lie somewhere; layout and task where they are given. Throws Error(NotFound |
// BadInput).
[[nodiscard]] Experiment dataExperiment(const std::string& path, const std::string& layout, const std::string& task);

// The weights that --weights means for a backbone, empty the usual ones. Throws Error(NotFound) where they are not
// here.
[[nodiscard]] std::filesystem::path usedWeights(const std::string& backbone, const std::string& weights);

// The whole program. Returns the exit code: 0 done, 1 failed, 2 bad input, 130 stopped.
int run(int argc, const char* const* argv);

} // namespace engine::cli
