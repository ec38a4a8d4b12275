#include "engine/api/export.h"
#include "engine/api/run.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/progressbar.h"

#include <map>
#include <unistd.h>

namespace engine::cli {
namespace {

struct ExportOptions {
    std::string run, out, runs, names;
    std::string format = "safetensors", checkpoint = "best", precision = "fp32";
    bool preparation = false, check = false, dryRun = false;
};

const std::map<std::string, Library>& libraries() {
    static const std::map<std::string, Library> names{
        {"torchvision", Library::Torchvision}, {"timm", Library::Timm}, {"transformers", Library::Transformers}};
    return names;
}

const std::map<std::string, ExportPrecision>& precisions() {
    static const std::map<std::string, ExportPrecision> names{
        {"fp32", ExportPrecision::Float32}, {"fp16", ExportPrecision::Float16}, {"bf16", ExportPrecision::Bfloat16}};
    return names;
}

ExportFormat formatNamed(const std::string& name) {
    for (const ExportFormatInfo& info : exportFormats())
        if (info.name == name)
            return info.format;
    return ExportFormat::Safetensors;
}

nlohmann::json asJson(const Certificate& c) {
    nlohmann::json object{{"checked", c.notChecked.empty()},
                          {"file", c.file},
                          {"bytes", c.bytes},
                          {"sha256", c.sha256},
                          {"runtime", c.runtime},
                          {"pictures", c.pictures},
                          {"made_up", c.madeUp},
                          {"same_answer", c.agreeing},
                          {"largest_difference", c.largestDifference},
                          {"tolerance", c.tolerance},
                          {"ms_per_picture", c.msPerPicture},
                          {"thaw_ms_per_picture", c.thawMsPerPicture}};
    if (!c.notChecked.empty())
        object["not_checked_because"] = c.notChecked;
    return object;
}

void print(const Certificate& c) {
    fmt::print("{}: {}, SHA-256 {}…\n", c.file, byteWords(c.bytes), c.sha256.substr(0, 12));
    if (!c.notChecked.empty()) {
        fmt::print("Not checked: {}\n", c.notChecked);
        return;
    }
    fmt::print("Checked with {} on {} {}: {} answers are the same, outputs differ by at most {:.2g}.\n", c.runtime,
               c.pictures, c.madeUp ? "pictures that were made up, for the run's are not here" : "validation pictures",
               c.agreeing, c.largestDifference);
    fmt::print("A picture takes {:.1f} ms there and {:.1f} ms in Thaw.\n", c.msPerPicture, c.thawMsPerPicture);
}

ExportRequest requestOf(const ExportOptions& options) {
    return {.run = findRun(options.run, runsFolder(options.runs)),
            .out = options.out,
            .format = formatNamed(options.format),
            .names = options.names.empty() ? Library::Unknown : libraries().at(options.names),
            .checkpoint = options.checkpoint,
            .precision = precisions().at(options.precision),
            .input = options.preparation ? ExportInput::Pictures : ExportInput::Pixels};
}

// Into a pipe a line for each batch: the program that exports reads them.
class ComparedLines final : public ProgressSink {
public:
    void onProgress(const Progress& progress) override {
        say("Compared {} of {} pictures", progress.step, progress.steps);
    }
};

Certificate checked(const ExportOptions& options) {
    ProgressBar bar;
    ComparedLines lines;
    ProgressSink* progress = isatty(STDERR_FILENO) == 1 ? static_cast<ProgressSink*>(&bar) : &lines;
    return checkExport(findRun(options.run, runsFolder(options.runs)), options.out, options.checkpoint, progress);
}

void runCheck(const ExportOptions& options, const Context& context) {
    const Certificate certificate = checked(options);
    if (context.json)
        printJson(asJson(certificate));
    else
        print(certificate);
}

void runOffer(const ExportOptions& options, const Context& context) {
    const ExportOffer offer = offerExport(requestOf(options));
    if (!context.json) {
        fmt::print("Size: about {}.\n", byteWords(offer.bytes));
        for (const std::string& sentence : {offer.takes, offer.opens, offer.loses})
            if (!sentence.empty())
                fmt::print("{}\n", sentence);
        if (!offer.notChecked.empty())
            fmt::print("It will not be checked: {}\n", offer.notChecked);
        return;
    }
    nlohmann::json object{
        {"bytes", offer.bytes}, {"takes", offer.takes}, {"opens", offer.opens}, {"loses", offer.loses}};
    for (const ExportCheckpoint& one : offer.checkpoints)
        object["checkpoints"].push_back(
            {{"name", one.word}, {"step", one.step}, {"epoch", one.epoch}, {"best", one.best}, {"last", one.last}});
    if (!offer.notChecked.empty())
        object["not_checked_because"] = offer.notChecked;
    printJson(object);
}

ExportReport exported(const ExportOptions& options) {
    ProgressBar bar;
    return exportModel(requestOf(options), {}, &bar);
}

void runExport(const ExportOptions& options, const Context& context) {
    const ExportReport report = exported(options);
    if (context.json) {
        printJson({{"folder", options.out},
                   {"architecture", report.architecture},
                   {"opening", report.opening},
                   {"notes", report.notes},
                   {"certificate", asJson(report.certificate)}});
        return;
    }
    fmt::print("{} is written to {}.\n", report.architecture, options.out);
    if (!report.opening.empty())
        fmt::print("It opens with:\n{}\n", report.opening);
    for (const std::string& note : report.notes)
        fmt::print("{}\n", note);
    print(report.certificate);
}

template <typename Names>
std::vector<std::string> keysOf(const Names& names) {
    std::vector<std::string> keys;
    for (const auto& [name, value] : names)
        keys.push_back(name);
    return keys;
}

std::vector<std::string> formatNames() {
    std::vector<std::string> names;
    for (const ExportFormatInfo& info : exportFormats())
        names.push_back(info.name);
    return names;
}

} // namespace

void addExport(CLI::App& app, Context& context) {
    auto options = std::make_shared<ExportOptions>();
    CLI::App* command = app.add_subcommand("export", "Write a run's model for other programs, and prove it equal");
    command->add_option("run", options->run, "Run (folder, id or name)")->required();
    command->add_option("out", options->out, "Folder to be made; nothing is overwritten")->required();
    command->add_option("--format", options->format, "What to write")
        ->capture_default_str()
        ->check(CLI::IsMember(formatNames()));
    command->add_option("--checkpoint", options->checkpoint, "Which of its checkpoints: best, last or a step")
        ->capture_default_str();
    command->add_option("--precision", options->precision, "Numbers that parameters are kept in")
        ->capture_default_str()
        ->check(CLI::IsMember(keysOf(precisions())));
    command->add_flag("--with-preparation", options->preparation,
                      "The file takes pictures as bytes of any size and gives probabilities");
    command->add_option("--names", options->names, "Whose names and settings; otherwise the backbone's own library's")
        ->check(CLI::IsMember(keysOf(libraries())));
    command->add_flag("--check", options->check,
                      "Write nothing: compare the export in OUT with the run again, in this process");
    command->add_flag("--dry-run", options->dryRun,
                      "Write nothing: say how large it would be, what opens it and what it loses");
    command->add_option("--runs", options->runs, "Folder that holds the runs; otherwise ./runs");
    command->callback([options, &context] {
        const auto run = options->check ? runCheck : options->dryRun ? runOffer : runExport;
        run(*options, context);
    });
}

} // namespace engine::cli
