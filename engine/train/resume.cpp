#include "engine/train/resume.h"

#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/parameter.h"
#include "engine/base/atomicfile.h"
#include "engine/freeze/layout.h"
#include "engine/runs/runsummary.h"
#include "engine/train/schedule.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

// Settings that a training under way cannot follow, and why.
struct Fixed {
    std::string_view key; // or, ending on a point, the section
    std::string_view why;
};
constexpr std::array kFixed{
    Fixed{"experiment.seed", "It decides which pictures are held back and in which order the others come."},
    Fixed{"data.task", "The head and all that was measured belong to it."},
    Fixed{"data.kind", "What was learnt belongs to the data as it was read."},
    Fixed{"data.validation_share", "Pictures that were trained on would come into the validation."},
    Fixed{"data.shuffle_window", "Pictures of the epoch under way would come twice or not at all."},
    Fixed{"data.image_size", "The model has been trained for pictures of its size."},
    Fixed{"model.backbone", "The checkpoint holds the parameters of this one."},
    Fixed{"model.weights", "The run began with these and has gone on from them."},
    Fixed{"freeze.preset", "The freeze plan of a run can be changed while it trains, in Live, not on resuming."},
    Fixed{"freeze.batch_norm", "It decides which parameters and statistics are frozen."},
    Fixed{"freeze.lora_rank", "The checkpoint holds adapters of this rank."},
    Fixed{"freeze.lora_alpha", "What the adapters have learnt was scaled by it."},
    Fixed{"freeze.lora_targets", "The checkpoint holds adapters for these layers."},
    Fixed{"train.monitor", "The best epoch so far was chosen by it."},
    Fixed{"train.optimizer", "The checkpoint holds the state of this one."},
};
constexpr std::array<std::string_view, 3> kScheduleKeys{"train.learning_rate", "train.schedule", "train.warmup_steps"};
constexpr double kNextToNothing = 0.01; // of the learning rate of the settings

void requireChangeable(const std::string& key) {
    const auto fixed = std::ranges::find(kFixed, key, &Fixed::key);
    if (fixed != kFixed.end())
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot change in a run that has been trained.", key),
                    fmt::format("{} Start a new run for another value.", fixed->why));
}

bool names(const std::vector<ChangedSetting>& changes, std::string_view key) {
    return std::ranges::find(changes, key, &ChangedSetting::key) != changes.end();
}

// The name of the schedule that is followed at a step, of the run or of the phase.
std::string scheduleAt(const TrainSettings& train, const FreezePlan::Phase& phase, const RunExtent& extent) {
    const SchedulePart* part = nullptr;
    for (const SchedulePart& each : train.parts)
        if (part == nullptr || each.fromStep <= extent.step)
            part = &each;
    const bool ofPhase =
        !phase.schedule.empty() && (part == nullptr || extent.stepsPerEpoch * (phase.fromEpoch - 1) >= part->fromStep);
    return ofPhase ? phase.schedule : part != nullptr ? part->schedule : train.schedule;
}

std::string epochWords(const Experiment& experiment) { return fmt::format("epoch {}", experiment.train.epochs); }

std::string beginSchedule(TrainSettings& train, const RunExtent& extent, const std::vector<ChangedSetting>& changes) {
    const int warmup = names(changes, "train.warmup_steps") ? train.warmupSteps : 0;
    train.parts.push_back({extent.step, extent.stepsNow, train.learningRate, train.schedule, warmup});
    return fmt::format("A new schedule begins after step {}: {}, learning rate {:g}, over the {} steps that are left.",
                       extent.step, train.schedule, train.learningRate, extent.stepsNow - extent.step);
}

std::string stretchSchedule(TrainSettings& train, const RunExtent& extent, const Experiment& experiment) {
    train.parts.back().toStep = extent.stepsNow;
    if (train.parts.size() == 1)
        train.parts.clear(); // the settings say it
    return fmt::format("The schedule goes on as it began and ends with {}.", epochWords(experiment));
}

std::string fallFromHere(TrainSettings& train, const RunExtent& extent, double rate, const Experiment& experiment) {
    train.parts.push_back({extent.step, extent.stepsNow, rate, "cosine", 0});
    std::string words = fmt::format("The learning rate goes on from where it stands, {:.3g}, and falls to zero by the "
                                    "end of {}.",
                                    rate, epochWords(experiment));
    if (rate < kNextToNothing * train.learningRate)
        words += fmt::format(" That changes next to nothing: give train.learning_rate (it was {:g}), and a new "
                             "schedule begins with it.",
                             train.learningRate);
    return words;
}

} // namespace

std::optional<ResumePoint> findResumePoint(const fs::path& runFolder, std::int64_t writtenStep) {
    RunCheckpoints all = findCheckpoints(runFolder);
    for (const RunCheckpoint& checkpoint : all.whole) {
        std::string damage = checkpointDamage(checkpoint.folder);
        if (!damage.empty()) {
            all.damaged.push_back({checkpoint.folder, checkpoint.step, std::move(damage)});
            continue;
        }
        std::erase_if(all.damaged, [&](const DamagedCheckpoint& other) { return other.step <= checkpoint.step; });
        return ResumePoint{checkpoint, std::move(all.damaged)};
    }
    if (!all.damaged.empty())
        throw Error(ErrorKind::BadWeights,
                    fmt::format("No checkpoint of {} is whole: in {}, {}.", runFolder.string(),
                                all.damaged.front().folder.filename().string(), all.damaged.front().reason),
                    "Put a checkpoint back from a copy of the run, or start a new run.");
    if (writtenStep >= 0)
        throw Error(
            ErrorKind::NotFound,
            fmt::format("The checkpoints of {} are gone; the last was of step {}.", runFolder.string(), writtenStep),
            "Put the folder “checkpoints” back from a copy of the run, or start a new run.");
    return std::nullopt;
}

std::string words(const DamagedCheckpoint& passedOver, const RunCheckpoint& instead) {
    return fmt::format("The checkpoint {} is damaged ({}); the one of step {} is used instead.",
                       passedOver.folder.filename().string(), passedOver.reason, instead.step);
}

void setAside(const ResumePoint& point) {
    std::error_code code;
    for (const DamagedCheckpoint& damaged : point.passedOver) {
        const std::string name = damaged.folder.filename().string();
        if (!name.starts_with(kDamagedPrefix))
            fs::rename(damaged.folder, damaged.folder.parent_path() / (std::string(kDamagedPrefix) + name), code);
    }
}

std::vector<std::string> applyChanges(Experiment& experiment, const std::vector<ChangedSetting>& changes,
                                      bool trained) {
    std::vector<std::string> told;
    for (const auto& [key, value] : changes) {
        const std::string before = parameterValue(experiment, key); // throws for what is no setting
        if (trained)
            requireChangeable(key);
        setParameterValue(experiment, key, value);
        if (key == "data.path") // of the caller's folder, not the run's
            experiment.data.path = fs::absolute(expandHome(experiment.data.path));
        const std::string now = parameterValue(experiment, key);
        if (now != before)
            told.push_back(fmt::format("{} {} → {}", findParameter(key)->label, before.empty() ? "–" : before,
                                       now.empty() ? "–" : now));
    }
    return told;
}

void dropKnobs(Knobs& knobs, const std::vector<ChangedSetting>& changes, std::int64_t step) {
    const bool schedule = std::ranges::any_of(kScheduleKeys, [&](auto key) { return names(changes, key); });
    std::erase_if(knobs, [&](const Knob& knob) {
        return knob.key == kScheduleKeys.front() ? schedule && knob.fromStep >= step : names(changes, knob.key);
    });
}

void countFrom(Knobs& knobs, std::int64_t begin, double factor) {
    std::erase_if(knobs, [&](const Knob& knob) { return knob.key == kScheduleKeys.front() && knob.fromStep == begin; });
    for (Knob& knob : knobs)
        if (knob.key == kScheduleKeys.front() && knob.fromStep > begin)
            knob.factor /= factor;
}

void keepThawing(Experiment& experiment, const Experiment& before) {
    FreezeSettings& freeze = experiment.freeze;
    if (experiment.train.epochs == before.train.epochs || (freeze.preset != "gradual" && freeze.preset != "fine-tune"))
        return;
    freeze.phases = freezePhases(freeze, before.train.epochs, before.model.backbone);
    freeze.preset = "by-hand";
}

void requireEpochsLeft(const Experiment& experiment, int done) {
    if (experiment.train.epochs < done)
        throw Error(ErrorKind::BadInput,
                    fmt::format("The run has been trained for {} epochs already; it cannot end after {}.", done,
                                experiment.train.epochs),
                    fmt::format("Give train.epochs = {} or more.", done));
}

std::int64_t plannedSteps(const Experiment& experiment, std::int64_t recorded) {
    return experiment.train.parts.empty() ? recorded : experiment.train.parts.back().toStep;
}

std::string continueSchedule(Experiment& experiment, const Experiment& before, const FreezePlan::Phase& phase,
                             const RunExtent& extent, const std::vector<ChangedSetting>& changes) {
    const bool asked = std::ranges::any_of(kScheduleKeys, [&](auto key) { return names(changes, key); });
    if ((!asked && extent.stepsNow == extent.stepsBefore) || extent.stepsNow <= extent.step)
        return {};
    if (!asked && !phase.schedule.empty() && extent.stepsPerEpoch * (phase.fromEpoch - 1) >= extent.step)
        return {}; // a phase that is still to come brings its own
    TrainSettings& train = experiment.train;
    if (train.parts.empty())
        train.parts.push_back(
            {0, extent.stepsBefore, before.train.learningRate, before.train.schedule, before.train.warmupSteps});
    if (asked)
        return beginSchedule(train, extent, changes);
    FreezePlan::Phase plain = phase;
    plain.learningRateFactor = 1;
    plain.lastEpoch = std::min(plain.lastEpoch, before.train.epochs);
    TrainSettings old = before.train;
    old.parts = train.parts;
    const auto rateAt = [&](std::int64_t step) {
        return learningRateAt(old, plain, step, extent.stepsPerEpoch) * extent.factor;
    };
    const bool ended = extent.step >= extent.stepsBefore;
    const double last = rateAt(std::max<std::int64_t>(0, std::min(extent.step, extent.stepsBefore) - 1));
    const double next = ended ? last : rateAt(extent.step);
    if (scheduleAt(old, plain, extent) == "constant" || next > last)
        return stretchSchedule(train, extent, experiment);
    return fallFromHere(train, extent, next, experiment);
}

ResumePlan planResume(const fs::path& given, const std::vector<ChangedSetting>& changes) {
    const fs::path folder = expandHome(given);
    const RunRecord record = readRunRecord(folder);
    const RunSummary& run = record.summary;
    const Experiment before = readExperiment(folder / "experiment.toml");
    Experiment now = before;
    const auto point = findResumePoint(folder, record.writtenCheckpointStep);
    ResumePlan plan{.notes = applyChanges(now, changes, point.has_value())};
    if (!point)
        return plan;
    plan.fromStep = point->checkpoint.step;
    for (const DamagedCheckpoint& damaged : point->passedOver)
        plan.notes.push_back(words(damaged, point->checkpoint));
    requireEpochsLeft(now, point->checkpoint.epoch);
    keepThawing(now, before);
    const FreezePlan freeze(now.freeze, now.train.epochs,
                            layoutOf(now.model.backbone, std::max<int>(1, static_cast<int>(record.classes.size()))));
    const std::int64_t planned = plannedSteps(before, run.steps);
    const std::int64_t perEpoch = planned / std::max(1, before.train.epochs);
    const std::string schedule =
        continueSchedule(now, before, freeze.phases()[freeze.phaseOf(point->checkpoint.epoch + 1)],
                         {.step = plan.fromStep,
                          .stepsBefore = planned,
                          .stepsNow = planned + perEpoch * (now.train.epochs - before.train.epochs),
                          .stepsPerEpoch = perEpoch,
                          .factor = learningRateKnob(before.train, readKnobs(folder), plan.fromStep)},
                         changes);
    if (!schedule.empty())
        plan.notes.push_back(schedule);
    plan.schedule = now.train.parts;
    plan.stepsPerEpoch = perEpoch;
    return plan;
}

} // namespace engine
