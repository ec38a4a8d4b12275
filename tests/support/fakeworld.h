#pragma once

#include "engine/api/error.h"
#include "engine/distributed/processgroup.h"

#include <condition_variable>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tests {

// Ranks that are threads of one process; it outlives their groups.
class FakeWorld final {
public:
    explicit FakeWorld(int size) : m_size(size), m_given(static_cast<std::size_t>(size)) {}

    [[nodiscard]] std::unique_ptr<engine::ProcessGroup> join(int rank) { return std::make_unique<Group>(*this, rank); }

private:
    // Every rank's tensor, by rank.
    std::vector<at::Tensor> exchange(int rank, const at::Tensor& mine) {
        std::unique_lock lock(m_mutex);
        m_given[static_cast<std::size_t>(rank)] = mine.detach().clone();
        const int round = m_round;
        if (++m_arrived == m_size) {
            m_arrived = 0;
            m_all = m_given;
            ++m_round;
            m_changed.notify_all();
        }
        m_changed.wait(lock, [&] { return m_round != round || !m_left.empty(); });
        if (m_round == round)
            throw engine::Error(engine::ErrorKind::Device, "Another rank has ended: " + m_left, "Resume the run.");
        return m_all;
    }

    void leave(const std::string& reason) {
        const std::lock_guard lock(m_mutex);
        m_left = reason;
        m_changed.notify_all();
    }

    class Group final : public engine::ProcessGroup {
    public:
        Group(FakeWorld& all, int rank) : m_all(all), m_rank(rank) {}
        [[nodiscard]] engine::World world() const override { return {m_rank, m_all.m_size, m_rank}; }
        void allReduce(at::Tensor& tensor) override { tensor.copy_(sumOf(tensor)); }
        void broadcast(at::Tensor& tensor) override { tensor.copy_(m_all.exchange(m_rank, tensor).front()); }
        [[nodiscard]] at::Tensor allGather(const at::Tensor& part) override {
            return at::cat(m_all.exchange(m_rank, part));
        }
        [[nodiscard]] at::Tensor reduceScatter(const at::Tensor& whole) override {
            return sumOf(whole).chunk(m_all.m_size)[static_cast<std::size_t>(m_rank)].clone();
        }
        // As NCCL does it: what the other ranks hold of the sum is not there.
        [[nodiscard]] std::unique_ptr<Pending> startReduceScatter(at::Tensor& flat) override {
            const at::Tensor mine = reduceScatter(flat);
            flat.fill_(std::numeric_limits<double>::quiet_NaN());
            engine::partOf(flat, world()).copy_(mine);
            return std::make_unique<Done>();
        }
        void leave(const std::string& reason) noexcept override { m_all.leave(reason); }

    private:
        struct Done final : Pending {
            void wait() override {}
        };
        [[nodiscard]] at::Tensor sumOf(const at::Tensor& mine) {
            const std::vector<at::Tensor> all = m_all.exchange(m_rank, mine);
            at::Tensor sum = all.front().clone();
            for (std::size_t rank = 1; rank < all.size(); ++rank)
                sum += all[rank];
            return sum;
        }
        FakeWorld& m_all;
        int m_rank;
    };

    const int m_size;
    std::mutex m_mutex; // guards all below
    std::condition_variable m_changed;
    std::vector<at::Tensor> m_given, m_all;
    int m_arrived = 0;
    int m_round = 0;
    std::string m_left;
};

} // namespace tests
