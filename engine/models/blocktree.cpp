#include "engine/models/backbone.h"
#include "engine/models/layers.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

#include <fmt/format.h>

namespace engine {
namespace {

struct LayerFacts {
    std::array<std::int64_t, 3> output{};
    double flops = 0;
};
using Facts = std::unordered_map<const torch::nn::Module*, LayerFacts>;

std::array<std::int64_t, 3> shapeOf(const at::Tensor& tensor) {
    if (tensor.dim() == 4)
        return {tensor.size(1), tensor.size(2), tensor.size(3)};
    if (tensor.dim() == 3) // tokens
        return {tensor.size(2), tensor.size(1), 0};
    return {tensor.size(-1), 0, 0};
}

// Linear layers work on the last dimension, also of pixels [N, H, W, C].
std::array<std::int64_t, 3> outputOf(const torch::nn::Module* module, const at::Tensor& tensor) {
    if (tensor.dim() == 4 && module->as<LinearImpl>())
        return {tensor.size(3), tensor.size(1), tensor.size(2)};
    return shapeOf(tensor);
}

std::string layerWords(const torch::nn::Module& module) {
    if (const auto* convolution = module.as<Conv2dImpl>()) {
        const ConvOptions& o = convolution->options();
        std::string words =
            fmt::format("{} {}×{}", o.groups == o.in && o.in > 1 ? "Depthwise conv" : "Conv", o.kernel, o.kernel);
        if (o.groups > 1 && o.groups != o.in)
            words += fmt::format(", {} groups", o.groups);
        return o.stride > 1 ? words + fmt::format(", s{}", o.stride) : words;
    }
    if (const auto* linear = module.as<LinearImpl>())
        return fmt::format("Linear {} → {}", linear->weight.size(1), linear->weight.size(0));
    if (module.as<torch::nn::BatchNorm2dImpl>())
        return "BatchNorm";
    if (module.as<torch::nn::LayerNormImpl>())
        return "LayerNorm";
    return {};
}

// "3 × inverted residual" where the children are of one kind, else "Conv 7×7, s2 + BatchNorm".
std::string childrenWords(const std::vector<BlockInfo>& children) {
    std::vector<std::pair<std::string, int>> kinds;
    for (const BlockInfo& child : children) {
        if (!kinds.empty() && kinds.back().first == child.type)
            ++kinds.back().second;
        else
            kinds.emplace_back(child.type, 1);
    }
    std::string words;
    for (const auto& [kind, times] : kinds)
        words += (words.empty() ? "" : " + ") + (times > 1 ? fmt::format("{} × {}", times, kind) : kind);
    return words;
}

void sumUp(BlockInfo& block) {
    for (const BlockInfo& child : block.children) {
        block.parameters += child.parameters;
        block.flops += child.flops;
        if (child.output[0] > 0)
            block.output = child.output;
    }
}

BlockInfo describe(const std::string& path, const torch::nn::Module& module, const Facts& facts) {
    BlockInfo block;
    block.name = path;
    for (const auto& [name, child] : module.named_children().pairs())
        block.children.push_back(describe(path + '.' + name, *child, facts));
    sumUp(block);
    for (const auto& [name, parameter] : module.named_parameters(false).pairs())
        block.parameters += parameter.numel();
    if (const auto found = facts.find(&module); found != facts.end()) {
        block.output = found->second.output;
        block.flops += found->second.flops;
    }
    block.type = layerWords(module);
    if (block.type.empty())
        block.type = module.named_children().is_empty() || module.name() != "torch::nn::Module"
                         ? module.name()
                         : childrenWords(block.children);
    return block;
}

// What a stage owns: a module, or one parameter outside the stage's modules.
BlockInfo describeOwned(const Backbone& backbone, const std::string& path, const Facts& facts) {
    const auto modules = backbone.named_modules("", false);
    if (const auto* module = modules.find(path))
        return describe(path, **module, facts);
    BlockInfo block;
    block.name = path;
    block.type = "Parameter";
    block.parameters = backbone.named_parameters()[path].numel();
    return block;
}

std::vector<BlockInfo> makeTree(const BackboneInfo& info, int classes) {
    const torch::NoGradGuard noGrad;
    const auto backbone = buildBackbone(info, classes);
    for (at::Tensor& parameter : backbone->parameters())
        parameter.zero_(); // undefined values may be slow to multiply
    backbone->eval();

    Facts facts;
    const LayerTrace trace([&facts](const torch::nn::Module* module, const at::Tensor& output, double flops) {
        LayerFacts& layer = facts[module];
        layer.output = outputOf(module, output);
        layer.flops += flops;
    });
    std::vector<std::array<std::int64_t, 3>> outputs;
    Signal signal = at::zeros({1, 3, info.imageSize, info.imageSize});
    auto stages = backbone->stages();
    for (const Stage& stage : stages) {
        signal = stage.forward(signal);
        outputs.push_back(shapeOf(signal.value));
    }

    std::vector<BlockInfo> tree;
    for (std::size_t i = 0; i < stages.size(); ++i) {
        BlockInfo block;
        const auto& modules = stages[i].modules;
        if (modules.size() == 1) {
            block = describeOwned(*backbone, modules.front(), facts);
        } else {
            for (const std::string& path : modules)
                block.children.push_back(describeOwned(*backbone, path, facts));
            sumUp(block);
            block.type = childrenWords(block.children);
        }
        block.name = stages[i].name;
        block.output = outputs[i];
        block.head = i + 1 == stages.size();
        tree.push_back(std::move(block));
    }
    return tree;
}

} // namespace

std::vector<BlockInfo> blockTree(std::string_view backbone, int classes) {
    static std::mutex mutex; // guards trees
    static std::map<std::pair<std::string, int>, std::vector<BlockInfo>> trees;
    const BackboneInfo& info = findBackbone(backbone);
    const std::lock_guard lock(mutex);
    auto& tree = trees[{info.name, classes}];
    if (tree.empty())
        tree = makeTree(info, classes);
    return tree;
}

} // namespace engine
