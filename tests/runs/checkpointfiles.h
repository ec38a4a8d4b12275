#pragma once

#include "engine/base/atomicfile.h"
#include "engine/runs/checkpoints.h"

#include <cstdint>
#include <filesystem>
#include <string>

#include <fmt/format.h>

namespace tests {

// What a training's state says of a checkpoint.
struct CheckpointWish {
    std::int64_t step = 0;
    int epoch = 0;
    int bestEpoch = 0;
    double bestAccuracy = 0;
    std::int64_t batchInEpoch = 0;
};

// A safetensors file of one tensor of `bytes` bytes.
inline std::string tinySafetensors(char fill, std::size_t bytes = 16) {
    std::string header = fmt::format(R"({{"w":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}})", bytes);
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + std::string(bytes, fill);
}

// A checkpoint that is whole, with a tensor in place of a model.
inline void writeCheckpointFiles(const std::filesystem::path& folder, const CheckpointWish& wish) {
    std::filesystem::create_directories(folder);
    const char fill = static_cast<char>('a' + wish.step % 26);
    engine::writeFileAtomically(folder / "model.safetensors", tinySafetensors(fill));
    engine::writeFileAtomically(folder / "optimizer.safetensors", tinySafetensors(fill));
    engine::writeFileAtomically(folder / "config.json", R"({"id2label": {"0": "ant", "1": "bee"}})");
    engine::writeFileAtomically(
        folder / "trainer_state.json",
        fmt::format(R"({{"step": {}, "epoch": {}, "batch_in_epoch": {}, "best_epoch": {}, "best_accuracy": {}}})",
                    wish.step, wish.epoch, wish.batchInEpoch, wish.bestEpoch, wish.bestAccuracy));
    engine::sealCheckpoint(folder);
}

} // namespace tests
