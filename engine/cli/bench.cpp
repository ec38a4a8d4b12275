#include "engine/api/bench.h"
#include "engine/cli/benchfreeze.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

namespace engine::cli {
namespace {

constexpr std::size_t kKernelName = 100; // letters of it that a table shows

void addTrainBench(CLI::App& bench, Context& context) {
    auto options = std::make_shared<TrainBench>();
    CLI::App* command = bench.add_subcommand("train", "Training steps over one made-up batch on the device");
    command->add_option("--device", options->device, "auto, cpu or cuda:N");
    command->add_option("--backbone", options->backbone, "Backbone");
    command->add_option("--weights", options->weights, "Weights with their head; else random parameters");
    command->add_option("--classes", options->classes, "Classes")->check(CLI::PositiveNumber);
    command->add_option("--batch", options->batch, "Pictures in a batch")->check(CLI::PositiveNumber);
    command->add_option("--image-size", options->imageSize, "Pixels; 0: the backbone's own");
    command->add_option("--precision", options->precision, "Number format")
        ->check(CLI::IsMember({"auto", "fp32", "bf16"}));
    command->add_option("--freeze", options->freeze, "Freeze preset");
    command->add_option("--optimizer", options->optimizer, "sgd or adamw");
    command->add_option("--learning-rate", options->learningRate, "Learning rate");
    command->add_option("--graphs", options->graphs, "Whole steps as CUDA graphs")->check(CLI::IsMember({"on", "off"}));
    command->add_option("--kernels", options->kernels, "How the libraries choose kernels for the steps of a graph")
        ->check(CLI::IsMember({"by-trial", "by-rule"}));
    command->add_option("--warm-up", options->warmUp, "Steps before the clock runs; their losses are told");
    command->add_option("--steps", options->steps, "Steps of one repeat")->check(CLI::PositiveNumber);
    command->add_option("--repeats", options->repeats, "Repeats, of which the median counts");
    command
        ->add_option("--profile", options->profiled,
                     "Steps behind the repeats in which a GPU's kernels are timed one by one")
        ->check(CLI::NonNegativeNumber);
    command->callback([options, &context] {
        const TrainBenchResult result = benchTrain(*options);
        if (context.json) {
            nlohmann::json kernels = nlohmann::json::array();
            for (const KernelTime& kernel : result.kernels)
                kernels.push_back({{"name", kernel.name}, {"ms", kernel.ms}, {"count", kernel.count}});
            printJson({{"device", result.device},
                       {"device_name", result.deviceName},
                       {"precision", result.precision},
                       {"samples_per_s", result.samplesPerSecond},
                       {"repeats", result.repeats},
                       {"losses", result.losses},
                       {"first_step_s", result.firstStepSeconds},
                       {"peak_bytes", result.peakBytes},
                       {"kernels", std::move(kernels)}});
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
    addBenchFreeze(*command, context);
}

} // namespace engine::cli
