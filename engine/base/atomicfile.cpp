#include "engine/base/atomicfile.h"

#include "engine/api/error.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <pwd.h>
#include <sstream>
#include <unistd.h>
#include <vector>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kPartial = ".partial";

[[noreturn]] void fail(const fs::path& file, int code) {
    if (code == ENOSPC || code == EDQUOT)
        throw Error(ErrorKind::DiskFull, fmt::format("The disk is full; {} could not be written.", file.string()),
                    "Free some space or choose another folder.");
    if (code == ENOENT)
        throw Error(ErrorKind::NotFound, fmt::format("The folder {} does not exist.", file.parent_path().string()),
                    "Create it or choose another folder.");
    throw Error(ErrorKind::BadInput, fmt::format("{} could not be written: {}.", file.string(), std::strerror(code)),
                "Check the folder's permissions or choose another folder.");
}

// Of its own for every writer, in this process and in others.
fs::path temporaryName(const fs::path& file) {
    static std::atomic<unsigned> number = 0;
    return file.parent_path() / fmt::format(".{}.{}-{}{}", file.filename().string(), getpid(), number++, kPartial);
}

void syncFolder(const fs::path& folder) {
    const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    fsync(descriptor);
    close(descriptor);
}

} // namespace

AtomicFile::AtomicFile(fs::path file) : m_file(std::move(file)), m_temporary(temporaryName(m_file)) {
    m_descriptor = open(m_temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
    if (m_descriptor < 0)
        fail(m_file, errno);
}

AtomicFile::~AtomicFile() {
    if (m_descriptor < 0)
        return;
    close(m_descriptor);
    unlink(m_temporary.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t written = ::write(m_descriptor, next, bytes);
        if (written < 0) {
            if (errno == EINTR)
                continue;
            fail(m_file, errno);
        }
        next += written;
        bytes -= static_cast<std::size_t>(written);
    }
}

void AtomicFile::commit(Durable durable) {
    if (durable == Durable::AtOnce && fsync(m_descriptor) != 0)
        fail(m_file, errno);
    close(m_descriptor);
    m_descriptor = -1;
    if (rename(m_temporary.c_str(), m_file.c_str()) != 0) {
        const int code = errno;
        unlink(m_temporary.c_str());
        fail(m_file, code);
    }
    if (durable == Durable::AtOnce)
        syncFolder(m_file.parent_path());
}

void writeFileAtomically(const fs::path& file, std::string_view content, Durable durable) {
    AtomicFile out(file);
    out.write(content.data(), content.size());
    out.commit(durable);
}

AtomicFolder::AtomicFolder(fs::path folder) : m_folder(std::move(folder)), m_staging(temporaryName(m_folder)) {
    std::error_code ignored;
    fs::remove_all(m_staging, ignored);
    std::error_code code;
    fs::create_directories(m_staging, code);
    if (code)
        fail(m_folder, code.value());
}

AtomicFolder::~AtomicFolder() {
    std::error_code ignored;
    fs::remove_all(m_staging, ignored);
}

void AtomicFolder::commitNew() {
    syncFolder(m_staging);
    // Over an empty folder rename() succeeds, for one of several who try.
    if (rename(m_staging.c_str(), m_folder.c_str()) != 0) {
        if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
            throw Error(ErrorKind::BadInput, fmt::format("{} is not empty.", m_folder.string()),
                        "Give a folder that is new or empty.");
        fail(m_folder, errno);
    }
    syncFolder(m_folder.parent_path());
}

void AtomicFolder::commit() {
    syncFolder(m_staging);
    if (rename(m_staging.c_str(), m_folder.c_str()) != 0) {
        // Something is there: change places with it, so that at no time there is nothing; the destructor removes it.
        if (errno != ENOTEMPTY && errno != EEXIST)
            fail(m_folder, errno);
        if (renameat2(AT_FDCWD, m_staging.c_str(), AT_FDCWD, m_folder.c_str(), RENAME_EXCHANGE) != 0) {
            std::error_code ignored; // a file system that cannot
            fs::remove_all(m_folder, ignored);
            if (rename(m_staging.c_str(), m_folder.c_str()) != 0)
                fail(m_folder, errno);
        }
    }
    syncFolder(m_folder.parent_path());
}

void replaceLink(const fs::path& link, const fs::path& target) {
    const fs::path temporary = temporaryName(link);
    unlink(temporary.c_str());
    if (symlink(target.c_str(), temporary.c_str()) != 0 || rename(temporary.c_str(), link.c_str()) != 0) {
        const int code = errno;
        unlink(temporary.c_str());
        fail(link, code);
    }
    syncFolder(link.parent_path());
}

fs::path expandHome(const fs::path& path) {
    const std::string& text = path.native();
    if (!text.starts_with('~'))
        return path;
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::string user = text.substr(1, slash - 1);
    const char* set = std::getenv("HOME");
    std::string home = user.empty() && set != nullptr ? set : "";
    if (home.empty())
        if (const passwd* entry = user.empty() ? getpwuid(getuid()) : getpwnam(user.c_str()); entry != nullptr)
            home = entry->pw_dir;
    return home.empty() ? path : fs::path(home + text.substr(slash));
}

void removeLeftOvers(const fs::path& folder, const std::function<bool(const fs::path&)>& isOurs) {
    std::error_code code;
    std::vector<fs::path> left;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        const std::string name = entry.path().filename().string();
        if (name.starts_with('.') && name.ends_with(kPartial) && isOurs(entry.path()))
            left.push_back(entry.path());
    }
    for (const fs::path& path : left)
        fs::remove_all(path, code);
}

std::string readFile(const fs::path& file) {
    std::error_code code;
    if (!fs::exists(file, code))
        throw Error(ErrorKind::NotFound, fmt::format("{} does not exist.", file.string()), "Check the path.");
    std::ifstream in(file, std::ios::binary);
    std::ostringstream content;
    if (in && in.peek() != std::ifstream::traits_type::eof()) // of an empty file, << would make an error
        content << in.rdbuf();
    if (in.bad() || !in.is_open() || !content)
        throw Error(ErrorKind::BadInput, fmt::format("{} could not be read.", file.string()),
                    "Check that it is a file and that you may read it.");
    return std::move(content).str();
}

} // namespace engine
