#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/api/parameter.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostUnreadable = 10;

struct DataOptions {
    std::string path;
    std::string layout;
    std::string task;
};

nlohmann::json passedOverJson(const std::vector<PassedOver>& passedOver) {
    nlohmann::json result = nlohmann::json::object();
    for (const PassedOver& kind : passedOver)
        result[kind.what] = kind.count;
    return result;
}

nlohmann::json classesJson(const std::vector<ClassCount>& classes) {
    nlohmann::json result = nlohmann::json::array();
    for (const ClassCount& row : classes)
        result.push_back({{"name", row.name},
                          {"train", row.train},
                          {"validation", row.validation},
                          {"passed_over", passedOverJson(row.passedOver)}});
    return result;
}

nlohmann::json reportJson(const Experiment& experiment, const DataReport& report) {
    nlohmann::json unused = nlohmann::json::array();
    for (const UnusedFolder& folder : report.notes.unused)
        unused.push_back({{"folder", folder.folder}, {"pictures", folder.pictures}, {"reason", folder.reason}});
    nlohmann::json unreadable = nlohmann::json::array();
    for (const BadFile& file : report.unreadable)
        unreadable.push_back({{"file", file.file}, {"reason", file.reason}});
    nlohmann::json findings = nlohmann::json::array();
    for (const Finding& finding : report.notes.findings)
        findings.push_back({{"key", finding.key}, {"message", finding.message}, {"detail", finding.detail}});
    return {{"path", experiment.dataPath().string()},
            {"classes", classesJson(report.classes)},
            {"no_classes", classesJson(report.notes.noClasses)},
            {"train", {{"folder", report.trainFolder}, {"pictures", report.trainSamples}}},
            {"validation",
             {{"folder", report.validationFolder},
              {"pictures", report.validationSamples},
              {"held_back", report.seededSplit},
              {"left_out", report.notes.validationLeftOut}}},
            {"unused", unused},
            {"unreadable", unreadable},
            {"facts", report.notes.facts},
            {"findings", findings},
            {"bytes", report.bytes},
            {"smallest_side", report.smallestSide},
            {"largest_side", report.largestSide}};
}

void tell(const DataReport& report) {
    for (const std::string& line : dataTable(report))
        fmt::print("{}\n", line);
    for (std::size_t i = 0; i < std::min(report.unreadable.size(), kMostUnreadable); ++i)
        fmt::print("{}: {}\n", report.unreadable[i].file, report.unreadable[i].reason);
    if (report.unreadable.size() > kMostUnreadable)
        fmt::print("… {} more unreadable files\n", report.unreadable.size() - kMostUnreadable);
    for (const Finding& finding : report.notes.findings)
        say("Note: {} {}", finding.message, finding.detail);
}

} // namespace

Experiment dataExperiment(const std::string& path, const std::string& layout, const std::string& task) {
    Experiment experiment;
    if (path.ends_with(".toml"))
        experiment = readExperiment(path);
    else
        experiment.data.path = path;
    if (!layout.empty())
        setParameterValue(experiment, "data.layout", layout);
    if (!task.empty())
        setParameterValue(experiment, "data.task", task);
    return experiment;
}

void addData(CLI::App& app, Context& context) {
    auto options = std::make_shared<DataOptions>();
    CLI::App* command = app.add_subcommand("data", "Look at a data set, or write it as shards");
    command->require_subcommand(1);
    CLI::App* check = command->add_subcommand(
        "check", "What is found in a set of pictures: classes, parts, files that are passed over");
    check
        ->add_option("path", options->path,
                     "Folder of pictures, table of pictures (CSV, TSV, JSONL), shards (a folder of tars, a tar, or "
                     "train-{000000..000123}.tar), or an experiment file (TOML)")
        ->required();
    check->add_option("--layout", options->layout, "What the folders are, as data.layout: auto, classes or split");
    check->add_option("--task", options->task, "What is asked, as data.task: image-classification or multi-label");
    check->callback([options, &context] {
        const Experiment experiment = dataExperiment(options->path, options->layout, options->task);
        const DataReport report = checkData(experiment);
        if (context.json)
            printJson(reportJson(experiment, report));
        else
            tell(report);
    });
    addDataShard(*command, context);
}

} // namespace engine::cli
