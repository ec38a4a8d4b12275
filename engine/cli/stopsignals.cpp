#include "engine/cli/stopsignals.h"

#include "engine/api/error.h"

#include <csignal>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace engine::cli {

StopSignals::StopSignals(RunControl& control) {
    if (pipe(s_pipe) != 0)
        return;
    std::signal(SIGINT, &StopSignals::onSignal);
    std::signal(SIGTERM, &StopSignals::onSignal);
    m_listener = std::jthread([&control](std::stop_token stop) {
        pollfd descriptor{s_pipe[0], POLLIN, 0};
        while (!stop.stop_requested())
            if (poll(&descriptor, 1, 100) > 0) {
                control.requestStop();
                return;
            }
    });
}

StopSignals::~StopSignals() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

void StopSignals::onSignal(int signal) {
    std::signal(signal, SIG_DFL);
    const char byte = 0;
    [[maybe_unused]] const auto written = write(s_pipe[1], &byte, 1);
}

std::vector<ChangedSetting> changesOf(const std::vector<std::string>& settings) {
    std::vector<ChangedSetting> changes;
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos)
            throw Error(ErrorKind::BadInput, fmt::format("“{}” is no setting.", setting),
                        "Write it as section.key=value.");
        changes.push_back({setting.substr(0, equals), setting.substr(equals + 1)});
    }
    return changes;
}

} // namespace engine::cli
