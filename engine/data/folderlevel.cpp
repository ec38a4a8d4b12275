#include "engine/data/folderlevel.h"

#include "engine/data/folderlisting.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr int kDeepest = 8; // folders too many, one inside the other

} // namespace

LevelFolder levelFolder(const fs::path& folder) {
    LevelFolder result{.path = folder, .name = partName(folder.filename().native()), .classFolders = {}};
    result.flat = holdsPicturesItself(folder);
    if (!result.flat || result.name.part != Part::None)
        result.classFolders = foldersWithPictures(folder);
    return result;
}

FolderLevel sortedLevel(const std::vector<LevelFolder>& folders) {
    const bool plain = std::ranges::none_of(folders, [](const LevelFolder& f) { return f.name.part == Part::None; });
    const auto trains = std::ranges::count(folders, Part::Train, [](const LevelFolder& f) { return f.name.part; });
    FolderLevel level;
    for (const LevelFolder& folder : folders) {
        const PartName& name = folder.name;
        // seg_train has seg_test beside it; steam_train beside bus is a class.
        const bool companion = std::ranges::any_of(folders, [&](const LevelFolder& f) {
            return f.name.part != Part::None && f.name.part != name.part && f.name.rest == name.rest;
        });
        const bool shaped = plain ? !folder.classFolders.empty() : folder.classFolders.size() >= 2;
        const bool only = name.part != Part::Train || trains == 1;
        const bool part = name.part != Part::None && (name.rest.empty() || companion || (shaped && only));
        (!part ? level.others : name.part == Part::Train ? level.trains : level.held).push_back(folder);
    }
    std::ranges::stable_sort(level.held, {}, [](const LevelFolder& f) { return f.name.part; });
    std::ranges::stable_sort(level.trains, {}, [](const LevelFolder& f) { return !f.name.rest.empty(); });
    return level;
}

std::string quoted(const std::vector<LevelFolder>& folders) {
    std::vector<std::string> names;
    for (const LevelFolder& folder : folders)
        names.push_back(fmt::format("“{}”", folder.path.filename().string()));
    if (names.empty())
        return {};
    const std::string last = names.back();
    names.pop_back();
    return names.empty() ? last : fmt::format("{} and {}", fmt::join(names, ", "), last);
}

LooseNames looseNames(const std::vector<fs::path>& folders) {
    LooseNames names;
    for (const fs::path& folder : folders)
        names.insert(looseName(folder.filename().native()));
    return names;
}

std::vector<fs::path> foldersWithPictures(const fs::path& folder) {
    std::vector<fs::path> folders = contentOf(folder).folders;
    std::erase_if(folders, [](const fs::path& one) { return !holdsPictures(one); });
    return folders;
}

bool carriesSome(const fs::path& folder, const LooseNames& names) {
    return std::ranges::any_of(foldersWithPictures(folder),
                               [&](const fs::path& one) { return names.contains(looseName(one.filename().native())); });
}

fs::path carrierOf(const LooseNames& names, const fs::path& folder) {
    fs::path level = folder;
    for (int depth = 0; depth < kDeepest; ++depth) {
        if (carriesSome(level, names))
            return level;
        const auto folders = foldersWithPictures(level);
        if (folders.size() != 1)
            break;
        level = folders.front();
    }
    return {};
}

fs::path innermost(const fs::path& folder) {
    fs::path level = folder;
    auto folders = foldersWithPictures(level);
    for (int depth = 0; depth < kDeepest && folders.size() == 1; ++depth) {
        auto inner = foldersWithPictures(folders.front());
        if (inner.empty() || (inner.size() == 1 && holdsPicturesItself(folders.front())))
            break;
        level = folders.front();
        folders = std::move(inner);
    }
    return folders.size() >= 2 ? level : folder;
}

} // namespace engine
