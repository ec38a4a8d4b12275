#include "engine/data/layout.h"

#include "engine/api/error.h"
#include "engine/data/folderlevel.h"
#include "engine/data/folderlisting.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr int kDeepest = 8; // folders too many, one inside the other

using Folders = std::vector<LevelFolder>;

class LayoutFinder final {
public:
    LayoutFinder(const fs::path& root, const DataSettings& settings, LeaveOut& leaveOut)
        : m_root(root), m_settings(settings), m_leaveOut(leaveOut) {}

    Layout find() {
        if (!m_settings.validation.empty())
            m_validation = requireFolder(m_settings.validation, "data.validation");
        if (!m_settings.train.empty())
            takeTrainingFolder();
        else if (m_settings.layout == "classes")
            m_layout.train = innermost(m_root);
        else if (!decide(m_root, kDeepest))
            m_layout.train = m_root;
        if (!m_validation.empty() && m_validation != m_layout.train) // what is trained on cannot be validated on
            takeValidationFolder();
        if (m_layout.train != m_root)
            sayOutside(m_layout.train);
        sayOutside(m_root);
        return std::move(m_layout);
    }

private:
    fs::path requireFolder(const std::string& name, const char* key) const {
        const fs::path folder = normalPath(m_root / name);
        std::error_code code;
        if (!fs::is_directory(folder, code))
            throw Error(ErrorKind::NotFound, fmt::format("{} has no folder “{}”.", m_root.string(), name),
                        fmt::format("Correct {} or leave it empty; then the usual names are looked for.", key),
                        {.label = "Look for the usual names", .key = key, .value = ""});
        return folder;
    }

    Folders childrenOf(const fs::path& level) {
        Folders children;
        for (const fs::path& folder : contentOf(level).folders) {
            if (folder == m_validation || m_leaveOut.takes(relativeTo(m_root, folder)))
                continue;
            children.push_back(levelFolder(folder));
        }
        return children;
    }

    // False: the level holds no layout, and a folder above it has to do.
    bool decide(const fs::path& level, int deeper) {
        Folders children = childrenOf(level);
        Folders empty;
        std::ranges::copy_if(children, std::back_inserter(empty), [](const LevelFolder& f) { return !f.holds(); });
        std::erase_if(children, [](const LevelFolder& f) { return !f.holds(); });
        FolderLevel here = sortedLevel(children);
        if (std::ranges::any_of(here.trains, [](const LevelFolder& f) { return !f.classFolders.empty(); })) {
            takeParts(here, empty);
            return true;
        }
        if (!here.trains.empty() && (here.others.empty() || m_settings.layout == "split"))
            throwFlat(here);
        if (children.size() == 1 && !emptyTrain(empty))
            return takeOnly(children.front(), empty, deeper);
        if (here.others.empty() && !here.held.empty())
            throwNothingToTrainOn(level, here.held);
        if (here.others.size() == 1 && here.trains.empty() && trainsUnderAnotherName(here)) {
            here.trains.swap(here.others);
            takeParts(here, empty);
            return true;
        }
        return takeClasses(level, here);
    }

    static bool emptyTrain(const Folders& empty) {
        return std::ranges::any_of(
            empty, [](const LevelFolder& f) { return f.name.part == Part::Train && f.name.rest.empty(); });
    }

    // A folder too many.
    bool takeOnly(const LevelFolder& only, const Folders& empty, int deeper) {
        if ((only.flat && foldersWithPictures(only.path).size() < 2) || deeper == 0 || !decide(only.path, deeper - 1))
            return false;
        for (const LevelFolder& folder : empty)
            addUnused(folder, "without pictures");
        return true;
    }

    // images/{cat,dog} beside test/{cat,dog}
    static bool trainsUnderAnotherName(const FolderLevel& here) {
        const LooseNames names = looseNames(here.others.front().classFolders);
        return std::ranges::any_of(here.held, [&](const LevelFolder& c) { return !carrierOf(names, c.path).empty(); });
    }

    void takeParts(const FolderLevel& here, const Folders& empty) {
        const auto chosen =
            std::ranges::find_if(here.trains, [](const LevelFolder& child) { return !child.classFolders.empty(); });
        m_layout.train = innermost(chosen->path);
        takeValidation(here.held);
        if (m_validation.empty())
            for (const LevelFolder& folder : empty)
                if (folder.name.part == Part::Validation && folder.name.rest.empty())
                    saySkipped(folder);
        Folders rest;
        for (const LevelFolder& child : here.trains)
            if (child.path != chosen->path)
                rest.push_back(child);
        rest.insert(rest.end(), here.others.begin(), here.others.end());
        for (const LevelFolder& child : rest)
            addUnused(child, fmt::format("“{}” is trained on", relativeTo(m_root, m_layout.train)));
        if (!rest.empty())
            add({.key = "data.path",
                 .severity = Severity::Warning,
                 .message = fmt::format("{} beside “{}” {} not used.", quoted(rest), chosen->path.filename().string(),
                                        rest.size() == 1 ? "is" : "are"),
                 .detail = "Parts are told from classes by their names and by what lies in them.",
                 .fixLabel = "All folders are classes",
                 .fixKey = "data.layout",
                 .fixValue = "classes"});
    }

    bool takeClasses(const fs::path& level, const FolderLevel& here) {
        Folders classes = here.others;
        classes.insert(classes.end(), here.trains.begin(), here.trains.end());
        LooseNames names;
        for (const LevelFolder& child : classes)
            names.insert(looseName(child.path.filename().native()));
        Folders parts;
        Folders doubtful = here.trains;
        Folders leftOut;
        for (const LevelFolder& child : here.held) {
            if (!carrierOf(names, child.path).empty())
                parts.push_back(child);
            else if (child.name.rest.empty() && classes.size() >= 2)
                leftOut.push_back(child);
        }
        if (level != m_root && classes.size() + here.held.size() - parts.size() - leftOut.size() < 2)
            return false;
        m_layout.train = level;
        if (level != m_root)
            m_layout.notes.facts.push_back(fmt::format("The class folders lie in “{}”.", relativeTo(m_root, level)));
        for (const LevelFolder& child : parts)
            m_layout.notClasses.insert(child.path);
        for (const LevelFolder& child : leftOut)
            m_layout.notClasses.insert(child.path);
        takeValidation(parts);
        for (const LevelFolder& child : leftOut)
            addUnused(child, "by its name no class, and without the classes' folders");
        ask(doubtful, "taken for a class", "taken for classes", "It holds pictures, but no class folders.");
        ask(leftOut, "not taken for a class", "not taken for classes", "By the name it is a part of the data.");
        sayMixed(here.others);
        return true;
    }

    void ask(const Folders& children, std::string_view one, std::string_view several, std::string detail) {
        if (children.empty())
            return;
        const bool single = children.size() == 1;
        add({.key = "data.path",
             .severity = Severity::Warning,
             .message = fmt::format("{} {} {}.", quoted(children), single ? "is" : "are", single ? one : several),
             .detail = std::move(detail),
             .fixLabel = single ? "It is a class" : "They are classes",
             .fixKey = "data.layout",
             .fixValue = "classes"});
    }

    // cat/{train,test}, dog/{train,test}
    void sayMixed(const Folders& classes) {
        const auto parted = [](const LevelFolder& child) {
            return !child.classFolders.empty() && std::ranges::all_of(child.classFolders, [](const fs::path& folder) {
                const PartName name = partName(folder.filename().native());
                return name.part != Part::None && name.rest.empty();
            });
        };
        if (classes.size() >= 2 && std::ranges::all_of(classes, parted))
            add({.key = "data.path",
                 .severity = Severity::Warning,
                 .message = "Each class has parts of its own, and their pictures are taken together.",
                 .detail = "To keep them apart, put the class folders into a folder for each part."});
    }

    void takeTrainingFolder() {
        const fs::path folder = requireFolder(m_settings.train, "data.train");
        if (folder == m_root && m_settings.layout != "classes") {
            Folders children = childrenOf(m_root);
            std::erase_if(children, [](const LevelFolder& f) { return !f.holds(); });
            takeClasses(m_root, sortedLevel(children));
            return;
        }
        m_layout.train = innermost(folder);
        if (!m_validation.empty() || m_settings.layout == "classes")
            return;
        Folders beside = childrenOf(folder.parent_path());
        if (folder.parent_path() != m_root)
            std::ranges::copy(childrenOf(m_root), std::back_inserter(beside));
        std::erase_if(
            beside, [&](const LevelFolder& f) { return f.path == folder || !f.holds() || f.name.part <= Part::Train; });
        std::ranges::stable_sort(beside, {}, [](const LevelFolder& f) { return f.name.part; });
        takeValidation(beside);
    }

    void takeValidationFolder() {
        m_layout.notClasses.insert(m_validation);
        LevelFolder child = levelFolder(m_validation);
        child.classFolders = foldersWithPictures(m_validation);
        child.name.part = Part::Validation;
        takeValidation({child});
    }

    // The first of the parts that has the classes' folders validates.
    void takeValidation(const Folders& held) {
        std::vector<fs::path> classes = contentOf(m_layout.train).folders;
        std::erase_if(classes, [&](const fs::path& folder) { return m_layout.notClasses.contains(folder); });
        const LooseNames names = looseNames(classes);
        Folders skipped;
        for (const LevelFolder& child : held) {
            if (child.name.part == Part::Unsorted) {
                addUnused(child, "not sorted into classes");
                continue;
            }
            if (!m_layout.validation.empty() || (!m_validation.empty() && child.path != m_validation)) {
                addUnused(child, fmt::format("“{}” validates",
                                             relativeTo(m_root, m_layout.validation.empty() ? m_validation
                                                                                            : m_layout.validation)));
                continue;
            }
            m_layout.validation = carrierOf(names, child.path);
            if (!m_layout.validation.empty()) {
                if (child.name.part == Part::Test)
                    m_layout.notes.facts.push_back(
                        fmt::format("There is no validation part; the test pictures in “{}” validate.",
                                    relativeTo(m_root, m_layout.validation)));
            } else if (child.name.part == Part::Validation && child.classFolders.size() >= 2) {
                m_layout.validation = child.path; // with other classes: an error that names them
            } else {
                addUnused(child, "without the classes' folders");
                skipped.push_back(child);
            }
        }
        std::erase_if(skipped, [](const LevelFolder& child) { return child.name.part != Part::Validation; });
        for (const LevelFolder& child : skipped)
            saySkipped(child);
    }

    void saySkipped(const LevelFolder& child) {
        add({.key = "data.validation",
             .severity = Severity::Warning,
             .message = fmt::format("“{}” is not used: it holds {}{}.", relativeTo(m_root, child.path),
                                    countedPictures(countPictures(child.path)),
                                    !child.holds()               ? ""
                                    : child.classFolders.empty() ? ", but no class folders"
                                                                 : ", but no folder is named like a class"),
             .detail = m_layout.validation.empty()
                           ? fmt::format("{:.3g} % of each class is held back for validation instead.",
                                         100 * m_settings.validationShare)
                           : fmt::format("“{}” validates instead.", relativeTo(m_root, m_layout.validation))});
    }

    // Pictures beside the folders of a level belong to no class.
    void sayOutside(const fs::path& level) {
        if (const FolderContent content = contentOf(level); content.pictures > 0 && !content.folders.empty())
            m_layout.notes.unused.push_back({.folder = level == m_root ? "." : relativeTo(m_root, level),
                                             .pictures = content.pictures,
                                             .reason = "outside the class folders"});
    }

    void addUnused(const LevelFolder& child, std::string reason) {
        m_layout.notes.unused.push_back({.folder = relativeTo(m_root, child.path),
                                         .pictures = countPictures(child.path),
                                         .reason = std::move(reason)});
    }
    void add(Finding finding) { m_layout.notes.findings.push_back(std::move(finding)); }

    [[noreturn]] void throwFlat(const FolderLevel& here) const {
        Folders all = here.trains;
        all.insert(all.end(), here.held.begin(), here.held.end());
        std::erase_if(all, [](const LevelFolder& child) { return !child.flat; });
        const bool several = all.size() >= 2 && here.others.empty();
        throw Error(
            ErrorKind::BadInput,
            fmt::format("{} holds pictures but no class folders.", here.trains.front().path.string()),
            several ? fmt::format("Put the pictures of each class in a folder of its own inside it; or, if {} are the "
                                  "classes, set data.layout to classes.",
                                  quoted(all))
                    : "Put the pictures of each class in a folder of its own inside it.",
            several ? Fix{.label = "They are classes", .key = "data.layout", .value = "classes"} : Fix{});
    }

    [[noreturn]] static void throwNothingToTrainOn(const fs::path& level, const Folders& held) {
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} has {}, but nothing to train on.", level.string(), quoted(held)),
                    "Choose the folder to train on as data.train; or set data.layout to classes if every folder is a "
                    "class.",
                    {.label = held.size() == 1 ? "" : "They are classes", .key = "data.layout", .value = "classes"});
    }

    const fs::path& m_root;
    const DataSettings& m_settings;
    LeaveOut& m_leaveOut;
    fs::path m_validation; // as the experiment says
    Layout m_layout;
};

} // namespace

Layout findLayout(const fs::path& root, const DataSettings& settings, LeaveOut& leaveOut) {
    return LayoutFinder(root, settings, leaveOut).find();
}

fs::path findClassesOf(const fs::path& root, const std::vector<std::string>& classes) {
    LooseNames names;
    for (const std::string& name : classes)
        names.insert(looseName(name));
    std::vector<fs::path> level{root};
    for (int depth = 0; depth < kDeepest && !level.empty(); ++depth) {
        std::vector<std::pair<Part, fs::path>> parts;
        std::vector<fs::path> below;
        for (const fs::path& folder : level)
            for (const fs::path& child : foldersWithPictures(folder)) {
                below.push_back(child);
                if (const Part part = partName(child.filename().native()).part; part > Part::Train)
                    parts.emplace_back(part, child);
            }
        std::ranges::stable_sort(parts, {}, [](const auto& part) { return part.first; });
        for (const auto& [part, folder] : parts)
            if (fs::path found = carrierOf(names, folder); !found.empty())
                return found;
        for (const fs::path& folder : level)
            if (carriesSome(folder, names))
                return folder;
        level = std::move(below);
    }
    return root;
}

fs::path normalPath(const fs::path& path) {
    fs::path result = path.lexically_normal();
    return result.has_filename() ? result : result.parent_path();
}

std::string relativeTo(const fs::path& root, const fs::path& path) {
    return path.lexically_relative(root).generic_string();
}

std::string countedPictures(std::int64_t count) {
    if (count == 0)
        return "no pictures";
    return count == 1 ? "1 picture" : fmt::format("{} pictures", count);
}

} // namespace engine
