#include "engine/api/weights.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

#include <fmt/ranges.h>

namespace engine::cli {
namespace {

struct Options {
    std::string file, backbone;
    int classes = 0;
};

void printReport(const WeightsReport& report, bool mapped) {
    fmt::print("{}, {} tensors, {} parameters{}\n", report.format, report.tensors.size(),
               countWords(double(report.parameters)),
               report.wrappers.empty() ? "" : fmt::format(", wrapped in {}", fmt::join(report.wrappers, ", ")));
    if (mapped)
        fmt::print(
            "{} of the backbone pretrained: {} matched, {} renamed, {} reshaped, {} new, {} missing, {} unexpected\n",
            percentWords(report.pretrainedShare), report.matched, report.renamed, report.reshaped, report.fresh,
            report.missing, report.unexpected);
    fmt::print("\n");
    std::vector<std::vector<std::string>> rows = {{"Tensor", "Shape", "Type", "Match", "Target", "Rule"}};
    for (const TensorReport& tensor : report.tensors)
        rows.push_back({tensor.name, fmt::format("{}", fmt::join(tensor.shape, " × ")), tensor.dtype,
                        mapped ? tensorMatchName(tensor.match) : "", tensor.target == tensor.name ? "" : tensor.target,
                        tensor.rule});
    printTable(rows, {false, false, false, false, false, false});
}

void inspect(const Options& options, const Context& context) {
    const WeightsReport report = inspectWeights(options.file, options.backbone, options.classes);
    if (!context.json) {
        printReport(report, !options.backbone.empty());
        return;
    }
    nlohmann::json tensors = nlohmann::json::array();
    for (const TensorReport& tensor : report.tensors)
        tensors.push_back({{"name", tensor.name},
                           {"shape", tensor.shape},
                           {"dtype", tensor.dtype},
                           {"match", tensorMatchName(tensor.match)},
                           {"target", tensor.target},
                           {"rule", tensor.rule}});
    printJson({{"file", options.file},
               {"format", report.format},
               {"wrappers", report.wrappers},
               {"tensors", tensors},
               {"parameters", report.parameters},
               {"pretrained_share", report.pretrainedShare}});
}

} // namespace

void addWeights(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("weights", "Look into files of weights");
    command->require_subcommand(1);
    CLI::App* inspecting =
        command->add_subcommand("inspect", "List the tensors of a file, and how they fit a backbone");
    inspecting->add_option("file", options->file, ".safetensors, .pth, .pt, .bin")->required();
    inspecting->add_option("--backbone", options->backbone, "Show how the file would load into this backbone");
    inspecting->add_option("--classes", options->classes, "Classes of the new head; 0 keeps the file's own")
        ->check(CLI::NonNegativeNumber);
    inspecting->footer("Headers only are read; nothing in the file is ever executed.");
    inspecting->callback([options, &context] { inspect(*options, context); });
}

} // namespace engine::cli
