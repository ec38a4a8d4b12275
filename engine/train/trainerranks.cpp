// What a training does because it is one of several ranks; alone, each of these is nothing.
#include "engine/api/devices.h"
#include "engine/base/hash.h"
#include "engine/runs/devicechoice.h"
#include "engine/runs/liverun.h"
#include "engine/train/trainer.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace engine {
namespace {

constexpr std::uint64_t kDropoutStream = 0xd509; // of the seed, for what is drawn inside a step

} // namespace

void Trainer::show(RankPulse& pulse) { m_pulse = &pulse; }

void Trainer::showPhase(Phase phase) {
    constexpr std::array kActivities{
        std::pair{Phase::Training, RankActivity::Computing}, std::pair{Phase::Validating, RankActivity::Validating},
        std::pair{Phase::Saving, RankActivity::Saving}, std::pair{Phase::Paused, RankActivity::Paused}};
    for (const auto& [each, activity] : kActivities)
        if (m_pulse != nullptr && each == phase)
            m_pulse->enter(activity);
}

std::stop_token Trainer::ownStop() const { return m_world.size > 1 ? std::stop_token() : m_control.token(); }

std::vector<std::string> Trainer::ownDevice() const {
    const auto& use = m_experiment.devices.use;
    const auto local = static_cast<std::size_t>(m_world.localRank);
    if (local < m_devices.size())
        return {m_devices[local]};
    if (m_world.size == 1)
        return use;
    const std::vector<std::string> all = rankDevices(use, devices().size() - 1);
    if (local < all.size() && all.size() > 1 && nextFree(all[local]) == 0)
        return {all[local]};
    // A launcher started more ranks than the experiment names devices.
    return {all.front() == "cpu" || devices().size() <= 1 ? "cpu" : fmt::format("cuda:{}", local)};
}

void Trainer::tellDevices() {
    const bool open = std::ranges::none_of(
        m_experiment.devices.use, [](const std::string& name) { return name == "cpu" || name.starts_with("cuda"); });
    if (open && !m_devices.empty() && m_devices.front().starts_with("cuda"))
        m_writer.event(EventKind::Note, m_state.step, m_state.epoch + 1,
                       fmt::format("Trains on {}, which nobody used.", fmt::join(m_devices, ", ")));
}

std::uint64_t Trainer::dropoutSeed() const {
    const std::uint64_t ofStep =
        deriveSeed(m_experiment.seed, kDropoutStream, static_cast<std::uint64_t>(m_state.step));
    return m_world.leads() ? ofStep : deriveSeed(ofStep, kDropoutStream, static_cast<std::uint64_t>(m_world.rank));
}

std::int64_t Trainer::sumOverRanks(std::int64_t number) {
    at::Tensor sum = at::full({1}, number, at::kLong);
    m_group.allReduce(sum);
    return sum.item<std::int64_t>();
}

std::string Trainer::requestsOfFirstRank() {
    return gatherTexts(m_group, m_world.leads() ? requestText(m_requests.take()) : std::string()).front();
}

void Trainer::shareBuffers() {
    const torch::NoGradGuard noGrad;
    for (at::Tensor& buffer : m_backbone->buffers())
        m_group.broadcast(buffer);
}

std::vector<BadFile> Trainer::ofAllRanks(std::vector<BadFile> files) {
    if (m_world.size == 1)
        return files;
    nlohmann::json mine = nlohmann::json::array();
    for (const BadFile& file : files)
        mine.push_back({nlohmann::json::binary({file.file.begin(), file.file.end()}), file.reason});
    const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(mine);
    std::vector<BadFile> all;
    for (const std::string& text : gatherTexts(m_group, {bytes.begin(), bytes.end()}))
        for (const nlohmann::json& row : nlohmann::json::from_cbor(text)) {
            const auto& name = row.at(0).get_binary();
            all.push_back({{name.begin(), name.end()}, row.at(1).get<std::string>()});
        }
    return all;
}

} // namespace engine
