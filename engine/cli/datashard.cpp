#include "engine/api/shards.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

#include <chrono>
#include <unistd.h>

namespace engine::cli {
namespace {

constexpr std::size_t kMostLeftOut = 10;
constexpr double kMegabyte = 1e6;

struct ShardCommand {
    std::string source, out, task;
    double shardMegabytes = 256;
    ShardOptions shards;
    bool dryRun = false;
};

// "12 of 1281 shards", on one line of a terminal, else from time to time.
class ShardLines final : public ProgressSink {
public:
    ~ShardLines() override {
        if (m_open)
            fmt::print(stderr, "\n");
    }
    void onProgress(const Progress& progress) override {
        const auto now = std::chrono::steady_clock::now();
        const bool last = progress.step == progress.steps;
        if (progress.steps == 0 || (!last && now - m_last < (m_terminal ? kRedraw : kLine)))
            return;
        m_last = now;
        const std::string words = fmt::format("{} of {} shards written", progress.step, progress.steps);
        if (m_terminal)
            fmt::print(stderr, "\r\x1b[K{}", words);
        else
            say("{}", words);
        m_open = m_terminal;
    }

private:
    static constexpr std::chrono::milliseconds kRedraw{100}, kLine{10'000};
    bool m_terminal = isatty(STDERR_FILENO) == 1;
    bool m_open = false;
    std::chrono::steady_clock::time_point m_last = std::chrono::steady_clock::now();
};

nlohmann::json reportJson(const ShardCommand& options, const ShardReport& report) {
    nlohmann::json leftOut = nlohmann::json::array();
    for (const BadFile& file : report.leftOut)
        leftOut.push_back({{"file", file.file}, {"reason", file.reason}});
    return {{"out", options.out},
            {"dry_run", options.dryRun},
            {"classes", report.classes},
            {"train", {{"samples", report.trainSamples}, {"shards", report.trainShards}}},
            {"validation", {{"samples", report.validationSamples}, {"shards", report.validationShards}}},
            {"kept_shards", report.keptShards},
            {"bytes", report.bytes},
            {"left_out", leftOut}};
}

void tell(const ShardCommand& options, const ShardReport& report) {
    const auto shards = [](std::int64_t count) { return count == 1 ? "shard" : "shards"; };
    printTable({{"part", "samples", "shards"},
                {"train", std::to_string(report.trainSamples), std::to_string(report.trainShards)},
                {"validation", std::to_string(report.validationSamples), std::to_string(report.validationShards)}},
               {false, true, true});
    for (std::size_t i = 0; i < std::min(report.leftOut.size(), kMostLeftOut); ++i)
        fmt::print("Left out: {}: {}\n", report.leftOut[i].file, report.leftOut[i].reason);
    if (report.leftOut.size() > kMostLeftOut)
        fmt::print("… {} more are left out\n", report.leftOut.size() - kMostLeftOut);
    const std::int64_t all = report.trainShards + report.validationShards;
    if (options.dryRun)
        say("About {} in {} {} would be written to {}.", byteWords(report.bytes), all, shards(all), options.out);
    else if (report.keptShards == all)
        say("All {} {} are in {} already.", all, shards(all), options.out);
    else
        say("{} in {} {} {} in {}{}.", byteWords(report.bytes), all, shards(all), all == 1 ? "lies" : "lie",
            options.out, report.keptShards > 0 ? fmt::format(", {} of them from before", report.keptShards) : "");
}

} // namespace

void addDataShard(CLI::App& data, Context& context) {
    auto options = std::make_shared<ShardCommand>();
    CLI::App* command = data.add_subcommand(
        "shard",
        "Write a data set as WebDataset shards: tars of pictures and labels, and an index. Run again, it goes on "
        "where it was ended.");
    command
        ->add_option("source", options->source,
                     "Folder of pictures, table of pictures, shards, or an experiment file (TOML)")
        ->required();
    command->add_option("out", options->out, "Folder for the shards: new or empty")->required();
    command->add_option("--shard-size", options->shardMegabytes, "Megabytes of a shard, about")->capture_default_str();
    command->add_option("--short-side", options->shards.shortSide,
                        "Make larger pictures smaller: pixels of their short side. 0: as they are");
    command->add_option("--quality", options->shards.quality,
                        "Write all pictures as JPEG of this quality, 1 to 100. 0: as they are, where that is possible");
    command->add_option("--jobs", options->shards.jobs, "Shards written at a time. 0: as many as there are cores");
    command->add_option("--task", options->task, "What is asked, as data.task: image-classification or multi-label");
    command->add_flag("--dry-run", options->dryRun, "Say what would be written, and write nothing");
    command->callback([options, &context] {
        const Experiment experiment = dataExperiment(options->source, {}, options->task);
        options->shards.shardBytes = static_cast<std::uint64_t>(std::max(0.0, options->shardMegabytes) * kMegabyte);
        ShardReport report;
        if (options->dryRun) {
            report = planShards(experiment, options->shards);
        } else {
            ShardLines lines;
            report = writeShards(experiment, options->out, options->shards, {}, context.json ? nullptr : &lines);
        }
        if (context.json)
            printJson(reportJson(*options, report));
        else
            tell(*options, report);
    });
}

} // namespace engine::cli
