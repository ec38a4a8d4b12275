#include "engine/distributed/c10dgroup.h"

#include "engine/api/error.h"
#include "engine/base/log.h"
#include "engine/device/cudamodule.h"

#include <chrono>
#include <fmt/format.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#define USE_C10D_GLOO // as the library was built
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

namespace engine {
namespace {

constexpr auto kMeeting = std::chrono::seconds(60);
constexpr auto kLongestCall = std::chrono::minutes(30); // a rank may wait while another one writes a checkpoint
constexpr const char* kLeft = "left";

class C10dGroup final : public ProcessGroup {
public:
    explicit C10dGroup(const Rendezvous& rendezvous) : m_world(rendezvous.world) {
        try {
            m_store = c10::make_intrusive<c10d::TCPStore>(
                rendezvous.address, c10d::TCPStoreOptions{.port = static_cast<std::uint16_t>(rendezvous.port),
                                                          .isServer = m_world.leads(),
                                                          .numWorkers = static_cast<std::size_t>(m_world.size),
                                                          .timeout = kMeeting});
            auto options = c10d::ProcessGroupGloo::Options::create(kLongestCall);
            options->devices.push_back(m_world.size > 1 && rendezvous.address == "127.0.0.1"
                                           ? c10d::ProcessGroupGloo::createDeviceForHostname(rendezvous.address)
                                           : c10d::ProcessGroupGloo::createDefaultDevice());
            m_host = c10::make_intrusive<c10d::ProcessGroupGloo>(prefixed("gloo"), m_world.rank, m_world.size, options);
        } catch (const std::exception& error) {
            logLine("ranks", error.what());
            throw Error(ErrorKind::Device,
                        fmt::format("Rank {} could not meet the other {} at {}:{}.", m_world.rank, m_world.size - 1,
                                    rendezvous.address, rendezvous.port),
                        "Check that all ranks were started and that their machines can reach this address.");
        }
    }

    [[nodiscard]] World world() const override { return m_world; }

    void allReduce(at::Tensor& tensor) override {
        inPlace(tensor, [this](std::vector<at::Tensor>& tensors) { return on(tensors[0]).allreduce(tensors); });
    }

    [[nodiscard]] std::unique_ptr<Pending> startAllReduce(at::Tensor& tensor) override {
        std::vector<at::Tensor> tensors{tensor};
        return start([&] { return on(tensor).allreduce(tensors); });
    }

    [[nodiscard]] std::unique_ptr<Pending> startReduceScatter(at::Tensor& flat) override {
        if (!flat.is_cuda()) // Gloo's own needs as many messages as an all-reduce
            return startAllReduce(flat);
        at::Tensor part = partOf(flat, m_world);
        return start([&] { return on(flat)._reduce_scatter_base(part, flat); });
    }

    void allGatherParts(at::Tensor& flat) override {
        if (!flat.is_cuda())
            return ProcessGroup::allGatherParts(flat);
        at::Tensor part = partOf(flat, m_world);
        call([&] { return on(flat)._allgather_base(flat, part); });
    }

    [[nodiscard]] bool canBeCaptured() const override { return true; } // NCCL's are

    void broadcast(at::Tensor& tensor) override {
        inPlace(tensor, [this](std::vector<at::Tensor>& tensors) { return on(tensors[0]).broadcast(tensors); });
    }

    [[nodiscard]] at::Tensor allGather(const at::Tensor& part) override {
        std::vector<at::Tensor> input{part.contiguous()};
        std::vector<std::vector<at::Tensor>> output(1);
        for (int rank = 0; rank < m_world.size; ++rank)
            output[0].push_back(at::empty_like(input[0]));
        call([&] { return on(part).allgather(output, input); });
        return at::cat(output[0]);
    }

    [[nodiscard]] at::Tensor reduceScatter(const at::Tensor& whole) override {
        at::Tensor input = whole.contiguous();
        std::vector<std::int64_t> sizes = input.sizes().vec();
        sizes.front() /= m_world.size;
        if (!input.is_cuda()) { // Gloo's own needs as many messages
            at::Tensor sum = input.clone();
            allReduce(sum);
            return sum.narrow(0, m_world.rank * sizes.front(), sizes.front()).clone();
        }
        at::Tensor output = at::empty(sizes, input.options());
        call([&] { return on(input)._reduce_scatter_base(output, input); });
        return output;
    }

    void leave(const std::string& reason) noexcept override {
        try {
            m_store->set(kLeft, std::vector<std::uint8_t>(reason.begin(), reason.end()));
        } catch (const std::exception& error) {
            logLine("ranks", error.what()); // the store went with the first rank
        }
    }

private:
    [[nodiscard]] c10::intrusive_ptr<c10d::Store> prefixed(const char* name) const {
        return c10::make_intrusive<c10d::PrefixStore>(name, m_store);
    }

    c10d::Backend& on(const at::Tensor& tensor) {
        if (!tensor.is_cuda())
            return *m_host;
        if (!m_gpus)
            m_gpus = cuda().provider->joinGroup(prefixed("nccl"), m_world.rank, m_world.size);
        return *m_gpus;
    }

    template <typename Call>
    [[nodiscard]] std::unique_ptr<Pending> start(Call make) {
        struct Started final : Pending {
            Started(C10dGroup& of, c10::intrusive_ptr<c10d::Work> under) : group(of), work(std::move(under)) {}
            void wait() override {
                group.call([this] { return work; });
            }
            C10dGroup& group;
            c10::intrusive_ptr<c10d::Work> work;
        };
        try {
            return std::make_unique<Started>(*this, make());
        } catch (const std::exception& error) {
            throw lost(error);
        }
    }

    template <typename Call>
    void call(Call make) {
        try {
            make()->wait();
        } catch (const std::exception& error) {
            throw lost(error);
        }
    }

    [[nodiscard]] Error lost(const std::exception& error) {
        logLine("ranks", error.what());
        return {ErrorKind::Device, fmt::format("Rank {} lost the others. {}", m_world.rank, whyTheyLeft()),
                "Go on from the last checkpoint."};
    }

    // c10d takes dense tensors only.
    template <typename Call>
    void inPlace(at::Tensor& tensor, Call make) {
        std::vector<at::Tensor> tensors{tensor.contiguous()};
        call([&] { return make(tensors); });
        if (!tensors[0].is_same(tensor))
            tensor.copy_(tensors[0]);
    }

    [[nodiscard]] std::string whyTheyLeft() {
        try {
            if (m_store->check({kLeft})) {
                const std::vector<std::uint8_t> reason = m_store->get(kLeft);
                return {reason.begin(), reason.end()};
            }
        } catch (const std::exception& error) {
            logLine("ranks", error.what());
        }
        return "One of them has ended.";
    }

    World m_world;
    c10::intrusive_ptr<c10d::TCPStore> m_store;
    c10::intrusive_ptr<c10d::Backend> m_host, m_gpus;
};

} // namespace

std::unique_ptr<ProcessGroup> joinGroup(const Rendezvous& rendezvous) {
    return std::make_unique<C10dGroup>(rendezvous);
}

} // namespace engine
