#include "engine/api/classweights.h"

#include "engine/api/error.h"

#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kBeta = 0.999;

// Of samples that overlap as Cui et al. assume.
double effectiveNumber(double count) { return (1 - std::pow(kBeta, count)) / (1 - kBeta); }

double same(double count) { return count; }

} // namespace

std::vector<double> classWeights(std::string_view rule, const ClassCounts& counts) {
    if (rule == "none")
        return {};
    if (rule != "balanced" && rule != "effective")
        throw Error(ErrorKind::BadInput, fmt::format("“{}” is no way to weigh classes.", rule),
                    "Set train.class_weights to none, balanced or effective.");
    const auto number = rule == "balanced" ? same : effectiveNumber;
    const auto all = static_cast<double>(counts.all);
    std::vector<double> weights;
    double sum = 0; // over the samples
    for (const std::int64_t samples : counts.samples) {
        const auto count = static_cast<double>(samples);
        const double of = counts.kind == ClassCounts::Kind::Exclusive ? 1 : number(all - count);
        weights.push_back(samples > 0 && of > 0 ? of / number(count) : 1);
        sum += samples > 0 ? count * weights.back() : 0;
    }
    if (counts.kind == ClassCounts::Kind::Exclusive && sum > 0)
        for (std::size_t i = 0; i < weights.size(); ++i)
            weights[i] = counts.samples[i] > 0 ? weights[i] * all / sum : 1;
    return weights;
}

} // namespace engine
