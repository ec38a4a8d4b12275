#include "engine/cli/benchfreeze.h"

#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/api/train.h"
#include "engine/api/weights.h"
#include "engine/cli/output.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <unistd.h>

namespace engine::cli {
namespace fs = std::filesystem;

namespace {

struct BenchOptions {
    std::string data;
    std::vector<std::string> backbones = {"tf_efficientnet_lite0"};
    std::string weights = "bundled";
    std::vector<std::string> freezes = {"head-only", "last-stages:1"};
    std::vector<std::string> caches = {"on", "off"};
    std::string device = "auto";
    std::string precision = "auto";
    int epochs = 20;
    int plainEpochs = 2; // measured where nothing is cached; the rest are reckoned from the last of them
    int batch = 32;
    int threads = 0;
    int rounds = 1;
};

struct Measured {
    double seconds = 0;    // of all epochs
    double perEpoch = 0;   // of the last one measured
    double firstEpoch = 0; // until its end, loading and building the cache included
    int epochs = 0;        // measured
    double accuracy = 0;
};

// A folder of its own for runs and cache, gone with the object, so that nothing of an earlier run helps.
class Scratch final {
public:
    Scratch() {
        std::string name = (fs::temp_directory_path() / "thaw-bench-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw Error(ErrorKind::BadInput, fmt::format("No folder can be made in {}.", name),
                        "Set TMPDIR to a folder that can be written to.");
        m_folder = name;
        setenv("THAW_CACHE", m_folder.c_str(), 1);
    }
    ~Scratch() {
        std::error_code code;
        fs::remove_all(m_folder, code);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const fs::path& folder() const { return m_folder; }

private:
    fs::path m_folder;
};

Measured measure(const Experiment& experiment, int wanted) {
    const Scratch scratch;
    const fs::path run = createRun(experiment, scratch.folder() / "runs");
    RunControl control;
    const double begin = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    (void)train(run, control);
    const double end = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const RunReader reader(run);
    std::vector<double> ends;
    for (const RunEvent& event : reader.events())
        if (event.kind == EventKind::Epoch)
            ends.push_back(event.time - begin);
    Measured result{.seconds = end - begin, .epochs = experiment.train.epochs};
    if (ends.size() > 1) {
        result.firstEpoch = ends.front();
        result.perEpoch = (ends.back() - ends.front()) / static_cast<double>(ends.size() - 1);
        result.seconds += result.perEpoch * (wanted - experiment.train.epochs);
    }
    if (const double best = bestMonitored(reader.summary()); std::isfinite(best))
        result.accuracy = best;
    return result;
}

void runBench(const BenchOptions& options, Context& context) {
    nlohmann::json all = nlohmann::json::array();
    std::vector<std::vector<std::string>> rows = {{"Backbone", "Trains", "Cache", "First epoch", "Each epoch",
                                                   fmt::format("{} epochs", options.epochs), "Accuracy"}};
    for (const std::string& backbone : options.backbones) {
        // Looked up before the cache folder becomes an empty one.
        const fs::path weights = options.weights == "bundled" ? bundledWeights(backbone)
                                 : options.weights == "none"  ? fs::path()
                                                              : fs::absolute(options.weights);
        std::error_code code;
        const bool random = weights.empty() || !fs::exists(weights, code);
        if (random)
            say("{}: no weights, so parameters are random; the accuracy says nothing.", backbone);
        for (const std::string& freeze : options.freezes)
            for (const std::string& cache : options.caches) {
                Experiment experiment;
                experiment.name = "bench";
                experiment.data.path = fs::absolute(options.data);
                experiment.data.augmentation = "none";
                experiment.model.backbone = backbone;
                experiment.model.weights = random ? "none" : weights.string();
                experiment.freeze.preset = freeze;
                experiment.freeze.cache = cache;
                experiment.train.epochs =
                    cache == "off" ? std::min(options.plainEpochs, options.epochs) : options.epochs;
                experiment.train.batchSize = options.batch;
                experiment.train.schedule = "constant";
                experiment.train.precision = options.precision;
                experiment.devices.use = {options.device};
                experiment.devices.threads = options.threads;
                std::vector<Measured> rounds;
                for (int round = 0; round < options.rounds; ++round)
                    rounds.push_back(measure(experiment, options.epochs));
                std::ranges::sort(rounds, {}, &Measured::seconds);
                const Measured& median = rounds[rounds.size() / 2];
                rows.push_back({backbone, freeze, cache, fmt::format("{:.2f} s", median.firstEpoch),
                                fmt::format("{:.3f} s", median.perEpoch),
                                fmt::format("{:.2f} s{}", median.seconds, median.epochs < options.epochs ? " *" : ""),
                                percentWords(median.accuracy)});
                all.push_back({{"backbone", backbone},
                               {"freeze", freeze},
                               {"cache", cache},
                               {"first_epoch_seconds", median.firstEpoch},
                               {"epoch_seconds", median.perEpoch},
                               {"seconds", median.seconds},
                               {"epochs", options.epochs},
                               {"epochs_measured", median.epochs},
                               {"accuracy", median.accuracy},
                               {"random_weights", random}});
            }
    }
    if (context.json) {
        printJson(all);
        return;
    }
    printTable(rows, {false, false, false, true, true, true, true});
    if (options.plainEpochs < options.epochs)
        say("* {} epochs measured, the others reckoned from them.", options.plainEpochs);
}

} // namespace

void addBenchFreeze(CLI::App& bench, Context& context) {
    auto options = std::make_shared<BenchOptions>();
    CLI::App* command = bench.add_subcommand("freeze", "Frozen blocks: cached and computed anew, over whole trainings");
    command->add_option("--data", options->data, "Folder of class folders")->required();
    command->add_option("--backbone", options->backbones, "Backbones")->capture_default_str();
    command->add_option("--weights", options->weights, "File, bundled or none")->capture_default_str();
    command->add_option("--freeze", options->freezes, "Presets")->capture_default_str();
    command->add_option("--cache", options->caches, "on, off or both")->capture_default_str();
    command->add_option("--device", options->device, "cpu, cuda:0, …")->capture_default_str();
    command->add_option("--precision", options->precision, "fp32, bf16 or auto")->capture_default_str();
    command->add_option("--epochs", options->epochs)->capture_default_str()->check(CLI::PositiveNumber);
    command
        ->add_option("--plain-epochs", options->plainEpochs, "Epochs measured without the cache; others are reckoned")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->add_option("--batch", options->batch)->capture_default_str()->check(CLI::PositiveNumber);
    command->add_option("--threads", options->threads, "0: one per core")->capture_default_str();
    command->add_option("--rounds", options->rounds, "Medians of so many")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    command->callback([options, &context] { runBench(*options, context); });
}

} // namespace engine::cli
