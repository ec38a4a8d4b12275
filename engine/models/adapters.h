#pragma once

#include "engine/models/backbone.h"
#include "engine/models/layers.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// The adapters of a backbone: LoRA as in Hu et al. 2021, names and scale as in Hugging Face's PEFT.
struct AdapterSettings {
    int rank = 0; // 0: none
    double alpha = 0;
    std::vector<std::string> layers; // paths; empty: none

    [[nodiscard]] bool any() const { return rank > 0 && !layers.empty(); }
};

// "blocks.0.attn.qkv.lora_A.weight"
[[nodiscard]] bool isAdapterParameter(std::string_view name);

// Gives each named layer an adapter; logits stay as they were, because B starts as zero. A is drawn as PEFT draws it,
// by seed and name. Throws Error(BadWeights) where a layer is missing. The backbone's thread.
void addAdapters(Backbone& backbone, const AdapterSettings& settings, std::uint64_t seed);
// Works every adapter into its layer's weight and removes it.
void mergeAdapters(Backbone& backbone);

} // namespace engine
