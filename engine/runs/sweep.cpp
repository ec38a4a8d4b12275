#include "engine/api/sweep.h"

#include "engine/api/error.h"
#include "engine/api/parameter.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>

namespace engine {
namespace {

constexpr std::string_view kSeed = "experiment.seed";

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos)
        return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

std::optional<long> wholeNumber(std::string_view text) {
    long value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    return code == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

[[noreturn]] void refuseValues(std::string_view text) {
    throw Error(ErrorKind::BadInput, fmt::format("“{}” is no list of values.", text),
                "Write values apart by commas, or a range of whole numbers: 1e-3, 3e-3 or 7..9.");
}

// "7..9" is 7, 8, 9; anything else is itself.
void addValues(std::string_view text, std::vector<std::string>& values) {
    const auto dots = text.find("..");
    const auto from = dots == std::string_view::npos ? std::nullopt : wholeNumber(trimmed(text.substr(0, dots)));
    const auto to = from ? wholeNumber(trimmed(text.substr(dots + 2))) : std::nullopt;
    if (!to) {
        values.emplace_back(text);
        return;
    }
    if (*to < *from || static_cast<std::size_t>(*to - *from) >= kMostSweptRuns)
        refuseValues(text);
    for (long value = *from; value <= *to; ++value)
        values.push_back(std::to_string(value));
}

// "learning rate 0.001, seed 8"
std::string nameOf(const std::vector<SweepAxis>& axes, const std::vector<std::size_t>& places) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        std::string label = findParameter(axes[i].key)->label;
        if (!label.empty())
            label.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(label.front())));
        parts.push_back(fmt::format("{} {}", label, axes[i].values[places[i]]));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

// The last axis turns fastest; false: all have been.
bool turn(std::vector<std::size_t>& places, const std::vector<SweepAxis>& axes) {
    for (std::size_t i = axes.size(); i-- > 0;) {
        if (++places[i] < axes[i].values.size())
            return true;
        places[i] = 0;
    }
    return false;
}

void requireAxes(const std::vector<SweepAxis>& axes) {
    for (std::size_t i = 0; i < axes.size(); ++i) {
        if (findParameter(axes[i].key) == nullptr)
            (void)parameterValue(Experiment(), axes[i].key); // throws, with near names
        for (std::size_t other = 0; other < i; ++other)
            if (axes[other].key == axes[i].key)
                throw Error(ErrorKind::BadInput, fmt::format("{} is varied twice.", axes[i].key),
                            "Give all its values at once.");
    }
    if (const std::size_t runs = sweepSize(axes); runs > kMostSweptRuns)
        throw Error(ErrorKind::BadInput,
                    fmt::format("That makes {} runs; a sweep has {} at most.", runs, kMostSweptRuns),
                    "Leave some values out.");
}

} // namespace

SweepAxis parseSweepAxis(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        throw Error(ErrorKind::BadInput, fmt::format("“{}” says no values.", text),
                    "Write it as section.key=value,value,….");
    return parseSweepAxis(std::string(trimmed(text.substr(0, equals))), text.substr(equals + 1));
}

SweepAxis parseSweepAxis(const std::string& key, std::string_view values) {
    SweepAxis axis{key, {}};
    for (std::size_t from = 0; from <= values.size();) {
        const auto comma = std::min(values.find(',', from), values.size());
        const std::string_view value = trimmed(values.substr(from, comma - from));
        if (value.empty())
            refuseValues(values);
        addValues(value, axis.values);
        from = comma + 1;
    }
    return axis;
}

std::size_t sweepSize(const std::vector<SweepAxis>& axes) {
    std::size_t runs = 1;
    for (const SweepAxis& axis : axes)
        runs *= std::min(axis.values.size(), kMostSweptRuns + 1);
    return runs;
}

std::vector<Experiment> sweep(const Experiment& experiment, std::vector<SweepAxis> axes) {
    requireAxes(axes);
    std::ranges::stable_partition(axes, [](const SweepAxis& axis) { return axis.key == kSeed; }); // turns slowest
    std::vector<Experiment> all;
    std::vector<std::size_t> places(axes.size());
    do {
        Experiment one = experiment;
        for (std::size_t i = 0; i < axes.size(); ++i)
            setParameterValue(one, axes[i].key, axes[i].values[places[i]]);
        std::vector<SweepAxis> told = axes; // the seed last
        std::vector<std::size_t> toldPlaces = places;
        if (!told.empty() && told.front().key == kSeed) {
            std::ranges::rotate(told, told.begin() + 1);
            std::ranges::rotate(toldPlaces, toldPlaces.begin() + 1);
        }
        if (!told.empty())
            one.name = nameOf(told, toldPlaces);
        all.push_back(std::move(one));
    } while (turn(places, axes));
    return all;
}

} // namespace engine
