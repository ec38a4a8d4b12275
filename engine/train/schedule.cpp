#include "engine/train/schedule.h"

#include "engine/api/schedule.h"
#include "engine/runs/scheduletext.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace engine {
namespace {

// From `begin` to `end` along half a cosine, `share` 0..1.
double along(double begin, double end, double share) {
    return end + (begin - end) / 2 * (1 + std::cos(std::numbers::pi * share));
}

double oneCycle(double peak, std::int64_t step, std::int64_t steps) {
    constexpr double kRising = 0.3, kInitial = 25, kFinal = 1e4;
    const double rising = std::max(kRising * double(steps) - 1, 1e-9);
    const double initial = peak / kInitial;
    if (double(step) <= rising)
        return along(initial, peak, double(step) / rising);
    const double falling = std::max(double(steps) - 1 - rising, 1e-9);
    return along(peak, initial / kFinal, std::min(1.0, (double(step) - rising) / falling));
}

// fastai's combined_cos over the share of the steps that are done.
double shapedCycle(const ScheduleText& shape, double peak, std::int64_t step, std::int64_t steps) {
    const double done = std::min(1.0, double(step) / double(steps));
    if (done < shape.rise)
        return along(peak / shape.start, peak, done / shape.rise);
    return along(peak, peak / shape.end, (done - shape.rise) / (1 - shape.rise));
}

// The last that begins at or before the step; null where the settings say it all.
const SchedulePart* partAt(const TrainSettings& settings, std::int64_t step) {
    const SchedulePart* found = nullptr;
    for (const SchedulePart& part : settings.parts)
        if (found == nullptr || part.fromStep <= step)
            found = &part;
    return found;
}

double rateIn(const SchedulePart& part, const TrainSettings& settings, std::int64_t step) {
    TrainSettings alone = settings;
    alone.learningRate = part.learningRate;
    alone.schedule = part.schedule;
    alone.warmupSteps = part.warmupSteps;
    return learningRateAt(alone, step - part.fromStep, part.toStep - part.fromStep);
}

} // namespace

double learningRateAt(const TrainSettings& settings, std::int64_t step, std::int64_t steps) {
    const double peak = settings.learningRate;
    if (settings.schedule == "one-cycle")
        return oneCycle(peak, step, steps);
    const std::int64_t warmup = std::min<std::int64_t>(settings.warmupSteps, steps);
    if (step < warmup)
        return peak * double(step + 1) / double(warmup);
    if (settings.schedule == "constant")
        return peak;
    const double length = std::max<double>(1, double(steps - warmup));
    return along(peak, 0, std::min(1.0, double(step - warmup) / length));
}

double learningRateAt(const TrainSettings& settings, const FreezePlan::Phase& phase, std::int64_t step,
                      std::int64_t stepsPerEpoch) {
    const std::int64_t begun = stepsPerEpoch * (phase.fromEpoch - 1);
    const SchedulePart* part = partAt(settings, step);
    if (part != nullptr && (phase.schedule.empty() || begun < part->fromStep))
        return phase.learningRateFactor * rateIn(*part, settings, step);
    if (phase.schedule.empty())
        return phase.learningRateFactor * learningRateAt(settings, step, stepsPerEpoch * settings.epochs);
    const std::int64_t end = stepsPerEpoch * phase.lastEpoch;
    const std::int64_t steps = (part != nullptr ? std::min(end, part->toStep) : end) - begun;
    const ScheduleText schedule = parseSchedule(phase.schedule);
    TrainSettings anew = settings;
    if (part == settings.parts.data() && part != nullptr)
        anew.learningRate = part->learningRate; // as it was when the run began
    if (schedule.shaped)
        return phase.learningRateFactor * shapedCycle(schedule, anew.learningRate, step - begun, steps);
    anew.schedule = schedule.name;
    return phase.learningRateFactor * learningRateAt(anew, step - begun, steps);
}

double learningRateShare(const TrainSettings& settings, const PhaseSchedule& phase, std::int64_t step,
                         std::int64_t stepsPerEpoch) {
    TrainSettings unit = settings;
    unit.learningRate = 1;
    unit.parts.clear(); // they belong to a run that has begun
    const FreezePlan::Phase span{
        .fromEpoch = phase.fromEpoch, .lastEpoch = phase.lastEpoch, .schedule = phase.schedule};
    return learningRateAt(unit, span, step, stepsPerEpoch);
}

} // namespace engine
