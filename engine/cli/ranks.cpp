#include "engine/api/error.h"
#include "engine/api/rankremedy.h"
#include "engine/api/run.h"
#include "engine/cli/commands.h"
#include "engine/cli/newevents.h"
#include "engine/cli/output.h"

#include <array>
#include <chrono>
#include <memory>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct Remedy {
    RankRemedy remedy;
    const char* words;
};
constexpr std::array kRemedies{
    Remedy{RankRemedy::End, "End the rank that is in trouble now; the run goes on from its last checkpoint"},
    Remedy{RankRemedy::KeepWaiting, "Do not give it up for another five minutes"},
    Remedy{RankRemedy::GoOnWithout, "Go on from the last checkpoint with the ranks that are left"}};

// Asks, and waits until the record says what came of it.
void ask(const fs::path& folder, const RankRequest& request) {
    NewEvents events(folder);
    askOfRanks(folder, request);
    const bool told = events.await(std::chrono::seconds(5), "thaw runs show RUN names its ranks' troubles.",
                                   [](const RunEvent& event) {
                                       if (event.kind == EventKind::Knob)
                                           say("{}", event.text);
                                       return event.kind == EventKind::Knob;
                                   });
    if (!told)
        say("It is asked for; the run's record will say what came of it.");
}

} // namespace

void addRankSteering(CLI::App& command, std::function<fs::path(const std::string&)> found) {
    struct Options {
        std::string run;
        int rank = -1;
    };
    auto options = std::make_shared<Options>();
    for (const Remedy& remedy : kRemedies) {
        CLI::App* asking = command.add_subcommand(rankRemedyName(remedy.remedy), remedy.words);
        asking->add_option("run", options->run, "Folder, id or name")->required();
        asking->add_option("--rank", options->rank, "Its number; otherwise the one that is in trouble")
            ->check(CLI::NonNegativeNumber);
        asking->callback([options, found, remedy] { ask(found(options->run), {remedy.remedy, options->rank}); });
    }
}

} // namespace engine::cli
