#include "engine/data/outage.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

namespace engine {
namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFirstPause{50}, kLongestPause{500};
constexpr int kDoublings = 4;
// A folder that is renamed and back again may be there while its file was not.
constexpr int kLooksForOneFile = 3;

} // namespace

Absence absenceOf(const fs::path& root, const std::string& file) {
    std::error_code code;
    fs::path folder = root;
    if (!fs::is_directory(folder, code))
        return {Absence::Kind::FolderAway, folder};
    for (const fs::path& part : fs::path(file).parent_path()) {
        folder /= part;
        if (fs::is_regular_file(folder, code)) // a shard
            break;
        if (!fs::is_directory(folder, code))
            return {Absence::Kind::FolderAway, folder};
    }
    const bool shard = fs::is_regular_file(folder, code);
    if (!shard && access(folder.c_str(), R_OK | X_OK) != 0)
        return {Absence::Kind::FolderAway, folder};
    const fs::path path = shard ? folder : root / file;
    if (access(path.c_str(), R_OK) == 0)
        return {Absence::Kind::Unreachable, path};
    if (errno == EACCES || errno == EPERM)
        return {Absence::Kind::NotAllowed, path};
    return {errno == ENOENT ? Absence::Kind::Gone : Absence::Kind::Unreachable, path};
}

std::optional<milliseconds> Outage::pauseAfter(const Absence& absence, int tries) {
    const milliseconds pause = std::min(kLongestPause, kFirstPause * (1 << std::min(tries - 1, kDoublings)));
    if (absence.kind == Absence::Kind::NotAllowed)
        return std::nullopt;
    if (absence.kind == Absence::Kind::Gone)
        return tries < kLooksForOneFile ? std::optional(pause) : std::nullopt;
    const auto now = Clock::now();
    if (!m_began)
        m_began = now;
    m_givenUp = m_givenUp || now - *m_began >= m_patience;
    return m_givenUp ? std::nullopt : std::optional(pause);
}

void Outage::over() {
    if (m_began)
        m_seconds += std::chrono::duration<double>(Clock::now() - *m_began).count();
    m_began.reset();
    m_givenUp = false;
}

} // namespace engine
