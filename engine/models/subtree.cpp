#include "engine/models/subtree.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <unordered_map>

namespace engine {
namespace {

// Together these bound what a file of hostile names costs.
constexpr std::size_t kPlaces = 4096;
constexpr std::size_t kLevels = 16;
constexpr std::size_t kLookUps = 400'000;

struct Place {
    std::string_view prefix;
    std::size_t dictionary = 0;
    std::vector<const StoredTensor*> tensors;
    std::int64_t elements = 0;
};

struct Fit {
    std::int64_t parameters = 0; // of the backbone that get values
    std::int64_t buffers = 0;
    std::int64_t elements = 0; // of the file that they come from
    bool byOrder = false;
};

// Every path that leads to tensors: behind each dot, and the whole file.
std::vector<Place> placesOf(std::span<const StoredTensor> tensors) {
    std::vector<Place> places;
    std::unordered_map<std::string_view, std::size_t> byPrefix;
    for (const StoredTensor& tensor : tensors) {
        const std::string_view name = tensor.name;
        std::size_t end = 0;
        for (std::size_t level = 0; level < kLevels; ++level) {
            const std::string_view prefix = name.substr(0, end);
            const auto found = byPrefix.find(prefix);
            std::size_t at = found != byPrefix.end() ? found->second : places.size();
            if (at == places.size() && places.size() < kPlaces) {
                byPrefix.emplace(prefix, at);
                places.push_back({.prefix = prefix, .dictionary = std::min(tensor.dictionary, end)});
            }
            if (at < places.size()) {
                places[at].tensors.push_back(&tensor);
                places[at].elements += tensor.elements();
            }
            const std::size_t dot = name.find('.', end);
            if (dot == std::string_view::npos)
                break;
            end = dot + 1;
        }
    }
    return places;
}

Fit fitOf(const Place& place, const Placements& placements) {
    const auto targets = placements.targets();
    Fit fit;
    std::vector<int> partsLeft(targets.size(), 0); // 0: not met yet; -1: whole
    for (const StoredTensor* tensor : place.tensors) {
        const auto found = placements.find(std::string_view(tensor->name).substr(place.prefix.size()), tensor->shape);
        if (!found || !found->adaptation || partsLeft[found->target] < 0 || targets[found->target].head)
            continue;
        fit.elements += tensor->elements();
        int& left = partsLeft[found->target];
        left = left == 0 ? found->parts - 1 : left - 1;
        if (left > 0)
            continue;
        left = -1;
        (targets[found->target].parameter ? fit.parameters : fit.buffers) += elementsOf(targets[found->target]);
    }
    return fit;
}

Fit fitByOrder(std::span<const TargetTensor> targets) {
    Fit fit{.byOrder = true};
    for (const TargetTensor& target : targets)
        if (!target.head)
            (target.parameter ? fit.parameters : fit.buffers) += elementsOf(target);
    fit.elements = fit.parameters + fit.buffers;
    return fit;
}

bool holds(std::string_view path, std::span<const std::string_view> words) {
    while (!path.empty()) {
        const std::size_t end = std::min(path.find_first_of("._"), path.size());
        if (std::ranges::find(words, path.substr(0, end)) != words.end())
            return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

// Averages are what was evaluated; a network that only follows another one was not trained itself.
int preferenceOf(std::string_view path) {
    constexpr std::array<std::string_view, 7> kAverages{"ema",     "shadow",  "averaged", "swa",
                                                        "average", "teacher", "EMA"};
    constexpr std::array<std::string_view, 8> kFollowers{"momentum",  "k",    "key", "target",
                                                         "optimizer", "grad", "exp", "optim"};
    if (holds(path, kFollowers))
        return -1;
    return holds(path, kAverages) ? 1 : 0;
}

std::string_view leafOf(std::string_view name) { return name.substr(name.rfind('.') + 1); }

} // namespace

std::vector<std::size_t> targetsByOrder(std::span<const StoredTensor* const> tensors, std::size_t skip,
                                        std::span<const TargetTensor> targets) {
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (!targets[i].head)
            wanted.push_back(i);
    if (wanted.size() > tensors.size())
        return {};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const std::string_view name = std::string_view(tensors[i]->name).substr(skip);
        const TargetTensor& target = targets[wanted[i]];
        const bool numbered = !name.empty() && name.front() >= '0' && name.front() <= '9';
        if (!numbered || leafOf(name) != leafOf(target.name) || tensors[i]->shape != target.shape)
            return {};
    }
    return wanted;
}

Subtree bestSubtree(std::span<const StoredTensor> tensors, const Placements& placements) {
    std::vector<Place> places = placesOf(tensors);
    // Large ones first: what holds less than the best one has placed already need not be looked at.
    std::ranges::stable_sort(places, std::greater(), &Place::elements);
    const Place* best = nullptr;
    Fit bestFit;
    const Fit whole = fitByOrder(placements.targets());
    std::size_t lookUps = 0;
    const auto rank = [](const Fit& fit, const Place& place) {
        const auto length = static_cast<std::int64_t>(place.prefix.size());
        return std::tuple(fit.parameters, fit.buffers, preferenceOf(place.prefix), !fit.byOrder,
                          fit.byOrder ? length : -length);
    };
    for (const Place& place : places) {
        lookUps += place.tensors.size();
        if (best && (place.elements < bestFit.elements || lookUps > kLookUps))
            break;
        Fit fit = fitOf(place, placements);
        if (fit.parameters < whole.parameters &&
            !targetsByOrder(place.tensors, place.prefix.size(), placements.targets()).empty())
            fit = whole;
        if (!best || rank(fit, place) > rank(bestFit, *best)) {
            best = &place;
            bestFit = fit;
        }
    }
    if (!best)
        return {};
    if (bestFit.parameters == 0) { // nothing fits: the file as it is
        best = &*std::ranges::find(places, std::string_view(), &Place::prefix);
        bestFit = {};
    }
    return {.tensors = best->tensors,
            .prefix = std::string(best->prefix),
            .dictionary = best->dictionary,
            .byOrder = bestFit.byOrder};
}

} // namespace engine
