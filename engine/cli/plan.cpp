#include "engine/api/plan.h"

#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/training.h"

#include <memory>

namespace engine::cli {
namespace {

struct PlanOptions {
    std::string experiment;
    std::vector<std::string> settings;
    Cluster cluster;
    std::int64_t samples = 0;
    double speed = 0;
};

const char* algorithmName(PlanRow::Algorithm algorithm) {
    return algorithm == PlanRow::Algorithm::Ring ? "ring" : algorithm == PlanRow::Algorithm::Tree ? "tree" : "–";
}

nlohmann::json toJson(const PlanRow& row) {
    return {{"ranks", row.ranks},
            {"nodes", row.nodes},
            {"step_seconds", row.stepSeconds},
            {"sending_seconds", row.sendingSeconds},
            {"waiting_seconds", row.waitingSeconds},
            {"efficiency", row.efficiency},
            {"samples_per_second", row.samplesPerSecond},
            {"steps_per_epoch", row.stepsPerEpoch},
            {"epoch_seconds", row.epochSeconds},
            {"sent_bytes", row.sentBytes},
            {"memory_bytes", row.memoryBytes},
            {"algorithm", algorithmName(row.algorithm)}};
}

void plan(const PlanOptions& options, const Context& context) {
    const Experiment experiment = experimentOf(options.experiment, options.settings);
    // What is not to be computed here need not be what this machine can compute.
    const DataReport data = options.speed > 0 ? checkData(experiment) : check(experiment, Warnings::Told);
    if (options.speed <= 0 && measuredSpeed(experiment) == 0) {
        say("Trying how fast this machine is …");
        (void)measureSpeed(experiment, {});
    }
    StepFacts facts = stepFacts(experiment, estimateCost(experiment, data), options.speed);
    if (options.samples > 0)
        facts.samples = options.samples;
    const std::vector<PlanRow> rows = planFor(facts, options.cluster);
    if (context.json) {
        nlohmann::json all = nlohmann::json::array();
        for (const PlanRow& row : rows)
            all.push_back(toJson(row));
        printJson(all);
        return;
    }
    std::vector<std::vector<std::string>> table = {
        {"Ranks", "Nodes", "Samples/s", "Efficiency", "Epoch", "Step", "Waits", "Sent a step", "Memory", "All-reduce"}};
    for (const PlanRow& row : rows)
        table.push_back({std::to_string(row.ranks), std::to_string(row.nodes),
                         fmt::format("{:.0f}", row.samplesPerSecond), fmt::format("{:.1f} %", 100 * row.efficiency),
                         timeWords(row.epochSeconds), fmt::format("{:.1f} ms", 1e3 * row.stepSeconds),
                         fmt::format("{:.1f} ms", 1e3 * row.waitingSeconds),
                         byteWords(static_cast<std::uint64_t>(row.sentBytes)), byteWords(row.memoryBytes),
                         algorithmName(row.algorithm)});
    printTable(table, {true, true, true, true, true, true, true, true, true, false});
    say("Gradients of {} go out while backward still computes, but for the last bucket. Reading the data is not "
        "counted.",
        byteWords(static_cast<std::uint64_t>(facts.gradientBytes)));
}

} // namespace

void addPlan(CLI::App& app, Context& context) {
    auto options = std::make_shared<PlanOptions>();
    CLI::App* command = app.add_subcommand("plan", "How an experiment would scale on other machines");
    command->add_option("experiment", options->experiment, "Experiment file (TOML)")->required();
    command->add_option("--nodes", options->cluster.nodes, "Machines")->type_name("N");
    command->add_option("--gpus", options->cluster.gpusPerNode, "GPUs of each")->type_name("M");
    command
        ->add_option("--network", options->cluster.networkGigabytes,
                     "Gigabytes a second of a machine to the others, in one direction")
        ->type_name("GB/s");
    command
        ->add_option("--link", options->cluster.linkGigabytes,
                     "Gigabytes a second of a GPU to the others of its machine")
        ->type_name("GB/s");
    command->add_option("--latency", options->cluster.latencyMicroseconds, "Microseconds of a message")
        ->type_name("µs");
    command->add_option("--samples", options->samples, "Samples of an epoch; otherwise those of the data");
    command->add_option("--speed", options->speed,
                        "Samples a second of one device; otherwise what this machine reached, or is tried now");
    command->add_option("--set", options->settings, "A setting, section.key=value; may be repeated");
    command->callback([options, &context] { plan(*options, context); });
}

} // namespace engine::cli
