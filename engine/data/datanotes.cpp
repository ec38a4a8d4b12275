#include "engine/data/datanotes.h"

#include "engine/base/nearest.h"
#include "engine/data/pictureformats.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

constexpr std::size_t kMostNamed = 4;

std::string named(const std::vector<std::string>& names) {
    std::vector<std::string> quoted;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
        quoted.push_back(fmt::format("“{}”", names[i]));
    return fmt::format("{}{}", fmt::join(quoted, ", "),
                       names.size() > kMostNamed ? fmt::format(" and {} more", names.size() - kMostNamed) : "");
}

std::string withMore(std::vector<std::string> leaveOut, const std::vector<std::string>& more) {
    leaveOut.insert(leaveOut.end(), more.begin(), more.end());
    return fmt::format("{}", fmt::join(leaveOut, "\n"));
}

const ClassCount* noClass(const DataNotes& notes, const std::string& name) {
    const auto found = std::ranges::find(notes.noClasses, name, &ClassCount::name);
    return found == notes.noClasses.end() ? nullptr : &*found;
}

std::string inside(const std::string& part, const std::string& name) { return part.empty() ? name : part + '/' + name; }

void addEmptyClasses(ImageFolder& folder, const std::vector<std::string>& leaveOut) {
    const auto& names = folder.classesWithoutPictures;
    if (names.empty())
        return;
    std::vector<std::string> details;
    std::vector<std::string> paths;
    for (const std::string& name : names) {
        paths.push_back(inside(folder.trainFolder, name));
        if (!folder.validationFolder.empty() &&
            std::ranges::find(folder.classesOnlyInValidation, name) != folder.classesOnlyInValidation.end())
            paths.push_back(inside(folder.validationFolder, name));
        const ClassCount* row = noClass(folder.notes, name);
        const std::string held = row == nullptr ? "" : passedOverWords(row->passedOver);
        if (details.size() < kMostNamed)
            details.push_back(fmt::format("“{}”: {}", name, held.empty() ? "empty" : held));
    }
    const bool one = names.size() == 1;
    folder.notes.findings.push_back(
        {.key = "data.path",
         .severity = Severity::Warning,
         .message = one ? fmt::format("The class {} has no training picture.", named(names))
                        : fmt::format("{} classes have no training picture: {}.", names.size(), named(names)),
         .detail = fmt::format("{} not learnt. {}.", one ? "It is" : "They are", fmt::join(details, "; ")),
         .fixLabel = one ? "Leave it out" : "Leave them out",
         .fixKey = "data.leave_out",
         .fixValue = withMore(leaveOut, paths)});
}

void addFormats(ImageFolder& folder) {
    std::vector<PassedOver> formats;
    std::vector<std::string> classes;
    std::int64_t count = 0;
    const auto look = [&](const std::string& name, const std::vector<PassedOver>& passedOver) {
        for (const PassedOver& kind : passedOver) {
            if (fileKind("x" + kind.what) != FileKind::OtherPicture)
                continue;
            merge(formats, {kind});
            count += kind.count;
            if (classes.empty() || classes.back() != name)
                classes.push_back(name);
        }
    };
    for (std::size_t i = 0; i < folder.classes.size(); ++i)
        look(folder.classes[i], folder.passedOver[i]);
    for (const ClassCount& row : folder.notes.noClasses)
        look(row.name, row.passedOver);
    if (count > 0)
        folder.notes.findings.push_back(
            {.key = "data.path",
             .severity = Severity::Warning,
             .message =
                 fmt::format("{} passed over because of the format: {}.",
                             count == 1 ? "1 file is" : fmt::format("{} files are", count), passedOverWords(formats)),
             .detail = fmt::format("In {}. {} are read.", named(classes), formatNames())});
}

void addStrangers(ImageFolder& folder, std::string_view owner, const std::vector<std::string>& leaveOut) {
    const std::int64_t left = folder.notes.validationLeftOut;
    std::vector<std::string> names;
    for (const std::string& name : folder.classesOnlyInValidation)
        if (std::ranges::find(folder.classesWithoutPictures, name) == folder.classesWithoutPictures.end())
            names.push_back(name);
    if (left == 0 || names.empty())
        return;
    std::vector<std::string> details;
    std::vector<std::string> paths;
    for (const std::string& name : names) {
        paths.push_back(inside(folder.validationFolder, name));
        if (details.size() < kMostNamed)
            details.push_back(fmt::format("“{}”, nearest “{}”", name, nearestNames(name, folder.classes, 1).front()));
    }
    const std::string where = folder.validationFolder.empty() ? "here" : "in " + folder.validationFolder;
    folder.notes.findings.push_back(
        {.key = "data.validation",
         .severity = Severity::Warning,
         .message = fmt::format("{} {} no class of {}; {} of {} pictures are left out.",
                                names.size() == 1 ? "1 folder" : fmt::format("{} folders", names.size()),
                                where + (names.size() == 1 ? " is" : " are"), owner, left,
                                left + static_cast<std::int64_t>(folder.validation.size())),
         .detail =
             fmt::format("{}. Rename {} to be counted.", fmt::join(details, "; "), names.size() == 1 ? "it" : "them"),
         .fixLabel = names.size() == 1 ? "Leave it out" : "Leave them out",
         .fixKey = "data.leave_out",
         .fixValue = withMore(leaveOut, paths)});
}

} // namespace

std::vector<PassedOver> asPassedOver(const PassedOverCounts& counts) {
    std::vector<PassedOver> result;
    for (const auto& [what, count] : counts)
        result.push_back({what, count});
    return result;
}

void merge(std::vector<PassedOver>& into, const std::vector<PassedOver>& more) {
    for (const PassedOver& kind : more) {
        const auto found = std::ranges::find(into, kind.what, &PassedOver::what);
        if (found == into.end())
            into.push_back(kind);
        else
            found->count += kind.count;
    }
}

std::string passedOverWords(const std::vector<PassedOver>& passedOver) {
    std::vector<std::string> words;
    for (const PassedOver& kind : passedOver)
        words.push_back(fmt::format("{} {}", kind.count, kind.what));
    return fmt::format("{}", fmt::join(words, ", "));
}

std::string emptyClassesWords(const std::vector<ClassCount>& empty) {
    std::string words;
    for (std::size_t i = 0; i < std::min(empty.size(), kMostNamed); ++i) {
        const std::string held = passedOverWords(empty[i].passedOver);
        words +=
            fmt::format(" “{}” has no picture that can be read ({}).", empty[i].name, held.empty() ? "empty" : held);
    }
    if (empty.size() > kMostNamed)
        words += fmt::format(" Nor have {} more.", empty.size() - kMostNamed);
    return words;
}

void addStranger(DataNotes& notes, const std::string& part, const ClassCount& stranger) {
    std::vector<PassedOver> passedOver = stranger.passedOver;
    if (stranger.validation > 0)
        passedOver.push_back({fmt::format("in {} left out", part), stranger.validation});
    notes.validationLeftOut += stranger.validation;
    const auto known = std::ranges::find(notes.noClasses, stranger.name, &ClassCount::name);
    if (known == notes.noClasses.end())
        notes.noClasses.push_back({.name = stranger.name, .passedOver = std::move(passedOver)});
    else
        merge(known->passedOver, passedOver);
}

void addUnreadablePart(DataNotes& notes, const std::string& part, double share) {
    notes.findings.push_back(
        {.key = "data.validation",
         .severity = Severity::Warning,
         .message = fmt::format("“{}” is not used: none of the files in it can be read as a picture.", part),
         .detail = fmt::format("{:.3g} % of each class is held back for validation instead.", 100 * share)});
}

void addUnknownLabels(ImageFolder& folder, const std::map<std::string, std::int64_t>& unknown, bool exclusive,
                      std::string_view owner, std::string_view what) {
    if (unknown.empty())
        return;
    std::vector<std::string> named;
    std::int64_t all = 0;
    for (const auto& [label, count] : unknown) {
        all += count;
        if (named.size() < kMostNamed)
            named.push_back(fmt::format("“{}”, nearest “{}”", label, nearestNames(label, folder.classes, 1).front()));
        folder.classesOnlyInValidation.push_back(label);
        if (exclusive)
            folder.notes.noClasses.push_back({.name = label, .passedOver = {{"without a class to train", count}}});
    }
    if (exclusive)
        folder.notes.validationLeftOut += all;
    const std::string_view counted = exclusive ? what : "mark";
    folder.notes.findings.push_back(
        {.key = "data.validation",
         .severity = Severity::Warning,
         .message = fmt::format("{} of validation {} no class of {}; {} {}{} {} left out.",
                                unknown.size() == 1 ? "1 label" : fmt::format("{} labels", unknown.size()),
                                unknown.size() == 1 ? "is" : "are", owner, all, counted, all == 1 ? "" : "s",
                                all == 1 ? "is" : "are"),
         .detail = fmt::format("{}{}.", fmt::join(named, ", "), unknown.size() > named.size() ? ", …" : "")});
}

void addFindings(ImageFolder& folder, std::string_view owner, const std::vector<std::string>& leaveOut) {
    addEmptyClasses(folder, leaveOut);
    addFormats(folder);
    addStrangers(folder, owner, leaveOut);
}

void addUnmet(ImageFolder& folder, const std::vector<std::string>& leaveOut, const std::vector<std::string>& unmet) {
    std::vector<std::string> missing;
    std::error_code code;
    for (const std::string& entry : unmet)
        if (!std::filesystem::exists(folder.root / entry, code)) // in a part that is not used
            missing.push_back(entry);
    if (missing.empty())
        return;
    std::vector<std::string> rest = leaveOut;
    std::erase_if(rest, [&](const std::string& entry) { return std::ranges::find(missing, entry) != missing.end(); });
    folder.notes.findings.push_back({.key = "data.leave_out",
                                     .severity = Severity::Warning,
                                     .message = fmt::format("{} {} nothing in the data folder.", named(missing),
                                                            missing.size() == 1 ? "matches" : "match"),
                                     .detail = "It was to be left out; what has another name is used.",
                                     .fixLabel = missing.size() == 1 ? "Remove it" : "Remove them",
                                     .fixKey = "data.leave_out",
                                     .fixValue = fmt::format("{}", fmt::join(rest, "\n"))});
}

} // namespace engine
