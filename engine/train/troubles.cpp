#include "engine/train/troubles.h"

#include "engine/data/loader.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <map>
#include <utility>

namespace engine {
namespace {

constexpr int kBadLossesAllowed = 3;
constexpr std::size_t kNamedOneByOne = 5; // pictures with the same trouble

} // namespace

void Troubles::warn(const std::string& sentence, Moment now) {
    m_writer.event(EventKind::Warning, now.step, now.epoch, sentence);
}

void Troubles::noteSkipped(const std::vector<BadFile>& files, Moment now) {
    std::map<std::string, std::vector<std::string>> fresh; // by reason
    for (const BadFile& file : files)
        if (m_skipped.insert(file.file).second)
            fresh[file.reason].push_back(file.file);
    for (const auto& [reason, names] : fresh) {
        if (names.size() > kNamedOneByOne)
            warn(fmt::format("{} pictures are left out, {} among them: {}", names.size(), names.front(), reason), now);
        else
            for (const std::string& name : names)
                warn(fmt::format("{} is left out: {}", name, reason), now);
    }
}

void Troubles::noteAway(double seconds, Moment now) {
    if (seconds > 0)
        warn(fmt::format("The pictures were away for {:.1f} s; reading went on when they were back.", seconds), now);
}

void Troubles::noteLone(const std::string& file, Moment now) {
    warn(fmt::format("{} is left out this time: no other picture of its batch can be read, and BatchNorm cannot be "
                     "trained with one of this size.",
                     file),
         now);
}

void Troubles::noteCheckpoint(const std::string& tensor, Moment now) {
    const std::string before = std::exchange(m_spoilt, tensor);
    if (!tensor.empty() && before.empty())
        warn(fmt::format("The checkpoint of step {} is spoilt: {} holds values that are not finite numbers.", now.step,
                         tensor),
             now);
}

void Troubles::watchLoss(double loss, double learningRate, Moment now) {
    if (std::isfinite(loss)) {
        m_badLosses = 0;
        return;
    }
    warn("The loss is not a number; this step changed nothing.", now);
    if (++m_badLosses < kBadLossesAllowed)
        return;
    const RunSummary& run = m_writer.summary();
    std::string kept = "there is no checkpoint yet";
    if (run.lastCheckpointStep >= 0 && m_spoilt.empty())
        kept = fmt::format("the checkpoint of step {} is kept", run.lastCheckpointStep);
    else if (run.lastCheckpointStep >= 0)
        kept = run.bestStep >= 0 ? fmt::format("the best checkpoint, of step {}, is kept", run.bestStep)
                                 : "the checkpoint that was written is spoilt as well";
    throw Error(ErrorKind::Diverged,
                fmt::format("The loss has not been a number for {} steps: training diverged.", m_badLosses),
                fmt::format("Lower the learning rate (it is {:g}) and train again; {}.", learningRate, kept));
}

std::int64_t Troubles::mostSkipped(Part part, std::int64_t pictures) const {
    if (!least(part))
        return std::numeric_limits<std::int64_t>::max();
    return *least(part) + fewOf(pictures);
}

void Troubles::counted(Part part, std::size_t skipped) {
    auto& kept = part == Part::Training ? m_leastInTraining : m_leastInValidation;
    const auto count = static_cast<std::int64_t>(skipped);
    kept = std::min(kept.value_or(count), count);
}

} // namespace engine
