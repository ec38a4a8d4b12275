#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

struct DataSettings {
    std::string task = "image-classification"; // a row of tasks()
    std::string kind = "auto";                 // auto (by what `path` is) | image-folder | manifest | webdataset
    std::filesystem::path path;   // folder, the file of a manifest, or a tar or a pattern of tars ("x-{000..123}.tar");
                                  // as written, relative to Experiment::directory
    std::string train;            // folder or split name; empty: found by the usual names, else split by seeded hash
    std::string validation;       // likewise
    std::string layout = "auto";  // auto | classes (every folder is a class, whatever its name) | split
    double validationShare = 0.2; // only where the data has no validation part of its own
    int imageSize = 0;            // pixels; 0: as stated beside the weights, else the backbone's own
    std::string augmentation = "standard"; // a preset, or operations: "random-crop:0.5 flip"
    int workers = 0;                       // decoding threads; 0: as many as there are cores
    int shuffleWindow = 100'000;           // samples of shards that are shuffled together; 0: all
    // Of a manifest; empty: recognised by their names and by what stands in them.
    std::string fileColumn;                // where the picture is
    std::vector<std::string> labelColumns; // one with the class or the labels, or one for each label with 0 and 1; of
                                           // shards the keys of each sample's .json
    std::string splitColumn;               // training or validation
    std::vector<std::string> leaveOut;     // files, folders and globs relative to `path`, skipped without a warning
};

struct ModelSettings {
    std::string backbone = "tf_efficientnet_lite0"; // or "torchscript:FILE[#OUTPUT]"; in a file also "torchscript" with
                                                    // the program as the weights
    std::string weights = "bundled";                // file, "hub:org/name", "bundled", or "none" for random parameters
    std::string head = "auto"; // the weights' own: auto (kept where its classes are the data's) | new | keep
};

// What the parameters matched by `pattern` have besides the phase's own factor.
struct BlockFactor {
    std::string pattern; // as in FreezePhase::train
    double factor = 1.0;

    bool operator==(const BlockFactor&) const = default;
};

// From `fromEpoch` on (1-based) the parameters matched by `train` are trained with learning rate × factor; all others
// are frozen. A pattern is a glob ("blocks.[45]*") or, behind "re:", a regular expression (ECMAScript, the whole name),
// on block or parameter names.
struct FreezePhase {
    int fromEpoch = 1;
    std::vector<std::string> train;
    double learningRateFactor = 1.0;
    std::vector<BlockFactor> factors; // discriminative learning rates; the last pattern that matches counts
    std::string schedule;             // empty: the run's schedule goes on; else one that begins anew in this phase

    bool operator==(const FreezePhase&) const = default;
};

struct FreezeSettings {
    // none | head-only | last-stages:N | gradual | fine-tune | by-hand (then `phases` says which)
    std::string preset = "head-only";
    std::string batchNorm = "frozen"; // of frozen blocks: frozen | train | affine-only
    std::string verify = "stop";      // what a frozen tensor that changed does: stop | warn; off: frozen is not checked
    std::string cache = "auto";       // outputs of the frozen blocks are kept: auto (where it pays) | on | off
    int views = 0;                    // augmented views of each picture in the cache; 0: only without augmentation
    int loraRank = 0;                 // low-rank adapters on linear layers of frozen blocks; 0: none
    double loraAlpha = 0;             // scale of the adapters × rank; 0: twice the rank
    std::vector<std::string> loraTargets; // patterns on layer names; empty: every linear layer but the head
    std::vector<FreezePhase> phases;      // only for by-hand
};

// Steps [fromStep, toStep) of a run whose schedule a resume changed: `schedule` with `learningRate` over these alone.
struct SchedulePart {
    std::int64_t fromStep = 0;
    std::int64_t toStep = 0;
    double learningRate = 0;
    std::string schedule;
    int warmupSteps = 0;

    bool operator==(const SchedulePart&) const = default;
};

struct TrainSettings {
    int epochs = 5;
    int batchSize = 32;              // per rank
    int accumulate = 1;              // batches per optimizer step
    std::string optimizer = "adamw"; // a row of optimizerInfos()
    double learningRate = 1e-3;
    double momentum = 0.9; // sgd only
    double weightDecay = 0.01;
    double labelSmoothing = 0.0;
    std::string classWeights = "none"; // none | balanced | effective: how classes of unequal size count in the loss
    std::string schedule = "cosine";   // constant | cosine | one-cycle
    int warmupSteps = 0;
    std::map<std::string, double, std::less<>> options; // of the optimizer's own settings those that are said, by key
    std::string precision = "auto";                     // fp32 | bf16 | auto
    std::string monitor = "auto";  // decides the best epoch: a metric of the task; auto: the task's own choice
    int earlyStoppingPatience = 0; // epochs without a better value of it; 0: never
    // Empty: the schedule is what the settings above say. Else the first is the plan as it was at the run's beginning.
    std::vector<SchedulePart> parts;
};

struct DeviceSettings {
    std::vector<std::string> use = {"auto"};
    int threads = 0; // of the CPU's computing; 0: all cores
    // Of several ranks that train together; alone, each of these is nothing.
    std::string batchNorm = "per-rank";   // per-rank | synchronized: whose samples its statistics are of
    std::string optimizer = "replicated"; // replicated | sharded: what of its state each rank keeps (ZeRO-1)
    std::string gradients = "fp32";       // fp32 | bf16: how they are sent
    std::string learningRate = "as-set";  // as-set | linear | square-root: how it grows with the number of ranks
};

// One experiment, complete and self-contained: what the form edits, the file holds and the engine runs.
struct Experiment {
    std::string name = "untitled";
    std::uint64_t seed = 7;
    DataSettings data;
    ModelSettings model;
    FreezeSettings freeze;
    TrainSettings train;
    DeviceSettings devices;
    std::filesystem::path directory; // where relative paths start; not stored in the file

    // `data.path` / `model.weights` made absolute against `directory`.
    [[nodiscard]] std::filesystem::path dataPath() const;
    // Empty for "none"; resolves "bundled", and "hub:…" where the cache has it: else that stays as it is.
    [[nodiscard]] std::filesystem::path weightsPath() const;
};

enum class Severity { Warning, Problem };

// Something wrong with a setting: problems stop Train, warnings do not.
struct Finding {
    std::string key; // "train.batch_size"; "data" for the section as a whole
    Severity severity = Severity::Problem;
    std::string message;  // what is: "1 file is not a picture."
    std::string detail;   // which, why
    std::string fixLabel; // empty: no automatic remedy; else a verb with the value: "Use 48"
    std::string fixKey;   // setParameterValue(fixKey, fixValue) carries it out
    std::string fixValue;
};

// Reads an experiment file. Relative paths are taken against its folder. Throws Error(NotFound | BadInput) that names
// the line, the key and what would be legal; unknown keys are errors. Any thread.
[[nodiscard]] Experiment readExperiment(const std::filesystem::path& file);
[[nodiscard]] Experiment parseExperiment(std::string_view toml, const std::filesystem::path& directory);
// Every value resolved, absolute paths: feeding it back reproduces the run.
[[nodiscard]] std::string toToml(const Experiment& experiment);
// Writes atomically. Throws Error(DiskFull | BadInput).
void writeExperiment(const Experiment& experiment, const std::filesystem::path& file);

// What can be said without reading data or weights: ranges, names, files that do not exist, a plan that trains nothing.
[[nodiscard]] std::vector<Finding> validate(const Experiment& experiment);
// "Only 31 % of the backbone comes from these weights. 97 tensors …": a finding as every front end says it.
[[nodiscard]] std::string words(const Finding& finding);

struct SettingDifference {
    std::string key;
    std::string label;
    std::vector<std::string> values; // one per experiment
};
// The settings in which the given experiments differ, in the order of the form.
[[nodiscard]] std::vector<SettingDifference> differences(const std::vector<Experiment>& experiments);

} // namespace engine
