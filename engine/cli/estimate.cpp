#include "engine/api/estimate.h"

#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <memory>

namespace engine::cli {
namespace {

struct EstimateOptions {
    std::string experiment;
    std::vector<std::string> settings;
    bool guess = false;
};

nlohmann::json costJson(const Cost& cost) {
    nlohmann::json phases = nlohmann::json::array();
    for (const PhaseCost& phase : cost.phases)
        phases.push_back({{"from_epoch", phase.fromEpoch},
                          {"trainable_parameters", phase.trainableParameters},
                          {"step_seconds", phase.stepSeconds},
                          {"seconds", phase.seconds},
                          {"cached", phase.cached}});
    return {{"device", cost.device},
            {"precision", cost.precision},
            {"parameters", cost.parameters},
            {"trainable_parameters", cost.trainableParameters},
            {"effective_batch", cost.effectiveBatch},
            {"steps_per_epoch", cost.stepsPerEpoch},
            {"steps", cost.steps},
            {"peak_bytes", cost.peakBytes},
            {"checkpoint_bytes", cost.checkpointBytes},
            {"disk_bytes", cost.diskBytes},
            {"samples_per_second", cost.samplesPerSecond},
            {"speed_measured", cost.speedMeasured},
            {"start_seconds", cost.startSeconds},
            {"seconds", cost.seconds},
            {"cache", cost.cacheSentence},
            {"phases", phases}};
}

void tell(const Cost& cost) {
    const char* how = cost.speedMeasured ? "measured" : "guessed";
    printTable({{"What a training costs", ""},
                {"Device", fmt::format("{}, {}", cost.device, cost.precision)},
                {"Parameters, trained", fmt::format("{} of {}", countWords(double(cost.trainableParameters)),
                                                    countWords(double(cost.parameters)))},
                {"Steps",
                 fmt::format("{}, {} an epoch, {} pictures each", cost.steps, cost.stepsPerEpoch, cost.effectiveBatch)},
                {"Memory, about", byteWords(cost.peakBytes)},
                {"Disk, at most", byteWords(cost.diskBytes)},
                {fmt::format("Pictures a second, {}", how), fmt::format("{:.4g}", cost.samplesPerSecond)},
                {"Time, about", timeWords(cost.seconds)}},
               {false, true});
    say("{}", cost.cacheSentence);
}

void estimate(const EstimateOptions& options, const Context& context) {
    const Experiment experiment = experimentOf(options.experiment, options.settings);
    const DataReport data = check(experiment, Warnings::Told);
    if (!options.guess && measuredSpeed(experiment) == 0) {
        say("Trying how fast this machine is …");
        (void)measureSpeed(experiment, {});
    }
    const Cost cost = estimateCost(experiment, data);
    if (context.json)
        printJson(costJson(cost));
    else
        tell(cost);
}

} // namespace

void addEstimate(CLI::App& app, Context& context) {
    auto options = std::make_shared<EstimateOptions>();
    CLI::App* command = app.add_subcommand("estimate", "What a training would cost: time, memory, disk");
    command->add_option("experiment", options->experiment, "Experiment file (TOML)")->required();
    command->add_option("--set", options->settings, "A setting, section.key=value; may be repeated");
    command->add_flag("--guess", options->guess, "Do not try how fast this machine is where that is not known");
    command->callback([options, &context] { estimate(*options, context); });
}

} // namespace engine::cli
