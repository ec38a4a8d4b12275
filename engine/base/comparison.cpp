#include "engine/api/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace engine {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kZ = 1.959963984540054; // of 95 %, two-sided
constexpr double kTail = 0.025;
constexpr double kNegligible = 1e-15; // of a distribution's tails

double ratio(std::int64_t part, std::int64_t whole) {
    return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : kNaN;
}

// A whole number that is `first` with probability mass[0], `first` + 1 with mass[1] and so on.
struct Distribution {
    std::int64_t first = 0;
    std::vector<double> mass;
};

Distribution trimmed(Distribution made) {
    const auto counts = [](double mass) { return mass > kNegligible; };
    const auto begin = std::ranges::find_if(made.mass, counts);
    const auto end = std::find_if(made.mass.rbegin(), made.mass.rend(), counts).base();
    made.first += begin - made.mass.begin();
    made.mass = std::vector<double>(begin, end);
    return made;
}

// Of the sum of two independent numbers.
Distribution sumOf(const Distribution& a, const Distribution& b) {
    Distribution made{a.first + b.first, std::vector<double>(a.mass.size() + b.mass.size() - 1, 0)};
    for (std::size_t i = 0; i < a.mass.size(); ++i)
        for (std::size_t j = 0; j < b.mass.size(); ++j)
            made.mass[i + j] += a.mass[i] * b.mass[j];
    return trimmed(std::move(made));
}

Distribution sumOfMany(Distribution one, std::int64_t many) {
    Distribution sum{0, {1}};
    for (; many > 0; many /= 2) {
        if (many % 2 == 1)
            sum = sumOf(sum, one);
        if (many > 1)
            one = sumOf(one, one);
    }
    return sum;
}

std::int64_t quantile(const Distribution& of, double share) {
    double below = 0;
    for (std::size_t i = 0; i < of.mass.size(); ++i) {
        below += of.mass[i];
        if (below >= share)
            return of.first + static_cast<std::int64_t>(i);
    }
    return of.first + static_cast<std::int64_t>(of.mass.size()) - 1;
}

// What a sample was said to be, by the names of the classes.
std::set<std::string> truthOf(const SampleResult& sample, const std::vector<std::string>& classes) {
    std::set<std::string> names;
    const auto add = [&](int label) {
        const auto place = static_cast<std::size_t>(label);
        names.insert(label >= 0 && place < classes.size() ? classes[place] : std::to_string(label));
    };
    if (sample.predictedLabels)
        std::ranges::for_each(sample.labels, add);
    else
        add(sample.label);
    return names;
}

} // namespace

Interval wilsonInterval(std::int64_t right, std::int64_t all) {
    if (all <= 0)
        return {0, 1};
    const auto n = static_cast<double>(all);
    const double share = static_cast<double>(right) / n;
    const double scale = 1 + kZ * kZ / n;
    const double middle = (share + kZ * kZ / (2 * n)) / scale;
    const double half = kZ / scale * std::sqrt(share * (1 - share) / n + kZ * kZ / (4 * n * n));
    return {right == 0 ? 0 : std::max(0.0, middle - half), right == all ? 1 : std::min(1.0, middle + half)};
}

double PairedAnswers::difference() const { return ratio(onlyFirst - onlySecond, all()); }

PairedAnswers pairAnswers(std::span<const SampleResult> first, const std::vector<std::string>& firstClasses,
                          std::span<const SampleResult> second, const std::vector<std::string>& secondClasses) {
    std::map<std::string_view, const SampleResult*> known;
    for (const SampleResult& sample : second)
        known.emplace(sample.file, &sample);
    PairedAnswers made;
    std::size_t told = 0; // on which they were told the same, and otherwise
    std::size_t toldOtherwise = 0;
    for (const SampleResult& sample : first) {
        const auto found = known.find(sample.file);
        if (found == known.end())
            continue;
        if (truthOf(sample, firstClasses) != truthOf(*found->second, secondClasses)) {
            ++toldOtherwise;
            continue;
        }
        ++told;
        const bool other = found->second->right();
        ++(sample.right() ? (other ? made.both : made.onlyFirst) : (other ? made.onlySecond : made.neither));
    }
    made.unmatched = static_cast<std::int64_t>(first.size() + known.size() - 2 * told - toldOtherwise);
    return made;
}

double mcNemarExact(std::int64_t onlyFirst, std::int64_t onlySecond) {
    const std::int64_t all = onlyFirst + onlySecond;
    const std::int64_t fewer = std::min(onlyFirst, onlySecond);
    const auto n = static_cast<double>(all);
    double tail = 0;
    for (std::int64_t k = 0; k <= fewer; ++k) {
        const auto hits = static_cast<double>(k);
        tail += std::exp(std::lgamma(n + 1) - std::lgamma(hits + 1) - std::lgamma(n - hits + 1) - n * std::log(2.0));
    }
    return std::min(1.0, 2 * tail);
}

Interval pairedBootstrap(const PairedAnswers& answers) {
    const std::int64_t all = answers.all();
    if (all == 0)
        return {kNaN, kNaN};
    const auto n = static_cast<double>(all);
    const double first = static_cast<double>(answers.onlyFirst) / n;
    const double second = static_cast<double>(answers.onlySecond) / n;
    const Distribution sum = sumOfMany({-1, {second, 1 - first - second, first}}, all);
    return {static_cast<double>(quantile(sum, kTail)) / n, static_cast<double>(quantile(sum, 1 - kTail)) / n};
}

std::vector<double> holmCorrected(std::span<const double> p) {
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [p](std::size_t i) { return p[i]; });
    std::vector<double> corrected(p.size());
    double least = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        least = std::max(least, std::min(1.0, p[order[rank]] * static_cast<double>(p.size() - rank)));
        corrected[order[rank]] = least;
    }
    return corrected;
}

std::vector<ClassScore> classScores(std::span<const std::int64_t> counts, std::size_t classes) {
    std::vector<ClassScore> scores(classes);
    for (std::size_t truth = 0; truth < classes; ++truth)
        for (std::size_t predicted = 0; predicted < classes; ++predicted) {
            scores[truth].support += counts[truth * classes + predicted];
            scores[predicted].answers += counts[truth * classes + predicted];
        }
    for (std::size_t i = 0; i < classes; ++i) {
        ClassScore& score = scores[i];
        const std::int64_t right = counts[i * classes + i];
        score.precision = ratio(right, score.answers);
        score.recall = ratio(right, score.support);
        score.f1 = ratio(2 * right, score.support + score.answers);
    }
    return scores;
}

double macroF1(std::span<const ClassScore> scores) {
    double sum = 0;
    int count = 0;
    for (const ClassScore& score : scores)
        if (std::isfinite(score.f1)) {
            sum += score.f1;
            ++count;
        }
    return count > 0 ? sum / count : kNaN;
}

} // namespace engine
