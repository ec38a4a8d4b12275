#include "engine/runs/queueorder.h"

#include <algorithm>

namespace engine {
namespace {

constexpr double kUnknown = 600; // seconds, of a run whose length nobody knows

// When each device is free, as the plan goes.
class Plan final {
public:
    explicit Plan(const GpuMachine& machine) : m_machine(machine) {
        for (const GpuState& gpu : machine.gpus)
            m_free[gpu.id] = 0;
    }

    void occupy(QueueBlock block, double length) {
        block.end = block.start + length;
        for (const std::string& device : block.devices)
            m_free[device] = std::max(m_free[device], block.end);
        m_blocks.push_back(std::move(block));
    }
    // Of those that it could use the ones that are free first; the linked ones where several are free now.
    [[nodiscard]] std::vector<std::string> devicesFor(const DeviceWish& wish) const {
        if (wish.kind == DeviceWish::Kind::Cpu)
            return {kCpuLane};
        if (wish.kind == DeviceWish::Kind::Named)
            return wish.named;
        std::vector<std::string> ids;
        for (const GpuState& gpu : m_machine.gpus)
            ids.push_back(gpu.id);
        std::ranges::stable_sort(ids, {}, [this](const std::string& id) { return m_free.at(id); });
        ids.resize(std::min(ids.size(), wish.count));
        std::ranges::sort(ids);
        return ids;
    }
    [[nodiscard]] double freeFrom(const std::vector<std::string>& devices) const {
        double from = 0;
        for (const std::string& device : devices)
            if (const auto found = m_free.find(device); found != m_free.end())
                from = std::max(from, found->second);
        return from;
    }
    [[nodiscard]] std::vector<QueueBlock> blocks() && { return std::move(m_blocks); }

private:
    const GpuMachine& m_machine;
    std::map<std::string, double> m_free;
    std::vector<QueueBlock> m_blocks;
};

bool isRunning(const QueueState& queue, const std::string& id) {
    return std::ranges::find(queue.running, id, &QueuedRun::id) != queue.running.end();
}

// Those of other programs, and of other queues.
void addOthers(Plan& plan, const QueueState& queue, const GpuMachine& machine) {
    for (const GpuState& gpu : machine.gpus)
        if (!isFree(gpu) && !isRunning(queue, gpu.takenFor.filename().string()))
            plan.occupy({.run = {}, .who = gpuUseWords(gpu), .devices = {gpu.id}}, kUnknown);
}

} // namespace

QueueLanes queueLanes(const QueueState& queue, const GpuMachine& machine, const std::map<std::string, double>& left) {
    Plan plan(machine);
    for (const QueuedRun& run : queue.running) {
        const auto found = left.find(run.id());
        const std::vector<std::string> devices = run.devices.empty() ? std::vector<std::string>{kCpuLane} : run.devices;
        plan.occupy({.run = run.id(),
                     .who = {},
                     .devices = devices.front() == kCpuLane ? std::vector<std::string>{kCpuLane} : devices,
                     .known = found != left.end(),
                     .running = true},
                    found != left.end() ? found->second : kUnknown);
    }
    addOthers(plan, queue, machine);
    const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    for (const QueuedRun& run : queue.waiting) {
        QueueBlock block{.run = run.id(), .who = {}, .devices = plan.devicesFor(wishOf(run, machine.gpus.size()))};
        block.start = std::max(plan.freeFrom(block.devices), run.notBefore - now);
        block.known = run.aboutSeconds > 0;
        plan.occupy(std::move(block), run.aboutSeconds > 0 ? run.aboutSeconds : kUnknown);
    }
    QueueLanes lanes{.devices = {}, .blocks = std::move(plan).blocks()};
    std::ranges::stable_sort(lanes.blocks, {}, &QueueBlock::start);
    for (const GpuState& gpu : machine.gpus)
        lanes.devices.push_back(gpu.id);
    const bool cpu = std::ranges::any_of(lanes.blocks, [](const QueueBlock& block) {
        return std::ranges::find(block.devices, kCpuLane) != block.devices.end();
    });
    if (cpu || lanes.devices.empty())
        lanes.devices.emplace_back(kCpuLane);
    return lanes;
}

} // namespace engine
