#pragma once

#include "engine/api/experiment.h"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

enum class Interpolation { Bilinear, Bicubic };

struct BackboneInfo {
    std::string name;   // the reference library's: "resnet18", "tf_efficientnet_lite0"
    std::string family; // "ResNet"
    std::string source; // library whose names, numerics and preprocessing it follows: "torchvision 0.26", "timm 1.0"
    std::int64_t parameters = 0; // with the original 1,000-class head
    double flops = 0;            // multiply-adds × 2 of one picture at imageSize, forward
    int imageSize = 224;
    int resizeSize = 256; // short side before the centre crop
    Interpolation interpolation = Interpolation::Bilinear;
    std::array<float, 3> mean{};
    std::array<float, 3> standardDeviation{};
    std::string classifier;  // module that is replaced for the data's classes: "fc", "classifier.1"
    double imagenetTop1 = 0; // per cent, of the usual weights; 0: unknown
    std::string imagenetSource;
    std::string licence; // of the usual weights
    bool bundled = false;
    std::string hub;  // where they can be had: "hub:timm/resnet18.tv_in1k"; empty: on no hub
    std::string page; // where else, for people: an address; empty where there is a hub
};

[[nodiscard]] std::span<const BackboneInfo> backbones();
// A row of the table, or "torchscript:FILE[#OUTPUT]": a TorchScript program of one's own, whose output, or that of its
// inner module OUTPUT, takes the new head. Throws Error(BadInput) that names the nearest known backbones; for a program
// also Error(NotFound | BadWeights), and it reads the file's headers once.
[[nodiscard]] const BackboneInfo& findBackbone(std::string_view name);

// One block of a backbone in forward order; leaves carry parameters, parents sum them up.
struct BlockInfo {
    std::string name;                     // module path: "blocks.4", "layer1.0", "classifier"
    std::string type;                     // "3 × inverted residual", "Conv 3×3, s2 + BN"
    std::array<std::int64_t, 3> output{}; // channels, height, width at the backbone's own input size; 0: does not apply
    std::int64_t parameters = 0;
    double flops = 0;
    bool head = false; // the new classifier
    std::vector<BlockInfo> children;
};
// The tree for a head of `classes` classes; top level = stages in forward order, the last one is the head. Builds the
// module once (milliseconds), so keep it off the GUI thread. Throws Error(BadInput).
[[nodiscard]] std::vector<BlockInfo> blockTree(std::string_view backbone, int classes);

// Which blocks a plan trains, for one phase.
struct FreezeOutcome {
    int fromEpoch = 1;
    std::vector<std::string> trainedBlocks; // top-level and nested block names of the tree whose parameters are trained
    std::vector<std::string> frozenBlocks;
    std::int64_t trainableParameters = 0;
    std::int64_t frozenParameters = 0;
    double learningRateFactor = 1.0;       // the phase's own
    std::map<std::string, double> factors; // of every trained block of the tree: phase's × block's
};
// One outcome per phase of a run of `epochs` epochs. Throws Error(BadInput): no such preset, a pattern that names
// nothing, a plan that trains nothing.
[[nodiscard]] std::vector<FreezeOutcome> resolveFreeze(const FreezeSettings& settings, int epochs,
                                                       std::string_view backbone, int classes);
// The phases that a preset stands for in a run of `epochs` epochs, as a plan by hand would say them; those of by-hand
// as they are. Throws Error(BadInput): no such preset.
[[nodiscard]] std::vector<FreezePhase> freezePhases(const FreezeSettings& settings, int epochs,
                                                    std::string_view backbone);

struct NamedChoice {
    std::string name;
    std::string label;
    std::string help;
};
[[nodiscard]] std::span<const NamedChoice> optimizers();
[[nodiscard]] std::span<const NamedChoice> schedules();
[[nodiscard]] std::span<const NamedChoice> augmentations();

} // namespace engine
