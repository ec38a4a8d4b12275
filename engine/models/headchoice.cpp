// Whether the classifier of a file of weights is kept.
#include "engine/models/load.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

Finding finding(Severity severity, std::string message, std::string detail) {
    return {.key = "model.head", .severity = severity, .message = std::move(message), .detail = std::move(detail)};
}

// For each class of the data its row in the file; empty where the names are not the same ones.
std::vector<int> rowsByName(const std::vector<std::string>& names, const std::vector<std::string>& classes) {
    if (names.size() != classes.size() || std::set(names.begin(), names.end()).size() != names.size())
        return {};
    std::vector<int> rows;
    for (const std::string& name : classes) {
        const auto found = std::ranges::find(names, name);
        if (found == names.end())
            return {};
        rows.push_back(static_cast<int>(found - names.begin()));
    }
    return rows;
}

Finding notKept(const FileHead& head) {
    Finding lost =
        finding(Severity::Warning,
                fmt::format("The trained head of these weights has {} classes as well, but is not kept.", head.classes),
                head.names.empty()
                    ? std::string("The file does not name its classes; keep the head where they are the data's, in "
                                  "the order of the alphabet.")
                    : fmt::format("Its classes have other names than the data's: {}{}.",
                                  fmt::join(head.names.begin(),
                                            head.names.begin() + std::min<std::ptrdiff_t>(3, head.classes), ", "),
                                  head.classes > 3 ? ", …" : ""));
    lost.fixLabel = "Keep the head";
    lost.fixKey = "model.head";
    lost.fixValue = "keep";
    return lost;
}

Finding cannotKeep(const FileHead& head, std::size_t classes) {
    Finding problem = finding(Severity::Problem,
                              head.classes == 0 ? std::string("These weights have no head that could be kept.")
                                                : fmt::format("The head of these weights has {} classes, the data {}.",
                                                              head.classes, classes),
                              "Train a new head, or choose other weights.");
    problem.fixLabel = "Train a new head";
    problem.fixKey = "model.head";
    problem.fixValue = "auto";
    return problem;
}

} // namespace

HeadChoice chooseHead(std::string_view setting, const std::filesystem::path& file, std::string_view backbone,
                      const std::vector<std::string>& classes) {
    HeadChoice choice;
    if (setting == "new" || classes.empty())
        return choice;
    const FileHead head = headOf(file, findBackbone(backbone));
    const bool fits = head.classes > 0 && static_cast<std::size_t>(head.classes) == classes.size();
    choice.rows = fits ? rowsByName(head.names, classes) : std::vector<int>();
    if (setting == "keep" && !fits)
        choice.findings.push_back(cannotKeep(head, classes.size()));
    choice.keep = fits && (setting == "keep" || !choice.rows.empty());
    if (fits && !choice.keep)
        choice.findings.push_back(notKept(head));
    return choice;
}

} // namespace engine
