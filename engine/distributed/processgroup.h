#pragma once

#include "engine/base/torchheader.h"
#include "engine/base/world.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace engine {

// What the ranks of one training say to each other. Every rank makes the same calls in the same order, with tensors of
// the same shapes and types on its own device; a GPU's are queued on its current stream. A call throws
// Error(Device) where another rank has left. One object, one thread.
class ProcessGroup {
public:
    virtual ~ProcessGroup() = default;

    [[nodiscard]] virtual World world() const = 0;
    // Becomes the sum over the ranks.
    virtual void allReduce(at::Tensor& tensor) = 0;
    // The same while the caller goes on. `tensor` is dense, and nobody's until wait(), behind which a GPU's work may be
    // queued at once.
    class Pending {
    public:
        virtual ~Pending() = default;
        virtual void wait() = 0;
    };
    [[nodiscard]] virtual std::unique_ptr<Pending> startAllReduce(at::Tensor& tensor);
    // The same where each rank wants its own of as many equal parts of a flat tensor; what the others hold is
    // undefined.
    [[nodiscard]] virtual std::unique_ptr<Pending> startReduceScatter(at::Tensor& flat);
    // Of such a tensor each rank knows its own part; behind it all know all.
    virtual void allGatherParts(at::Tensor& flat);
    // Whether a device can capture these calls with the work around them.
    [[nodiscard]] virtual bool canBeCaptured() const { return false; }
    // Becomes what the first rank has.
    virtual void broadcast(at::Tensor& tensor) = 0;
    // The ranks' tensors, one behind the other by rank; `part` has the same shape everywhere.
    [[nodiscard]] virtual at::Tensor allGather(const at::Tensor& part) = 0;
    // This rank's part of the sum over the ranks; the first dimension is a multiple of their number.
    [[nodiscard]] virtual at::Tensor reduceScatter(const at::Tensor& whole) = 0;
    // Lets the calls of the others fail, which else would wait for this rank. Any thread.
    virtual void leave(const std::string& reason) noexcept = 0;
};

// This rank's part of a flat tensor that has as many equal ones as there are ranks.
[[nodiscard]] at::Tensor partOf(const at::Tensor& flat, const World& world);

// A world of one: every verb is what it is for a single rank.
[[nodiscard]] std::unique_ptr<ProcessGroup> soloGroup();

// The ranks' rows [n, …], n ≥ 0 and different for each, one behind the other by rank. On the CPU.
[[nodiscard]] at::Tensor gatherRows(ProcessGroup& group, const at::Tensor& rows);
// The ranks' texts, by rank.
[[nodiscard]] std::vector<std::string> gatherTexts(ProcessGroup& group, const std::string& text);
// The first rank's number, on all of them.
[[nodiscard]] std::int64_t agreed(ProcessGroup& group, std::int64_t number);

} // namespace engine
