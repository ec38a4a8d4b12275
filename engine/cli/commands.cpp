#include "engine/cli/commands.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/cli/output.h"

#include <algorithm>
#include <exception>

namespace engine::cli {
namespace {

int tell(const Error& error, const Context& context) {
    if (context.json)
        printJson({{"error",
                    {{"kind", errorKindName(error.kind())}, {"message", error.what()}, {"remedy", error.remedy()}}}});
    say("thaw: {}{}{}", error.what(), error.remedy().empty() ? "" : " ", error.remedy());
    return exitCode(error.kind());
}

// The program's arguments with "~/" expanded where no shell has done it: within quotes and behind the = of an option.
std::vector<std::string> expanded(int argc, const char* const* argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    for (std::string& word : words) {
        const std::size_t value =
            word.starts_with("--") ? word.find('=') + 1 : 0; // none: npos + 1 is 0, and no ~ there
        if (word.compare(value, 2, "~/") == 0)
            word.replace(value, std::string::npos, expandHome(word.substr(value)).native());
    }
    std::ranges::reverse(words); // as CLI11 takes them
    return words;
}

} // namespace

int run(int argc, const char* const* argv) {
    Context context;
    CLI::App app("Transfer learning on pictures: train, evaluate, predict, compare runs.\n"
                 "Exit codes: 0 done, 1 failed, 2 bad input, 130 stopped.",
                 "thaw");
    app.require_subcommand(1);
    app.set_version_flag("--version", THAW_VERSION);
    app.add_flag("--json", context.json, "Print one JSON value on stdout; words go to stderr");
    app.fallthrough();
    for (auto* add :
         {addTrain, addWorker, addEvaluate, addPredict, addExport, addRuns, addQueue, addSubmit, addSweep, addEstimate,
          addPlan, addData, addTokenize, addFreeze, addBackbones, addWeights, addDevices, addBench})
        add(app, context);
    try {
        app.parse(expanded(argc, argv));
        return context.exitCode;
    } catch (const CLI::ParseError& error) {
        const bool asked = error.get_exit_code() == 0; // --help, --version
        if (asked)
            return app.exit(error);
        app.exit(error, std::cerr, std::cerr);
        return exitCode(ErrorKind::BadInput);
    } catch (const Error& error) {
        return tell(error, context);
    } catch (const std::exception& error) {
        return tell(Error(ErrorKind::Internal, error.what()), context);
    }
}

} // namespace engine::cli
