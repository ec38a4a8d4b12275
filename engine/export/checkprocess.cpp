#include "engine/export/checkprocess.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/command.h"

#include <array>
#include <cerrno>
#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

extern char** environ;

namespace engine {
namespace fs = std::filesystem;

namespace {

// As thaw export --check says it into a pipe.
constexpr const char* kCheckWords = "Compared %" SCNd64 " of %" SCNd64 " pictures";

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

// What the process says while it works, a line at a time.
class Words final {
public:
    Words() {
        if (pipe2(m_ends, O_CLOEXEC) != 0)
            m_ends[0] = m_ends[1] = -1;
    }
    ~Words() {
        closeWriter();
        if (m_ends[0] >= 0)
            close(m_ends[0]);
    }
    Words(const Words&) = delete;
    Words& operator=(const Words&) = delete;
    [[nodiscard]] int writer() const { return m_ends[1]; }
    void closeWriter() {
        if (m_ends[1] >= 0)
            close(std::exchange(m_ends[1], -1));
    }
    // Until the last writer is gone.
    template <typename Each>
    void read(Each each) {
        std::array<char, 512> bytes{};
        std::string line;
        for (;;) {
            const ssize_t count = ::read(m_ends[0], bytes.data(), bytes.size());
            if (count == 0 || (count < 0 && errno != EINTR))
                return;
            for (const char letter : std::string_view(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0)) {
                if (letter == '\n')
                    each(std::exchange(line, {}));
                else if (line.size() < bytes.size()) // no more of what a library may say
                    line += letter;
            }
        }
    }

private:
    int m_ends[2]{-1, -1};
};

pid_t start(std::vector<std::string> words, const Answer& answer, const Words& said) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, said.writer(), STDERR_FILENO);
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

void passOn(const std::string& line, ProgressSink* progress) {
    Progress where{.phase = Phase::Validating};
    if (progress != nullptr && std::sscanf(line.c_str(), kCheckWords, &where.step, &where.steps) == 2)
        progress->onProgress(where);
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

void checkInFreshProcess(const fs::path& run, const fs::path& folder, const std::string& checkpoint,
                         const std::stop_token& stop, ProgressSink* progress) {
    const Answer answer;
    Words said;
    const pid_t process = start({thawProgram().string(), "--json", "export", run.string(), folder.string(), "--check",
                                 "--checkpoint", checkpoint},
                                answer, said);
    said.closeWriter();
    {
        const std::stop_callback onStop(stop, [process] { kill(process, SIGKILL); });
        said.read([progress](const std::string& line) { passOn(line, progress); });
    } // before the process's number is given back
    const int status = waitFor(process);
    if (stop.stop_requested())
        return;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw saidBy(answer, status);
}

} // namespace engine
