#include "engine/api/bench.h"
#include "engine/cli/benchfreeze.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

namespace engine::cli {
namespace {

constexpr std::size_t kKernelName = 100; // letters of it that a table shows

void addOptions(CLI::App& command, TrainBench& bench) {
    command.add_option("--device", bench.device, "auto, cpu or cuda:N");
    command.add_option("--backbone", bench.backbone, "Backbone");
    command.add_option("--weights", bench.weights, "Weights with their head; else random parameters");
    command.add_option("--classes", bench.classes, "Classes")->check(CLI::PositiveNumber);
    command.add_option("--batch", bench.batch, "Pictures in a batch")->check(CLI::PositiveNumber);
    command.add_option("--image-size", bench.imageSize, "Pixels; 0: the backbone's own");
    command.add_option("--precision", bench.precision, "Number format")->check(CLI::IsMember({"auto", "fp32", "bf16"}));
    command.add_option("--freeze", bench.freeze, "Freeze preset");
    command.add_option("--optimizer", bench.optimizer, "adamw, adam or sgd");
    command.add_option("--learning-rate", bench.learningRate, "Learning rate");
    command.add_option("--graphs", bench.graphs, "Whole steps as CUDA graphs")->check(CLI::IsMember({"on", "off"}));
    command.add_option("--kernels", bench.kernels, "How the libraries choose kernels for the steps of a graph")
        ->check(CLI::IsMember({"by-trial", "by-rule"}));
    command.add_option("--warm-up", bench.warmUp, "Steps before the clock runs; their losses are told");
    command.add_option("--steps", bench.steps, "Steps of one repeat")->check(CLI::PositiveNumber);
    command.add_option("--repeats", bench.repeats, "Repeats, of which the median counts");
}

nlohmann::json answerOf(const TrainBenchResult& result) {
    nlohmann::json kernels = nlohmann::json::array();
    for (const KernelTime& kernel : result.kernels)
        kernels.push_back({{"name", kernel.name}, {"ms", kernel.ms}, {"count", kernel.count}});
    return {
        {"device", result.device},      {"device_name", result.deviceName},         {"precision", result.precision},
        {"ranks", result.ranks},        {"samples_per_s", result.samplesPerSecond}, {"repeats", result.repeats},
        {"losses", result.losses},      {"first_step_s", result.firstStepSeconds},  {"peak_bytes", result.peakBytes},
        {"kernels", std::move(kernels)}};
}

void addScalingBench(CLI::App& bench, Context& context) {
    struct BenchOptions {
        TrainBench each;
        int most = 0;
    };
    auto options = std::make_shared<BenchOptions>();
    CLI::App* command = bench.add_subcommand("scaling", "The same with 1, 2, 4 … ranks, each with a batch of its own");
    addOptions(*command, options->each);
    command->add_option("--ranks", options->most, "The most; 0: as many as there are GPUs, or two on a CPU")
        ->check(CLI::NonNegativeNumber);
    command->callback([options, &context] {
        const std::vector<ScalingRow> rows = benchScaling(options->each, options->most);
        if (context.json) {
            nlohmann::json answer = nlohmann::json::array();
            for (const ScalingRow& row : rows) {
                answer.push_back(answerOf(row.result));
                answer.back()["efficiency"] = row.efficiency;
            }
            printJson(answer);
            return;
        }
        std::vector<std::vector<std::string>> table = {{"Ranks", "Pictures/s", "Each", "Efficiency", "First step"}};
        for (const auto& [ranks, result, efficiency] : rows)
            table.push_back({std::to_string(ranks), fmt::format("{:.1f}", result.samplesPerSecond),
                             fmt::format("{:.1f}", result.samplesPerSecond / ranks),
                             fmt::format("{:.1f} %", 100 * efficiency),
                             fmt::format("{:.1f} s", result.firstStepSeconds)});
        printTable(table, {true, true, true, true, true});
    });
}

void addTrainBench(CLI::App& bench, Context& context) {
    auto options = std::make_shared<TrainBench>();
    CLI::App* command = bench.add_subcommand("train", "Training steps over one made-up batch on the device");
    addOptions(*command, *options);
    command
        ->add_option("--profile", options->profiled,
                     "Steps behind the repeats in which a GPU's kernels are timed one by one")
        ->check(CLI::NonNegativeNumber);
    command->callback([options, &context] {
        const TrainBenchResult result = benchTrain(*options);
        if (context.json) {
            printJson(answerOf(result));
            return;
        }
        fmt::print("{} on {} ({}), batch {}, {}: {:.1f} pictures/s, first step after {:.2f} s, {} at most\n",
                   options->backbone, result.device, result.deviceName, options->batch, result.precision,
                   result.samplesPerSecond, result.firstStepSeconds, byteWords(result.peakBytes));
        if (result.kernels.empty())
            return;
        std::vector<std::vector<std::string>> rows = {{"Kernel", "Calls a step", "ms a step"}};
        for (const KernelTime& kernel : result.kernels)
            rows.push_back({kernel.name.substr(0, kKernelName), fmt::format("{:.0f}", kernel.count),
                            fmt::format("{:.3f}", kernel.ms)});
        printTable(rows, {false, true, true});
    });
}

} // namespace

void addBench(CLI::App& app, Context& context) {
    CLI::App* command = app.add_subcommand("bench", "Measure what this machine reaches");
    command->require_subcommand(1);
    addTrainBench(*command, context);
    addScalingBench(*command, context);
    addBenchFreeze(*command, context);
    addBenchTokenizer(*command, context);
}

} // namespace engine::cli
