#include "engine/models/head.h"

#include <algorithm>
#include <array>
#include <optional>

namespace engine {
namespace {

using Shape = std::vector<std::int64_t>;

struct HeadTargets {
    std::optional<std::size_t> weight, bias;
};

HeadTargets headTargets(std::span<const TargetTensor> targets) {
    HeadTargets head;
    for (std::size_t i = 0; i < targets.size(); ++i) {
        if (targets[i].head && targets[i].name.ends_with(".weight"))
            head.weight = i;
        if (targets[i].head && targets[i].name.ends_with(".bias"))
            head.bias = i;
    }
    return head;
}

// [classes, features], and the 1 × 1 convolution that is the same.
bool fitsFeatures(const Shape& shape, const Shape& wanted) {
    if (shape.size() < 2 || wanted.size() < 2 || shape[0] < 1)
        return false;
    Shape features(shape.begin() + 1, shape.end()), wantedFeatures(wanted.begin() + 1, wanted.end());
    return withoutOnes(features) == withoutOnes(wantedFeatures);
}

std::string_view moduleOf(std::string_view name) { return name.substr(0, name.rfind('.')); }

const StoredTensor* biasOf(const WeightsFile& file, const StoredTensor& weight) {
    const StoredTensor* bias = file.find(std::string(moduleOf(weight.name)) + ".bias");
    return bias && bias->shape == Shape{weight.shape[0]} ? bias : nullptr;
}

bool namedLikeAHead(std::string_view name) {
    constexpr std::array<std::string_view, 8> kWords{"fc",  "head",  "classifier",  "linear",
                                                     "cls", "heads", "last_linear", "cls_head"};
    std::string_view path = moduleOf(name);
    for (int last = 0; last < 2 && !path.empty(); ++last) {
        const std::size_t dot = path.rfind('.');
        if (std::ranges::find(kWords, path.substr(dot + 1)) != kWords.end())
            return true;
        path = dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
    }
    return false;
}

// What could be the classifier's weight: in the tree by its name, else anything of the right features that the backbone
// does not take.
std::vector<const StoredTensor*> candidates(const WeightsFile& file, const Subtree& tree, const Placements& placements,
                                            std::size_t weight) {
    const TargetTensor& wanted = placements.targets()[weight];
    for (const StoredTensor* tensor : tree.tensors) {
        const auto found = placements.find(std::string_view(tensor->name).substr(tree.prefix.size()), tensor->shape);
        if (found && found->target == weight && fitsFeatures(tensor->shape, wanted.shape))
            return {tensor};
    }
    const auto targets = placements.targets();
    const auto body = std::ranges::count(targets, false, &TargetTensor::head);
    const auto ofBody = [&](const StoredTensor& tensor) {
        if (!tensor.name.starts_with(tree.prefix))
            return false;
        if (tree.byOrder)
            return std::ranges::find(tree.tensors, &tensor) - tree.tensors.begin() < body;
        return placements.find(std::string_view(tensor.name).substr(tree.prefix.size()), tensor.shape).has_value();
    };
    std::vector<const StoredTensor*> others;
    const std::string_view dictionary = std::string_view(tree.prefix).substr(0, tree.dictionary);
    for (const StoredTensor& tensor : file.tensors()) {
        const bool beside = std::string_view(tensor.name).substr(0, tensor.dictionary) == dictionary;
        if (!beside || !tensor.name.ends_with(".weight") || !fitsFeatures(tensor.shape, wanted.shape) ||
            !biasOf(file, tensor) || ofBody(tensor))
            continue;
        others.push_back(&tensor);
    }
    if (others.size() > 1)
        std::erase_if(others, [](const StoredTensor* tensor) { return !namedLikeAHead(tensor->name); });
    return others;
}

} // namespace

std::vector<HeadTensor> headTensors(const WeightsFile& file, const Subtree& tree, const Placements& placements) {
    const HeadTargets head = headTargets(placements.targets());
    if (!head.weight)
        return {};
    const auto found = candidates(file, tree, placements, *head.weight);
    if (found.size() != 1)
        return {};
    std::vector<HeadTensor> parts{{*head.weight, found.front()}};
    if (const StoredTensor* bias = biasOf(file, *found.front()); bias && head.bias)
        parts.push_back({*head.bias, bias});
    return parts;
}

} // namespace engine
