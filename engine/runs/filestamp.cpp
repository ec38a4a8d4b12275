#include "engine/runs/filestamp.h"

#include <ctime>
#include <sys/stat.h>

namespace engine {

bool FileStamp::settled() const { return std::time(nullptr) > seconds + 1; }

FileStamp stampOf(const std::filesystem::path& file) {
    struct stat status {};
    if (stat(file.c_str(), &status) != 0)
        return {};
    return {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size, status.st_ino};
}

} // namespace engine
