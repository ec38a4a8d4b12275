#include "engine/cli/progressbar.h"

#include "engine/api/metrics.h"
#include "engine/cli/output.h"

#include <cmath>
#include <sys/ioctl.h>
#include <unistd.h>

namespace engine::cli {
namespace {

constexpr int kBarWidth = 24;
constexpr auto kRedraw = std::chrono::milliseconds(100);

const char* phaseWords(Phase phase) {
    switch (phase) {
    case Phase::LoadingData:
        return "Looking at the pictures";
    case Phase::LoadingWeights:
        return "Loading weights";
    case Phase::Training:
        return "Training";
    case Phase::Validating:
        return "Validating";
    case Phase::Saving:
        return "Saving";
    case Phase::Paused:
        return "Paused";
    case Phase::Finished:
        return "Finished";
    }
    return "";
}

std::string numbers(const Progress& p) {
    std::string text;
    if (std::isfinite(p.loss))
        text += fmt::format("  loss {:.4f}", p.loss);
    if (std::isfinite(p.monitored))
        text += fmt::format("  val {}", metricWords(findMetric(p.monitor), p.monitored));
    if (std::isfinite(p.samplesPerSecond))
        text += fmt::format("  {:.0f} img/s", p.samplesPerSecond);
    if (std::isfinite(p.leftSeconds) && p.phase != Phase::Finished)
        text += fmt::format("  {} left", timeWords(p.leftSeconds));
    return text;
}

int terminalWidth() {
    winsize size{};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

ProgressBar::ProgressBar() : m_terminal(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
    if (m_drawn)
        fmt::print(stderr, "\n");
}

void ProgressBar::onProgress(const Progress& progress) {
    // A sentence stands on a line of its own; what follows it while the same work goes on is drawn in its place.
    const bool speaks = !progress.message.empty();
    if (speaks && !m_speaking)
        say("{}{}", m_drawn ? "\r\x1b[K" : "", progress.message);
    m_speaking = speaks;
    if (speaks && !m_terminal)
        return;
    if (m_terminal)
        draw(progress);
    else
        tell(progress);
}

void ProgressBar::draw(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (m_drawn && now - m_lastDrawn < kRedraw && progress.phase != Phase::Finished)
        return;
    m_lastDrawn = now;
    m_drawn = true;
    const double share = progress.steps > 0 ? double(progress.step) / double(progress.steps) : 0;
    const int filled = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * kBarWidth));
    std::string bar;
    for (int i = 0; i < kBarWidth; ++i)
        bar += i < filled ? "█" : "░";
    std::string words = progress.epochs > 0 ? fmt::format(" {:3.0f} %  epoch {}/{}{}", 100 * share, progress.epoch,
                                                          progress.epochs, numbers(progress))
                                            : fmt::format(" {}", phaseWords(progress.phase));
    if (!progress.message.empty())
        words = " " + progress.message;
    const int room = terminalWidth() - kBarWidth - 1;
    fmt::print(stderr, "\r{}{}\x1b[K", bar, words.substr(0, static_cast<std::size_t>(std::max(0, room))));
    std::fflush(stderr);
}

void ProgressBar::tell(const Progress& progress) {
    if (progress.phase == Phase::Training && progress.epoch == m_toldEpoch)
        return;
    if (progress.phase != Phase::Training && progress.phase == m_toldPhase)
        return;
    if (progress.phase == Phase::Saving || progress.phase == Phase::Validating)
        return;
    m_toldPhase = progress.phase;
    if (progress.phase == Phase::Training) {
        m_toldEpoch = progress.epoch;
        say("Epoch {} of {}{}", progress.epoch, progress.epochs, numbers(progress));
    } else {
        say("{}{}", phaseWords(progress.phase), progress.phase == Phase::Finished ? numbers(progress) : "");
    }
}

} // namespace engine::cli
