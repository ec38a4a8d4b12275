#pragma once

#include "engine/api/catalog.h"
#include "engine/api/progress.h"

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>

namespace engine {

// Weights on a Hugging Face hub: "hub:org/name[@revision][/file]". Without a file the repository's model.safetensors,
// its shards, or pytorch_model.bin is meant.
struct HubName {
    std::string repository; // "org/name"
    std::string revision = "main";
    std::string file; // path in the repository; empty: the weights that are there
};
[[nodiscard]] bool isHubName(std::string_view text); // starts with "hub:"
// Throws Error(BadInput): not of that form, or with parts that a file system could misunderstand.
[[nodiscard]] HubName parseHubName(std::string_view text);

// HF_HUB_CACHE, else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub.
[[nodiscard]] std::filesystem::path hubCacheFolder();

// Where the cache that all Hugging Face tools share has the file (of weights in shards: their index, where every shard
// is there); empty where it has not. Never asks the network. Throws Error(BadInput). Any thread.
[[nodiscard]] std::filesystem::path cachedHubFile(std::string_view name);

// The file from the cache; where it is not there, downloaded into it, with the config.json and preprocessor_config.json
// beside it. Asks HF_ENDPOINT, or the public hub where that is unset, with HF_TOKEN where set; HF_HUB_OFFLINE=1 forbids
// it. A download that was stopped or broke off goes on where it stopped; its size and checksum are compared before the
// file appears in the cache. Progress: `step` of `steps` bytes. Throws Error(BadInput | NotFound | Network | BadWeights
// | DiskFull | Stopped), each with what to do. Blocks; any thread.
[[nodiscard]] std::filesystem::path fetchHubFile(std::string_view name, std::stop_token stop = {},
                                                 ProgressSink* progress = nullptr);

// The usual weights of a backbone, from this machine or else from its hub. Throws as fetchHubFile(), and
// Error(NotFound) where they are on none. Blocks; any thread.
[[nodiscard]] std::filesystem::path fetchWeights(std::string_view backbone, std::stop_token stop = {},
                                                 ProgressSink* progress = nullptr);
// "About 47 MB, from timm/resnet18.tv_in1k"; empty where nothing is known.
[[nodiscard]] std::string whereWeightsAre(const BackboneInfo& info);

} // namespace engine
