#include "engine/data/datachecks.h"

#include "engine/api/error.h"
#include "engine/api/labels.h"
#include "engine/data/manyfiles.h"
#include "engine/data/picturebytes.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <map>
#include <optional>

namespace engine {
namespace {

constexpr int kTiny = 32;           // pixels of the short side
constexpr int kBesideTheOthers = 4; // and so many times smaller than half of all pictures
constexpr int kImbalance = 10;      // largest class against the smallest
constexpr std::size_t kEnd = 4096;  // tells most files of one size apart

// Of the last `most` bytes; nothing where the picture cannot be read any more.
std::optional<std::uint64_t> hashOf(const std::filesystem::path& root, const ImageSample& sample, std::uint64_t most) {
    try {
        return PictureBytes(root, sample).hashOfEnd(most);
    } catch (const Error&) {
        return std::nullopt;
    }
}

using Group = std::vector<const CheckedPicture*>;

// Splits groups by a hash of the files and keeps those of two and more.
std::vector<Group> splitByHash(const std::vector<Group>& groups, const std::filesystem::path& root, std::uint64_t most,
                               std::stop_token stop, ProgressSink* progress) {
    Group all;
    for (const Group& group : groups)
        all.insert(all.end(), group.begin(), group.end());
    std::vector<std::optional<std::uint64_t>> hashes(all.size());
    forManyFiles(
        all.size(), [&](std::size_t i) { hashes[i] = hashOf(root, all[i]->sample, most); }, stop, progress,
        "Looking for copies");
    std::vector<Group> result;
    std::size_t place = 0;
    for (const Group& group : groups) {
        std::map<std::uint64_t, Group> parts;
        for (const CheckedPicture* picture : group)
            if (const auto& hash = hashes[place++])
                parts[*hash].push_back(picture);
        for (auto& [hash, part] : parts)
            if (part.size() > 1)
                result.push_back(std::move(part));
    }
    return result;
}

// Groups of equal files, each in the order of the pictures.
std::vector<Group> copiesIn(const std::filesystem::path& root, std::span<const CheckedPicture> pictures,
                            std::stop_token stop, ProgressSink* progress) {
    std::map<std::uint64_t, Group> sizes;
    for (const CheckedPicture& picture : pictures)
        if (picture.bytes > 0)
            sizes[picture.bytes].push_back(&picture);
    std::vector<Group> groups;
    for (auto& [bytes, group] : sizes)
        if (group.size() > 1)
            groups.push_back(std::move(group));
    if (groups.empty())
        return groups;
    groups = splitByHash(groups, root, kEnd, stop, progress);
    return splitByHash(groups, root, std::numeric_limits<std::uint64_t>::max(), stop, progress);
}

std::string pictures(std::size_t count, const char* one, const char* several) {
    return count == 1 ? fmt::format("1 picture {}", one) : fmt::format("{} pictures {}", count, several);
}

// What is found of one kind: how many pictures, the first pair, and what a fix leaves out.
struct Copies {
    std::size_t count = 0;
    std::string pair;
    std::vector<std::string> leftOut;

    void add(const CheckedPicture& copy, const CheckedPicture& original) {
        if (count++ == 0)
            pair = fmt::format("{} is the same file as {}", copy.sample.file, original.sample.file);
    }
};

struct AllCopies {
    Copies acrossClasses, acrossParts, within;

    void sort(const Group& group) {
        const CheckedPicture& first = *group.front();
        const auto other = [&](auto differs) { return std::ranges::find_if(group, differs); };
        const auto otherClass = other([&](const CheckedPicture* one) {
            return one->sample.label != first.sample.label || one->sample.labels != first.sample.labels;
        });
        const auto validation = other([](const CheckedPicture* one) { return !one->training; });
        if (otherClass != group.end())
            acrossClasses.add(**otherClass, first);
        else if (validation != group.end() && first.training)
            leaveOutTraining(group, **validation);
        else
            leaveOutAllBut(first, group);
    }

private:
    void leaveOutTraining(const Group& group, const CheckedPicture& kept) {
        for (const CheckedPicture* one : group) {
            if (!one->training)
                continue;
            acrossParts.add(*one, kept);
            if (one->sample.file != kept.sample.file) // a table may name it in both
                acrossParts.leftOut.push_back(one->sample.file);
        }
    }
    void leaveOutAllBut(const CheckedPicture& kept, const Group& group) {
        for (const CheckedPicture* one : group) {
            if (one->sample.file == kept.sample.file) // a table may name it twice
                continue;
            within.add(*one, kept);
            within.leftOut.push_back(one->sample.file);
        }
    }
};

Finding finding(std::string message, std::string detail) {
    return {.key = "data.path",
            .severity = Severity::Warning,
            .message = std::move(message),
            .detail = std::move(detail),
            .fixLabel = {},
            .fixKey = {},
            .fixValue = {}};
}

Finding withFix(Finding finding, const char* label, const std::vector<std::string>& files) {
    if (files.empty())
        return finding;
    finding.fixLabel = label;
    finding.fixKey = kLeaveOutByList;
    finding.fixValue = fmt::format("{}", fmt::join(files, "\n"));
    return finding;
}

} // namespace

std::vector<Finding> copyFindings(const std::filesystem::path& root, std::span<const CheckedPicture> pictures,
                                  std::stop_token stop, ProgressSink* progress) {
    AllCopies copies;
    for (const Group& group : copiesIn(root, pictures, stop, progress))
        copies.sort(group);
    std::vector<Finding> findings;
    if (const Copies& found = copies.acrossClasses; found.count > 0)
        findings.push_back(
            finding(engine::pictures(found.count, "stands in several classes.", "stand in several classes."),
                    fmt::format("{}, of another class. Which is right cannot be known from here.", found.pair)));
    if (const Copies& found = copies.acrossParts; found.count > 0)
        findings.push_back(withFix(
            finding(engine::pictures(found.count, "to train on validates as well.", "to train on validate as well."),
                    fmt::format("{}. Validation then praises what was learnt by heart.", found.pair)),
            "Leave out of training", found.leftOut));
    if (const Copies& found = copies.within; found.count > 0)
        findings.push_back(
            withFix(finding(engine::pictures(found.count, "is the copy of another.", "are copies of others."),
                            fmt::format("{}. It counts more than once.", found.pair)),
                    found.count == 1 ? "Leave it out" : "Leave them out", found.leftOut));
    return findings;
}

std::vector<Finding> sizeFindings(std::span<const CheckedPicture> pictures) {
    if (pictures.empty())
        return {};
    std::vector<int> sides;
    for (const CheckedPicture& picture : pictures)
        sides.push_back(std::min(picture.width, picture.height));
    const auto middle = sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2);
    std::ranges::nth_element(sides, middle);
    std::vector<std::string> tiny;
    std::string first;
    for (const CheckedPicture& picture : pictures) {
        const int side = std::min(picture.width, picture.height);
        if (side >= kTiny || side * kBesideTheOthers >= *middle)
            continue;
        if (tiny.empty())
            first = fmt::format("{} has {} × {}", picture.sample.file, picture.width, picture.height);
        tiny.push_back(picture.sample.file);
    }
    if (tiny.empty())
        return {};
    return {withFix(
        finding(fmt::format("{} than {} pixels.", engine::pictures(tiny.size(), "is smaller", "are smaller"), kTiny),
                fmt::format("{}; half of all have {} or more.", first, *middle)),
        tiny.size() == 1 ? "Leave it out" : "Leave them out", tiny)};
}

std::vector<Finding> balanceFindings(std::span<const ClassCount> classes) {
    if (classes.empty())
        return {};
    const auto [least, most] = std::ranges::minmax_element(classes, {}, &ClassCount::train);
    if (least->train == 0 || most->train <= kImbalance * least->train)
        return {};
    Finding uneven =
        finding("The classes differ much in size.",
                fmt::format("{} has {} pictures, {} only {}.", most->name, most->train, least->name, least->train));
    uneven.fixLabel = "Weigh them by rarity";
    uneven.fixKey = "train.class_weights";
    uneven.fixValue = "balanced";
    return {std::move(uneven)};
}

} // namespace engine
