#include "engine/export/checkprocess.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/command.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

extern char** environ;

namespace engine {
namespace fs = std::filesystem;

namespace {

// A file of the operating system's own that nobody else sees.
class Answer final {
public:
    Answer() : m_descriptor(open(fs::temp_directory_path().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600)) {}
    ~Answer() {
        if (m_descriptor >= 0)
            close(m_descriptor);
    }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    [[nodiscard]] std::string text() const {
        std::string all(64 << 10, '\0');
        const ssize_t count = pread(m_descriptor, all.data(), all.size(), 0);
        all.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        return all;
    }

private:
    int m_descriptor;
};

pid_t start(std::vector<std::string> words, const Answer& answer) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (answer.descriptor() >= 0)
        posix_spawn_file_actions_adddup2(&actions, answer.descriptor(), STDOUT_FILENO);
    pid_t process = 0;
    const int problem = posix_spawn(&process, words.front().c_str(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (problem != 0)
        throw Error(ErrorKind::Device, fmt::format("The check could not be started: {}.", std::strerror(problem)),
                    fmt::format("Check {}.", words.front()));
    return process;
}

int waitFor(pid_t process) {
    int status = 0;
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

Error saidBy(const Answer& answer, int status) {
    const auto said = nlohmann::json::parse(answer.text(), nullptr, false);
    if (said.is_object() && said.contains("error")) {
        const auto& error = said.at("error");
        return {errorKindOf(error.value("kind", std::string())).value_or(ErrorKind::Internal),
                error.value("message", std::string()), error.value("remedy", std::string())};
    }
    return {ErrorKind::Internal,
            WIFSIGNALED(status)
                ? fmt::format("The check of the exported file was ended by a signal ({}).", strsignal(WTERMSIG(status)))
                : "The check of the exported file failed without a word.",
            "Run thaw export again; nothing was left behind."};
}

} // namespace

void checkInFreshProcess(const fs::path& run, const fs::path& folder, const std::string& checkpoint) {
    const Answer answer;
    const int status = waitFor(start({thawProgram().string(), "--json", "export", run.string(), folder.string(),
                                      "--check", "--checkpoint", checkpoint},
                                     answer));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw saidBy(answer, status);
}

} // namespace engine
