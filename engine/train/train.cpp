#include "engine/api/train.h"

#include "engine/api/deviceclaims.h"
#include "engine/api/devices.h"
#include "engine/api/gpus.h"
#include "engine/api/parameter.h"
#include "engine/api/ranks.h"
#include "engine/base/atomicfile.h"
#include "engine/data/dataset.h"
#include "engine/device/cpuallocator.h"
#include "engine/distributed/c10dgroup.h"
#include "engine/runs/devicechoice.h"
#include "engine/runs/liverun.h"
#include "engine/train/checkpoint.h"
#include "engine/train/evaluation.h"
#include "engine/train/place.h"
#include "engine/train/ranklauncher.h"
#include "engine/train/resolvedexperiment.h"
#include "engine/train/trainedmodel.h"
#include "engine/train/trainer.h"
#include "engine/train/translate.h"
#include "engine/train/watchedgroup.h"

#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace engine {
namespace fs = std::filesystem;

namespace {

// Memory and temperature of the rank's device.
RankPulse::Sensors sensors() {
    return [sampler = std::make_shared<DeviceSampler>()](RankState& state) {
        for (const DeviceSample& sample : sampler->sample())
            if (sample.id == state.device) {
                state.usedBytes = static_cast<double>(sample.id == "cpu" ? sample.processBytes : sample.usedBytes);
                state.celsius = sample.celsius;
            }
    };
}

// In this process, as the rank that `ranks` says.
RunSummary trainHere(const fs::path& runFolder, RunControl& control, ProgressSink* progress,
                     const std::vector<ChangedSetting>& changes, ProcessGroup* ranks,
                     const std::vector<std::string>& devices) {
    const World world = ranks != nullptr ? ranks->world() : World();
    std::unique_ptr<RankPulse> pulse;
    std::unique_ptr<ProcessGroup> group;
    if (world.leads())
        forgetRanks(runFolder, world.size > 1 ? world.size : 0);
    if (world.size > 1) {
        pulse = std::make_unique<RankPulse>(runFolder, world.rank, sensors());
        group = watchedGroup(*ranks, *pulse);
    }
    std::unique_ptr<Trainer> trainer;
    std::unique_ptr<FolderProgress> told;
    std::unique_ptr<CommandListener> listener;
    try {
        told = world.leads() ? std::make_unique<FolderProgress>(runFolder, progress)
                             : std::make_unique<FolderProgress>(runFolder, world.rank);
        trainer = std::make_unique<Trainer>(runFolder, control, told.get(), changes, group ? group.get() : ranks);
        trainer->trainOn(devices);
        if (pulse)
            trainer->show(*pulse);
        if (world.leads()) // it holds the run's lock now
            listener = std::make_unique<CommandListener>(runFolder, control, trainer->requests());
        RunSummary summary = trainer->run();
        listener.reset();
        trainer.reset();
        releaseCachedCpuMemory();
        return summary;
    } catch (...) {
        Error error = translated(std::current_exception());
        listener.reset();
        try {
            if (trainer)
                error = trainer->fail(error);
            else if (ranks != nullptr)
                ranks->leave(error.what());
        } catch (const std::exception&) {
            // A disk so full that the record of it found no room.
        }
        trainer.reset();
        releaseCachedCpuMemory();
        throw Error(error);
    }
}

std::vector<std::string> useOf(const fs::path& runFolder, const std::vector<ChangedSetting>& changes) {
    Experiment experiment = readExperiment(runFolder / "experiment.toml");
    for (const ChangedSetting& change : changes)
        if (change.key == "devices.use")
            setParameterValue(experiment, change.key, change.value);
    return experiment.devices.use;
}

// What the experiment leaves open is decided by what is free now.
void choose(Placement& placement, const fs::path& runFolder, const std::vector<std::string>& use) {
    const bool cpu = deviceWish(use, 1).kind == DeviceWish::Kind::Cpu; // whatever the machine has
    const GpuMachine machine = cpu ? GpuMachine() : lookAtGpus();
    const DeviceWish wish = deviceWish(use, machine.gpus.size());
    if (wish.kind == DeviceWish::Kind::Cpu) {
        placement.devices.assign(wish.count, "cpu");
        return;
    }
    const bool any = use.empty() || use.front() == "auto"; // of them one that is free, or else the first
    if (wish.kind == DeviceWish::Kind::Free && machine.gpus.empty())
        throw Error(ErrorKind::Device, fmt::format("There is no GPU here for {}. {}", use.front(), gpuAbsenceReason()),
                    "Choose auto or cpu for devices.use.");
    if (!any || !freeGpus(machine, 1).empty())
        placement.claims = takeDevices(runFolder, wish, machine);
    placement.devices = wish.kind == DeviceWish::Kind::Named ? wish.named : placement.claims.devices();
    if (wish.kind == DeviceWish::Kind::All)
        placement.devices = rankDevices(use, machine.gpus.size());
}

} // namespace

RunSummary trainOn(Placement placement, const fs::path& given, RunControl& control, ProgressSink* progress,
                   const std::vector<ChangedSetting>& changes) {
    const fs::path runFolder = expandHome(given);
    std::vector<std::string> use;
    try {
        use = useOf(runFolder, changes);
    } catch (const Error&) { // which training says and records
        return trainHere(runFolder, control, progress, changes, nullptr, {});
    }
    if (placement.devices.empty())
        choose(placement, runFolder, use);
    if (placement.devices.size() < 2 && placement.in == Placement::In::ThisProcess)
        return trainHere(runFolder, control, progress, changes, nullptr, placement.devices);
    if (placement.devices.empty())
        placement.devices = {"auto"};
    return trainInProcesses(runFolder, {placement.devices, placement.claims.descriptors()}, control, progress, changes);
}

RunSummary train(const fs::path& runFolder, RunControl& control, ProgressSink* progress,
                 const std::vector<ChangedSetting>& changes) {
    return trainOn({}, runFolder, control, progress, changes);
}

RunSummary trainRank(const fs::path& runFolder, RunControl& control, ProgressSink* progress,
                     const std::vector<ChangedSetting>& changes, const std::vector<std::string>& devices) {
    const auto rendezvous = rendezvousFromEnvironment();
    if (!rendezvous)
        throw Error(ErrorKind::BadInput, "Nothing says which rank this process is.",
                    "Start it with torchrun, mpirun or srun; the ranks of one machine are started by thaw train.");
    const auto group = rendezvous->world.size > 1 ? joinGroup(*rendezvous) : nullptr;
    return trainHere(expandHome(runFolder), control, progress, changes, group.get(), devices);
}

RunSummary train(const fs::path& runFolder, RunControl& control, ProgressSink* progress, int epochs) {
    std::vector<ChangedSetting> changes;
    if (epochs > 0)
        changes.push_back({"train.epochs", std::to_string(epochs)});
    return train(runFolder, control, progress, changes);
}

namespace {

Judged judgedRun(const fs::path& runFolder) {
    return {runFolder.filename().string(), readExperiment(runFolder / "experiment.toml"),
            loadTrainedModel(modelCheckpoint(runFolder))};
}

Judged judgedWeights(const std::string& backbone, const fs::path& weights, const fs::path& labels) {
    Judged judged{
        .name = weights.filename().string(), .experiment = {}, .model = loadClassifier(backbone, weights, labels)};
    if (judged.model.description.classes.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} does not name its {} classes.", weights.filename().string(),
                                judged.model.backbone->classes()),
                    "Give their names with --labels, one per line in the order of the weights' outputs.");
    return judged;
}

} // namespace

Evaluation evaluated(const Judged& judged, const fs::path& data, RunControl& control, ProgressSink* progress) {
    const auto begin = std::chrono::steady_clock::now();
    const Experiment& experiment = judged.experiment;
    const auto device = openDevice(experiment.devices.use);
    const auto scope = device->enter();
    at::set_num_threads(threadsOf(experiment.devices));
    const auto& [backbone, described, weightNotes] = judged.model;
    if (!device->answersAtOnce())
        place(*backbone, *device);
    const ImageFolder folder = data.empty()
                                   ? openData(experiment)
                                   : openDataForEvaluation(data, described.classes, findTask(described.task).exclusive);

    Progress shown;
    shown.phase = Phase::Validating;
    shown.steps = static_cast<std::int64_t>(folder.validation.size());
    const Task& task = taskOf(described.task);
    const Targets targets(task, folder.validation, described.classes);
    const auto meter = task.meter(described.classes, described.thresholds);
    PictureSource batches(folder, targets,
                          {.batchSize = experiment.train.batchSize,
                           .preprocess = described.preprocess,
                           .workers = experiment.data.workers});
    const Precision precision = answeringPrecision(experiment.train, device->info());
    std::optional<FrozenPrefix> folded;
    if (judged.computing == Judged::Computing::Folded)
        folded.emplace(*backbone, backbone->stages().size(), typeOf(precision));
    const AnsweringModel model{.device = *device,
                               .backbone = *backbone,
                               .prefix = folded ? &*folded : nullptr,
                               .pixels = {described.preprocess, device->place()},
                               .precision = precision};
    const auto result = validateSamples(model, batches, targets, *meter, control.token(), [&](std::int64_t done) {
        shown.step = done;
        if (progress != nullptr)
            progress->onProgress(shown);
    });
    if (!result)
        throw Error(ErrorKind::Stopped, "The evaluation was stopped.");
    if (result->judgement.samples.empty())
        throw Error(ErrorKind::BadInput, fmt::format("No picture in {} could be read.", folder.root.string()),
                    "Give a folder with one folder of pictures for each class.");
    if (!std::isfinite(result->loss()))
        throw Error(ErrorKind::Diverged,
                    fmt::format("The model of {} answers with values that are not numbers: its training diverged.",
                                judged.name),
                    "Train again with a lower learning rate.");
    std::vector<std::string> notes = weightNotes;
    notes.insert(notes.end(), folder.notes.facts.begin(), folder.notes.facts.end());
    for (const Finding& finding : folder.notes.findings)
        notes.push_back(fmt::format("{} {}", finding.message, finding.detail));
    const Judgement& judgement = result->judgement;
    return {.task = described.task,
            .values = judgement.values,
            .samples = static_cast<std::int64_t>(judgement.samples.size()),
            .classes = described.classes,
            .perClass = judgement.perClass,
            .confusion = judgement.confusion,
            .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
            .leftOut = folder.notes.validationLeftOut,
            .notes = std::move(notes)};
}

Evaluation evaluate(const fs::path& runFolder, const fs::path& data, RunControl& control, ProgressSink* progress) {
    try {
        return evaluated(judgedRun(expandHome(runFolder)), expandHome(data), control, progress);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

Evaluation evaluateWeights(const std::string& backbone, const fs::path& weights, const fs::path& labels,
                           const fs::path& data, RunControl& control, ProgressSink* progress) {
    try {
        return evaluated(judgedWeights(backbone, expandHome(weights), labels), expandHome(data), control, progress);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

} // namespace engine
