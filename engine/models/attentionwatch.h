#pragma once

#include "engine/base/torchheader.h"

#include <vector>

namespace engine {

// Collects how every token of the first picture looks at every other, block by block, while it lives: of networks whose
// blocks each look at all tokens. One at a time on a thread, and for what is computed on that thread.
class AttentionWatch final {
public:
    AttentionWatch();
    ~AttentionWatch();
    AttentionWatch(const AttentionWatch&) = delete;
    AttentionWatch& operator=(const AttentionWatch&) = delete;

    // By the block that attends; costs nothing while nobody watches. [pictures, heads, tokens, channels] each.
    static void see(const at::Tensor& queries, const at::Tensor& keys);
    // [heads, tokens, tokens] each, rows add up to 1.
    [[nodiscard]] const std::vector<at::Tensor>& blocks() const { return m_blocks; }

private:
    std::vector<at::Tensor> m_blocks;
};

} // namespace engine
