#include "engine/train/watchedgroup.h"

#include <utility>

namespace engine {
namespace {

class WatchedPending final : public ProcessGroup::Pending {
public:
    WatchedPending(std::unique_ptr<Pending> pending, RankPulse& pulse)
        : m_pending(std::move(pending)), m_pulse(pulse) {}
    void wait() override {
        const RankDoes communicates(&m_pulse, RankActivity::Communicating);
        m_pending->wait();
    }

private:
    std::unique_ptr<Pending> m_pending;
    RankPulse& m_pulse;
};

class WatchedGroup final : public ProcessGroup {
public:
    WatchedGroup(ProcessGroup& group, RankPulse& pulse) : m_group(group), m_pulse(pulse) {}
    [[nodiscard]] World world() const override { return m_group.world(); }
    [[nodiscard]] bool canBeCaptured() const override { return m_group.canBeCaptured(); }
    void allReduce(at::Tensor& tensor) override {
        const RankDoes communicates(&m_pulse, RankActivity::Communicating);
        m_group.allReduce(tensor);
    }
    [[nodiscard]] std::unique_ptr<Pending> startAllReduce(at::Tensor& tensor) override {
        return std::make_unique<WatchedPending>(m_group.startAllReduce(tensor), m_pulse);
    }
    [[nodiscard]] std::unique_ptr<Pending> startReduceScatter(at::Tensor& flat) override {
        return std::make_unique<WatchedPending>(m_group.startReduceScatter(flat), m_pulse);
    }
    void allGatherParts(at::Tensor& flat) override {
        const RankDoes communicates(&m_pulse, RankActivity::Communicating);
        m_group.allGatherParts(flat);
    }
    void broadcast(at::Tensor& tensor) override {
        const RankDoes communicates(&m_pulse, RankActivity::Communicating);
        m_group.broadcast(tensor);
    }
    [[nodiscard]] at::Tensor allGather(const at::Tensor& part) override {
        const RankDoes communicates(&m_pulse, RankActivity::Communicating);
        return m_group.allGather(part);
    }
    [[nodiscard]] at::Tensor reduceScatter(const at::Tensor& whole) override {
        const RankDoes communicates(&m_pulse, RankActivity::Communicating);
        return m_group.reduceScatter(whole);
    }
    void leave(const std::string& reason) noexcept override { m_group.leave(reason); }

private:
    ProcessGroup& m_group;
    RankPulse& m_pulse;
};

} // namespace

std::unique_ptr<ProcessGroup> watchedGroup(ProcessGroup& group, RankPulse& pulse) {
    return std::make_unique<WatchedGroup>(group, pulse);
}

} // namespace engine
