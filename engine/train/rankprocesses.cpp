#include "engine/train/rankprocesses.h"

#include "engine/api/error.h"
#include "engine/base/command.h"

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace engine {
namespace fs = std::filesystem;

namespace {

// A port that nobody listens on just now.
int freePort() {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    const bool found = descriptor >= 0 && bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                       getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    if (descriptor >= 0)
        close(descriptor);
    if (!found)
        throw Error(ErrorKind::Device, "The ranks of this machine have no port to meet at.",
                    "Check the machine's network settings.");
    return ntohs(address.sin_port);
}

// This process's environment with what a rank has to know.
std::vector<std::string> environmentOf(int rank, int ranks, int port) {
    const std::vector<std::string> own{fmt::format("RANK={}", rank),
                                       fmt::format("WORLD_SIZE={}", ranks),
                                       fmt::format("LOCAL_RANK={}", rank),
                                       fmt::format("LOCAL_WORLD_SIZE={}", ranks),
                                       "MASTER_ADDR=127.0.0.1",
                                       fmt::format("MASTER_PORT={}", port)};
    std::vector<std::string> all = own;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text = *variable;
        const std::string name = text.substr(0, text.find('=') + 1);
        bool replaced = false;
        for (const std::string& one : own)
            replaced = replaced || one.starts_with(name);
        if (!replaced)
            all.push_back(text);
    }
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (std::string& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// What a new process finds at its standard descriptors.
class FileActions final {
public:
    FileActions(const fs::path& log, const std::vector<int>& shared) {
        posix_spawn_file_actions_init(&m_actions);
        posix_spawn_file_actions_addopen(&m_actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_addopen(&m_actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        posix_spawn_file_actions_adddup2(&m_actions, STDOUT_FILENO, STDERR_FILENO);
        for (const int descriptor : shared) // onto itself: it stays open in the new process
            posix_spawn_file_actions_adddup2(&m_actions, descriptor, descriptor);
    }
    ~FileActions() { posix_spawn_file_actions_destroy(&m_actions); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &m_actions; }

private:
    posix_spawn_file_actions_t m_actions{};
};

} // namespace

RankProcesses::RankProcesses(const std::vector<std::string>& words, int ranks, const fs::path& logs,
                             const std::vector<int>& shared) {
    std::error_code code;
    fs::create_directories(logs, code);
    const fs::path program = thawProgram();
    const int port = freePort();
    std::vector<std::string> all{program.string()};
    all.insert(all.end(), words.begin(), words.end());
    const std::vector<char*> arguments = pointers(all);
    for (int rank = 0; rank < ranks; ++rank) {
        std::vector<std::string> variables = environmentOf(rank, ranks, port);
        const std::vector<char*> environment = pointers(variables);
        const FileActions actions(logs / fmt::format("rank-{}.log", rank), shared);
        Process process;
        const int problem =
            posix_spawn(&process.id, program.c_str(), actions.get(), nullptr, arguments.data(), environment.data());
        if (problem != 0) {
            kill();
            throw Error(ErrorKind::Device,
                        fmt::format("Rank {} could not be started: {}.", rank, std::strerror(problem)),
                        fmt::format("Check {}.", program.string()));
        }
        process.descriptor = static_cast<int>(syscall(SYS_pidfd_open, process.id, 0));
        m_processes.push_back(process);
    }
}

RankProcesses::~RankProcesses() {
    kill();
    for (Process& process : m_processes) {
        if (process.left)
            while (waitpid(process.id, nullptr, 0) < 0 && errno == EINTR) {
            }
        if (process.descriptor >= 0)
            close(process.descriptor);
    }
}

// A process that only stands still wakes nobody: it is found by the next look.
std::optional<RankEnd> RankProcesses::ended(std::chrono::milliseconds atMost) {
    if (auto end = endedByNow())
        return end;
    std::vector<pollfd> left;
    for (const Process& process : m_processes)
        if (process.left)
            left.push_back({process.descriptor, POLLIN, 0});
    (void)poll(left.data(), left.size(), static_cast<int>(atMost.count()));
    return endedByNow();
}

std::optional<RankEnd> RankProcesses::endedByNow() {
    for (std::size_t rank = 0; rank < m_processes.size(); ++rank) {
        Process& process = m_processes[rank];
        int status = 0;
        if (!process.left || waitpid(process.id, &status, WNOHANG | WUNTRACED) != process.id)
            continue;
        RankEnd end{.rank = static_cast<int>(rank), .halted = WIFSTOPPED(status)};
        process.left = end.halted;
        end.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : end.halted ? WSTOPSIG(status) : 0;
        return end;
    }
    return std::nullopt;
}

bool RankProcesses::anyLeft() const {
    for (const Process& process : m_processes)
        if (process.left)
            return true;
    return false;
}

void RankProcesses::kill() noexcept {
    for (const Process& process : m_processes)
        if (process.left)
            ::kill(process.id, SIGKILL);
}

} // namespace engine
