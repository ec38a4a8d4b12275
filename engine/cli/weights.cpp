#include "engine/api/weights.h"
#include "engine/api/hub.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/progressbar.h"

#include <cmath>
#include <fmt/ranges.h>
#include <unistd.h>

namespace engine::cli {
namespace {

struct WeightsOptions {
    std::string file, backbone;
    int classes = 0;
};

// The share of the backbone that is pretrained, as a bar where a person looks at it.
std::string shareBar(double share) {
    constexpr int kWidth = 40;
    if (isatty(STDOUT_FILENO) != 1)
        return {};
    std::string bar;
    for (int i = 0; i < kWidth; ++i)
        bar += i < std::lround(share * kWidth) ? "█" : "░";
    return bar + ' ';
}

void printStated(const StatedPreprocess& stated) {
    if (!stated.problem.empty())
        fmt::print("{}\n", stated.problem);
    if (stated.files.empty())
        return;
    std::vector<std::string> words;
    if (!stated.architecture.empty())
        words.push_back(stated.architecture);
    if (stated.imageSize)
        words.push_back(fmt::format("{} pixels{}", *stated.imageSize,
                                    stated.resizeSize ? fmt::format(" of {}", *stated.resizeSize) : ""));
    if (stated.cropMode && *stated.cropMode != CropMode::Center)
        words.push_back(fmt::format("crop mode {}", cropModeName(*stated.cropMode)));
    if (stated.interpolation)
        words.push_back(interpolationName(*stated.interpolation));
    if (stated.mean)
        words.push_back(fmt::format("mean {:.4g}", fmt::join(*stated.mean, " ")));
    if (stated.standardDeviation)
        words.push_back(fmt::format("standard deviation {:.4g}", fmt::join(*stated.standardDeviation, " ")));
    if (!stated.labels.empty())
        words.push_back(fmt::format("{} labels", stated.labels.size()));
    fmt::print("{} beside it: {}\n", stated.files.back().filename().string(),
               words.empty() ? "nothing about pictures" : fmt::format("{}", fmt::join(words, ", ")));
    for (const std::string& sentence : stated.notFollowed)
        fmt::print("{}\n", sentence);
}

void printReport(const WeightsReport& report, const StatedPreprocess& stated, const std::string& backbone) {
    const bool mapped = !backbone.empty();
    fmt::print("{}, {} tensors, {} parameters{}\n", report.format, report.tensors.size(),
               countWords(double(report.parameters)),
               report.takenFrom.empty()
                   ? ""
                   : fmt::format(", taken from {}{}", report.takenFrom,
                                 report.elsewhere > 0 ? fmt::format(" ({} tensors elsewhere)", report.elsewhere) : ""));
    printStated(stated);
    if (mapped)
        fmt::print("{}{} of {} pretrained: {} matched, {} renamed, {} reshaped, {} new, {} unused, {} missing\n",
                   shareBar(report.pretrainedShare), percentWords(report.pretrainedShare), backbone, report.matched,
                   report.renamed, report.reshaped, report.fresh, report.unexpected, report.missing);
    if (!report.missingStem.empty())
        fmt::print("The layer that sees the pixels, {}, is not in the file.\n", report.missingStem);
    if (!report.numerics.empty())
        fmt::print("Computed as {} does: {}\n", libraryName(report.origin), report.numerics);
    for (const std::string& note : report.notes)
        fmt::print("{}\n", note);
    fmt::print("\n");
    std::vector<std::vector<std::string>> rows = {{"Tensor", "Shape", "Type", "Match", "Target", "Rule"}};
    for (const TensorReport& tensor : report.tensors)
        rows.push_back({tensor.name, fmt::format("{}", fmt::join(tensor.shape, " × ")), tensor.dtype,
                        mapped ? tensorMatchName(tensor.match) : "", tensor.target == tensor.name ? "" : tensor.target,
                        tensor.rule});
    printTable(rows, {false, false, false, false, false, false});
}

nlohmann::json statedJson(const StatedPreprocess& stated) {
    nlohmann::json result = nlohmann::json::object();
    if (!stated.architecture.empty())
        result["architecture"] = stated.architecture;
    if (stated.imageSize)
        result["image_size"] = *stated.imageSize;
    if (stated.resizeSize)
        result["resize_size"] = *stated.resizeSize;
    if (stated.interpolation)
        result["interpolation"] = interpolationName(*stated.interpolation);
    if (stated.cropMode)
        result["crop_mode"] = cropModeName(*stated.cropMode);
    if (stated.divisor)
        result["divisor"] = *stated.divisor;
    if (!stated.notFollowed.empty())
        result["not_followed"] = stated.notFollowed;
    if (stated.mean)
        result["mean"] = *stated.mean;
    if (stated.standardDeviation)
        result["std"] = *stated.standardDeviation;
    if (!stated.labels.empty())
        result["labels"] = stated.labels;
    return result;
}

void inspect(const WeightsOptions& options, const Context& context) {
    std::filesystem::path file = options.file;
    if (isHubName(options.file)) {
        ProgressBar bar;
        file = fetchHubFile(options.file, {}, &bar);
    }
    const WeightsReport report = inspectWeights(file, options.backbone, options.classes);
    const StatedPreprocess stated = statedPreprocess(file);
    if (!context.json) {
        printReport(report, stated, options.backbone);
        return;
    }
    const bool mapped = !options.backbone.empty();
    nlohmann::json tensors = nlohmann::json::array();
    for (const TensorReport& tensor : report.tensors)
        tensors.push_back({{"name", tensor.name},
                           {"shape", tensor.shape},
                           {"dtype", tensor.dtype},
                           {"match", tensorMatchName(tensor.match)},
                           {"target", tensor.target},
                           {"rule", tensor.rule}});
    printJson({{"file", file.string()},
               {"format", report.format},
               {"taken_from", report.takenFrom},
               {"wrappers", report.wrappers},
               {"elsewhere", report.elsewhere},
               {"head_classes", report.headClasses},
               {"tensors", tensors},
               {"counts",
                {{"matched", report.matched},
                 {"renamed", report.renamed},
                 {"reshaped", report.reshaped},
                 {"new", report.fresh},
                 {"unused", report.unexpected},
                 {"missing", report.missing}}},
               {"parameters", report.parameters},
               {"pretrained_share", report.pretrainedShare},
               {"library", mapped ? libraryName(report.origin) : ""},
               {"numerics", report.numerics},
               {"missing_stem", report.missingStem},
               {"notes", report.notes},
               {"stated", statedJson(stated)}});
}

void fetch(const std::string& name, const Context& context) {
    std::filesystem::path file;
    {
        ProgressBar bar;
        file = isHubName(name) ? fetchHubFile(name, {}, &bar) : fetchWeights(name, {}, &bar);
    }
    if (context.json)
        printJson({{"file", file.string()}});
    else
        fmt::print("{}\n", file.string());
}

} // namespace

void addWeights(CLI::App& app, Context& context) {
    auto options = std::make_shared<WeightsOptions>();
    CLI::App* command = app.add_subcommand("weights", "Look into files of weights, and fetch them");
    command->require_subcommand(1);
    CLI::App* inspecting =
        command->add_subcommand("inspect", "List the tensors of a file, and how they fit a backbone");
    inspecting
        ->add_option("file", options->file,
                     ".safetensors, .pth, .pt, .bin, .index.json, hub:org/name[@revision][/file]")
        ->required();
    inspecting->add_option("--backbone", options->backbone, "Show how the file would load into this backbone");
    inspecting->add_option("--classes", options->classes, "Classes of the new head; 0 keeps the file's own")
        ->check(CLI::NonNegativeNumber);
    inspecting->footer("Headers only are read; nothing in the file is ever executed.");
    auto name = std::make_shared<std::string>();
    CLI::App* fetching = command->add_subcommand("fetch", "Download the usual weights of a backbone");
    fetching->add_option("name", *name, "Backbone, or hub:org/name[@revision][/file]")->required();
    fetching->footer("Prints where the file is. A download that was broken off goes on where it stopped.");
    fetching->callback([name, &context] { fetch(*name, context); });
    inspecting->callback([options, &context] { inspect(*options, context); });
}

} // namespace engine::cli
