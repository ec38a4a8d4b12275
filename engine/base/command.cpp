#include "engine/base/command.h"

#include "engine/api/error.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace engine {
namespace {

constexpr std::size_t kMostOutput = 64 << 10;

// A file that nobody else sees.
class OutputFile final {
public:
    OutputFile()
        : m_descriptor(open(std::filesystem::temp_directory_path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {
        if (m_descriptor < 0)
            throw Error(errno == ENOSPC ? ErrorKind::DiskFull : ErrorKind::Device,
                        fmt::format("No file can be made in {}: {}.", std::filesystem::temp_directory_path().string(),
                                    std::strerror(errno)),
                        "Free some space there, or name another folder with TMPDIR.");
    }
    ~OutputFile() { close(m_descriptor); }
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] std::string text() const {
        std::string all(kMostOutput, '\0');
        const ssize_t count = pread(m_descriptor, all.data(), all.size(), 0);
        all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return all;
    }

private:
    int m_descriptor;
};

} // namespace

std::filesystem::path thawProgram() {
    if (const char* named = std::getenv("THAW_PROGRAM"); named != nullptr && *named != 0)
        return named;
    std::error_code code;
    std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
    for (; !folder.empty() && folder != folder.root_path(); folder = folder.parent_path())
        for (const std::filesystem::path& program : {folder / "thaw", folder / "bin" / "thaw"})
            if (std::filesystem::is_regular_file(program, code))
                return program;
    throw Error(ErrorKind::NotFound, "The program thaw, which each rank is, was not found beside this one.",
                "Name it with the variable THAW_PROGRAM.");
}

CommandEnd runCommand(const std::vector<std::string>& words) {
    const OutputFile output;
    std::vector<std::string> own = words;
    std::vector<char*> arguments;
    for (std::string& word : own)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output.descriptor(), STDERR_FILENO);
    pid_t process = 0;
    const int problem = posix_spawnp(&process, own.front().c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0)
        throw Error(ErrorKind::NotFound,
                    fmt::format("{} could not be started: {}.", own.front(), std::strerror(problem)),
                    "Install it, or use a machine that has it.");
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return {WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status), output.text()};
}

} // namespace engine
