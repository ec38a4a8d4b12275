#include "engine/runs/seriesnames.h"

#include "engine/api/metrics.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>
#include <utility>

namespace engine {
namespace {

using Points = std::vector<SeriesPoint>;

// The words of a name, lower case: "Train/epochLoss_1" is train, epoch, loss, 1.
std::set<std::string> wordsOf(const std::string& name) {
    std::set<std::string> words;
    std::string word;
    const auto end = [&] {
        if (!word.empty())
            words.insert(std::exchange(word, {}));
    };
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto c = static_cast<unsigned char>(name[i]);
        const bool begins = std::isupper(c) && i > 0 && std::islower(static_cast<unsigned char>(name[i - 1]));
        if (begins || !std::isalnum(c))
            end();
        if (std::isalnum(c))
            word += static_cast<char>(std::tolower(c));
    }
    end();
    return words;
}

template <std::size_t Count>
bool anyOf(const std::set<std::string>& words, const std::array<const char*, Count>& wanted) {
    return std::ranges::any_of(wanted, [&](const char* word) { return words.contains(word); });
}

bool allShares(const Points& points) {
    return std::ranges::all_of(points, [](const SeriesPoint& point) { return !(point.value < 0 || point.value > 1); });
}

// "validation/loss"; empty where the name says no part or no metric of ours.
std::string ourName(const std::string& tag, const Points& points) {
    constexpr std::array kValidationWords{"val", "valid", "validation", "test", "eval", "evaluation", "dev"};
    constexpr std::array kTrainWords{"train", "training"};
    constexpr std::array kAccuracyWords{"acc", "accuracy", "top1", "acc1"};
    const std::set<std::string> words = wordsOf(tag);
    const bool validation = anyOf(words, kValidationWords);
    const bool train = anyOf(words, kTrainWords);
    if (words.contains("lr") || (words.contains("learning") && words.contains("rate")))
        return "learning_rate";
    if (validation == train) // neither, or both as in the name of a chart
        return {};
    const auto part = validation ? validationSeries : trainSeries;
    if (words.contains("loss"))
        return part("loss");
    return anyOf(words, kAccuracyWords) && allShares(points) ? part("accuracy") : std::string();
}

// A metric's name holds no slash: behind one stands a class.
std::string metricName(std::string tag) {
    std::ranges::replace(tag, '/', ' ');
    return tag;
}

} // namespace

std::map<std::string, std::string> seriesNamesOf(const std::map<std::string, Points>& tags) {
    std::map<std::string, std::string> names;
    std::set<std::string> taken;
    for (const auto& [tag, points] : tags)
        if (const std::string name = ourName(tag, points); !name.empty() && taken.insert(name).second)
            names[tag] = name;
    for (const auto& [tag, points] : tags) {
        if (names.contains(tag))
            continue;
        std::string name = validationSeries(metricName(tag));
        while (!taken.insert(name).second)
            name += "'";
        names[tag] = name;
    }
    return names;
}

} // namespace engine
