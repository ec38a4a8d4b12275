#include "engine/data/folderlisting.h"

#include "engine/base/hash.h"
#include "engine/data/pictureformats.h"

#include <algorithm>
#include <array>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::array kSystemFolders{"__MACOSX",   "@eaDir",   "$RECYCLE.BIN", "System Volume Information",
                                    "lost+found", "#recycle", "__pycache__"};

bool hidden(const fs::path& path) {
    const std::string name = path.filename().native();
    return name.starts_with('.') || std::ranges::find(kSystemFolders, name) != kSystemFolders.end();
}

enum class EntryKind { Folder, File, NotThere };
EntryKind kindOf(const fs::directory_entry& entry) {
    std::error_code code;
    if (entry.is_directory(code)) // follows links
        return EntryKind::Folder;
    return entry.is_regular_file(code) ? EntryKind::File : EntryKind::NotThere;
}

// A link to a folder on a disk that is away looks like this; a link to a file has the file's ending.
bool looksLikeLostFolder(const fs::directory_entry& entry) {
    std::error_code code;
    return entry.is_symlink(code) && !entry.path().has_extension();
}

// The folders of one walk by what they are on disk, so that links lead round in no circle.
class Visited final {
public:
    bool first(const fs::path& folder) {
        struct stat status {};
        return stat(folder.c_str(), &status) == 0 && m_seen.emplace(status.st_dev, status.st_ino).second;
    }

private:
    std::set<std::pair<dev_t, ino_t>> m_seen;
};

// Calls `act(entry, kind)` for what is not hidden until it says false.
template <typename Act>
void forEach(const fs::path& folder, Act act) {
    std::error_code code;
    for (fs::directory_iterator it(folder, fs::directory_options::skip_permission_denied, code), end; it != end;
         it.increment(code))
        if (code || (!hidden(it->path()) && !act(*it, kindOf(*it))))
            return;
}

bool isPicture(const fs::directory_entry& entry, EntryKind kind) {
    const FileKind file = fileKind(entry.path());
    return kind == EntryKind::File && (file == FileKind::Picture || file == FileKind::OtherPicture);
}

bool holdsPictures(const fs::path& folder, Visited& visited) {
    if (!visited.first(folder))
        return false;
    bool found = false;
    std::vector<fs::path> folders;
    forEach(folder, [&](const fs::directory_entry& entry, EntryKind kind) {
        if (kind == EntryKind::Folder)
            folders.push_back(entry.path());
        found = isPicture(entry, kind);
        return !found;
    });
    return found || std::ranges::any_of(folders, [&](const fs::path& below) { return holdsPictures(below, visited); });
}

std::int64_t countBelow(const fs::path& folder, Visited& visited) {
    if (!visited.first(folder))
        return 0;
    std::int64_t count = 0;
    forEach(folder, [&](const fs::directory_entry& entry, EntryKind kind) {
        if (kind == EntryKind::Folder)
            count += countBelow(entry.path(), visited);
        else if (isPicture(entry, kind))
            ++count;
        return true;
    });
    return count;
}

// Lists a class; `relative` is the folder's path as the experiment writes it.
class ClassLister final {
public:
    ClassLister(LeaveOut& leaveOut, ClassFiles& out) : m_leaveOut(leaveOut), m_out(out) {}

    void list(const fs::path& folder, const std::string& relative) {
        if (!m_visited.first(folder)) {
            ++m_out.passedOver["link to nothing new"];
            return;
        }
        if (access(folder.c_str(), R_OK | X_OK) != 0)
            ++m_out.passedOver["folder that may not be read"];
        forEach(folder, [&](const fs::directory_entry& entry, EntryKind kind) {
            take(entry, kind, relative + '/' + entry.path().filename().native());
            return true;
        });
    }

private:
    void take(const fs::directory_entry& entry, EntryKind kind, const std::string& relative) {
        if (m_leaveOut.takes(relative)) {
            ++m_out.passedOver["left out"];
            return;
        }
        if (kind == EntryKind::Folder) {
            list(entry.path(), relative);
            return;
        }
        const FileKind file = fileKind(entry.path());
        if (kind == EntryKind::NotThere) {
            std::error_code code;
            if (entry.is_symlink(code))
                ++m_out.passedOver["broken link"];
        } else if (file == FileKind::Picture) {
            std::error_code code;
            m_out.fingerprint += hashText(relative, entry.file_size(code));
            m_out.pictures.push_back(relative);
        } else if (file != FileKind::Clutter) {
            ++m_out.passedOver[passedOverAs(entry.path())];
        }
    }

    LeaveOut& m_leaveOut;
    ClassFiles& m_out;
    Visited m_visited;
};

} // namespace

FolderContent contentOf(const fs::path& folder) {
    FolderContent content;
    forEach(folder, [&](const fs::directory_entry& entry, EntryKind kind) {
        if (kind == EntryKind::Folder || (kind == EntryKind::NotThere && looksLikeLostFolder(entry)))
            content.folders.push_back(entry.path());
        else if (isPicture(entry, kind))
            ++content.pictures;
        return true;
    });
    std::ranges::sort(content.folders);
    return content;
}

bool holdsPicturesItself(const fs::path& folder) {
    bool found = false;
    forEach(folder,
            [&](const fs::directory_entry& entry, EntryKind kind) { return !(found = isPicture(entry, kind)); });
    return found;
}

bool holdsPictures(const fs::path& folder) {
    Visited visited;
    return holdsPictures(folder, visited);
}

std::int64_t countPictures(const fs::path& folder) {
    Visited visited;
    return countBelow(folder, visited);
}

ClassFiles listClass(const fs::path& root, const fs::path& folder, LeaveOut& leaveOut) {
    ClassFiles result;
    std::error_code code;
    if (!fs::exists(folder, code)) {
        result.passedOver["broken link"] = 1;
        return result;
    }
    ClassLister(leaveOut, result).list(folder, folder.lexically_relative(root).generic_string());
    std::ranges::sort(result.pictures);
    return result;
}

} // namespace engine
