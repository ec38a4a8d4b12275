#include "engine/data/labelchanges.h"

#include "engine/base/hash.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <ranges>
#include <string_view>

namespace engine {
namespace {

// What the list comes to in a data set.
struct Outcome {
    std::size_t relabelled = 0, leftOut = 0;
    std::vector<std::string> unknownClasses; // files
    std::uint64_t fingerprint = 0;
};

// An entry of the list for this data set.
struct Entry {
    const LabelChange* change = nullptr;
    bool met = false;
};
using Entries = std::unordered_map<std::string_view, Entry>; // by file

Entries entriesFor(const ImageFolder& folder, const std::vector<LabelChange>& list) {
    Entries entries;
    std::error_code code;
    const std::filesystem::path root = std::filesystem::absolute(folder.root, code).lexically_normal();
    for (const LabelChange& change : list)
        if (change.root.empty() || change.root == root)
            entries[change.file] = {&change, false};
    return entries;
}

std::optional<int> labelOf(const std::string& name, const std::vector<std::string>& classes) {
    const auto found = std::ranges::find(classes, name);
    return found == classes.end() ? std::nullopt : std::optional(static_cast<int>(found - classes.begin()));
}

SampleList changed(const SampleList& samples, Entries& entries, const std::vector<std::string>& classes,
                   Outcome& outcome) {
    std::vector<std::int64_t> leftOut;
    std::unordered_map<std::int64_t, int> labels;
    std::int64_t place = -1;
    for (const ImageSample& sample : samples) {
        ++place;
        const auto found = entries.find(sample.file);
        if (found == entries.end())
            continue;
        const LabelChange& change = *found->second.change;
        found->second.met = true;
        const auto label = labelOf(change.label, classes);
        if (change.leavesOut())
            leftOut.push_back(place);
        else if (label && sample.label >= 0)
            labels.emplace(place, *label);
        else
            outcome.unknownClasses.push_back(sample.file);
        outcome.fingerprint += hashText(change.label, hashText(sample.file));
    }
    outcome.relabelled += labels.size();
    outcome.leftOut += leftOut.size();
    if (leftOut.empty() && labels.empty())
        return samples;
    return SampleList(std::make_shared<const ChangedSamples>(samples, std::move(leftOut), std::move(labels)));
}

void tellUseless(ImageFolder& folder, const Entries& entries, const Outcome& outcome) {
    std::vector<std::string_view> missing;
    for (const auto& [file, entry] : entries)
        if (!entry.met)
            missing.push_back(file);
    std::ranges::sort(missing);
    const auto tell = [&folder](std::size_t count, std::string_view first, const char* what) {
        if (count > 0)
            folder.notes.findings.push_back(
                {.key = "data.path",
                 .severity = Severity::Warning,
                 .message = fmt::format("{} of {} {}.", count == 1 ? "1 entry" : fmt::format("{} entries", count),
                                        kLabelChangesFile, what),
                 .detail = fmt::format("Passed over: {}{}.", first,
                                       count == 1 ? "" : fmt::format(" and {} more", count - 1))});
    };
    tell(missing.size(), missing.empty() ? "" : missing.front(), "cannot be followed: the data have no such picture");
    tell(outcome.unknownClasses.size(), outcome.unknownClasses.empty() ? "" : outcome.unknownClasses.front(),
         "cannot be followed: the data have no such class");
}

} // namespace

ChangedSamples::ChangedSamples(SampleList samples, std::vector<std::int64_t> leftOut,
                               std::unordered_map<std::int64_t, int> labels)
    : m_samples(std::move(samples)),
      m_leftOut(std::move(leftOut)),
      m_labels(std::move(labels)),
      m_groups(m_samples.groups()) {
    for (std::int64_t& end : m_groups.ends)
        end -= std::ranges::lower_bound(m_leftOut, end) - m_leftOut.begin();
}

std::int64_t ChangedSamples::count() const {
    return static_cast<std::int64_t>(m_samples.size()) - static_cast<std::int64_t>(m_leftOut.size());
}

// The k-th that is left out lies before all that have more than m_leftOut[k] − k before them.
std::int64_t ChangedSamples::placeOf(std::int64_t index) const {
    const auto places = std::views::iota(std::size_t{0}, m_leftOut.size());
    const auto before = std::ranges::partition_point(
        places, [&](std::size_t k) { return m_leftOut[k] - static_cast<std::int64_t>(k) <= index; });
    return index + (before - places.begin());
}

ImageSample ChangedSamples::at(std::int64_t index) const {
    const std::int64_t place = placeOf(index);
    ImageSample sample = m_samples[static_cast<std::size_t>(place)];
    if (const auto found = m_labels.find(place); found != m_labels.end())
        sample.label = found->second;
    return sample;
}

void applyLabelChanges(ImageFolder& folder, const std::vector<LabelChange>& list) {
    Entries entries = entriesFor(folder, list);
    if (entries.empty())
        return;
    Outcome outcome;
    folder.train = changed(folder.train, entries, folder.classes, outcome);
    folder.validation = changed(folder.validation, entries, folder.classes, outcome);
    folder.fingerprint += outcome.fingerprint;
    if (const std::string words = labelChangeWords(outcome.relabelled, outcome.leftOut); !words.empty())
        folder.notes.facts.push_back(fmt::format("{}, as {} says.", words, kLabelChangesFile));
    tellUseless(folder, entries, outcome);
}

} // namespace engine
