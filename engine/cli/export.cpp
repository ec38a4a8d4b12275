#include "engine/api/export.h"
#include "engine/api/run.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

#include <map>

namespace engine::cli {
namespace {

struct Options {
    std::string run, out, runs, names;
    std::string format = "safetensors";
};

const std::map<std::string, Library>& libraries() {
    static const std::map<std::string, Library> names{
        {"torchvision", Library::Torchvision}, {"timm", Library::Timm}, {"transformers", Library::Transformers}};
    return names;
}

void runExport(const Options& options, const Context& context) {
    const ExportReport report =
        exportModel({.run = findRun(options.run, runsFolder(options.runs)),
                     .out = options.out,
                     .names = options.names.empty() ? Library::Unknown : libraries().at(options.names)});
    if (context.json) {
        printJson({{"folder", options.out},
                   {"architecture", report.architecture},
                   {"opening", report.opening},
                   {"notes", report.notes}});
        return;
    }
    fmt::print("{} is written to {}.\n", report.architecture, options.out);
    if (!report.opening.empty())
        fmt::print("It opens with:\n{}\n", report.opening);
    for (const std::string& note : report.notes)
        fmt::print("{}\n", note);
}

std::vector<std::string> libraryNames() {
    std::vector<std::string> names;
    for (const auto& [name, library] : libraries())
        names.push_back(name);
    return names;
}

} // namespace

void addExport(CLI::App& app, Context& context) {
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("export", "Write a run's model for another library");
    command->add_option("run", options->run, "Run (folder, id or name); its best checkpoint is written")->required();
    command->add_option("out", options->out, "Folder to be made; nothing is overwritten")->required();
    command->add_option("--format", options->format, "What to write")
        ->capture_default_str()
        ->check(CLI::IsMember({"safetensors"}));
    command->add_option("--names", options->names, "Whose names and settings; otherwise the backbone's own library's")
        ->check(CLI::IsMember(libraryNames()));
    command->add_option("--runs", options->runs, "Folder that holds the runs; otherwise ./runs");
    command->callback([options, &context] { runExport(*options, context); });
}

} // namespace engine::cli
