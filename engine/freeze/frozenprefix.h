#pragma once

#include "engine/models/backbone.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace engine {

// The first stages of a backbone for inference only: evaluation mode, no autograd, normalisation folded into the
// convolutions, weights converted once. It reads the backbone's tensors and never changes them; whoever changes a
// tensor of these stages makes a new one. The backbone's thread.
class FrozenPrefix final {
public:
    // Stages [0, stages) as they are now; `type` kFloat or kBFloat16 is what convolutions and linear layers compute in.
    FrozenPrefix(Backbone& backbone, std::size_t stages, at::ScalarType type);
    // Whether these stages hold nothing but what such a backbone is built with (no adapters).
    [[nodiscard]] static bool possible(Backbone& backbone, std::size_t stages);

    // pixels [N, 3, H, W], or what stage `first` takes → what the stage behind the prefix takes. For kBFloat16 the
    // caller has autocast switched on. On a GPU a batch that is smaller than the one before it, as an epoch's last one
    // is, is filled up to that size: cuDNN plans every new size anew, which takes as long as many batches.
    [[nodiscard]] Signal forward(const Signal& input, std::size_t first = 0) const;
    [[nodiscard]] std::size_t stages() const { return m_stages.size(); }
    [[nodiscard]] at::ScalarType type() const { return m_type; }
    [[nodiscard]] at::Device device() const; // where the backbone lies

private:
    std::shared_ptr<Backbone> m_copy;
    std::vector<Stage> m_stages;
    at::ScalarType m_type;
    mutable std::vector<std::int64_t> m_fullBatch; // by first stage, on a GPU
};

// Of every parameter and buffer in the stages [0, stages), names included.
[[nodiscard]] std::uint64_t weightsHash(Backbone& backbone, std::size_t stages);

} // namespace engine
