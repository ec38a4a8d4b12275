// How soon the window is there, and how quick it stays while CUDA's libraries load behind it: prints one JSON object.
#include "engine/api/devices.h"
#include "src/application.h"
#include "src/watchdog.h"
#include "ui/frame/mainframe.h"
#include "ui/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTimer>

#include <cstdio>
#include <thread>

namespace {

constexpr int kWatchedMs = 3000;

// Calls back once the window has painted itself.
class FirstPaint final : public QObject {
public:
    FirstPaint(QWidget& window, std::function<void()> painted) : QObject(&window), m_painted(std::move(painted)) {
        window.installEventFilter(this);
    }
    bool eventFilter(QObject*, QEvent* event) override {
        if (event->type() == QEvent::Paint && m_painted)
            QTimer::singleShot(0, this, std::exchange(m_painted, nullptr));
        return false;
    }

private:
    std::function<void()> m_painted;
};

} // namespace

int main(int argc, char** argv) {
    QElapsedTimer clock;
    clock.start();
    QApplication qt(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("Thaw"));
    QApplication::setApplicationName(QStringLiteral("Thaw windowspeed"));
    ui::Theme::install(qt);
    const QTemporaryDir folder;
    double shownMs = 0, devicesMs = 0;
    app::Application application({.target = folder.path(), .runsFolder = {}, .restoreLayout = false});
    app::Watchdog watchdog;
    new FirstPaint(application.frame(), [&] {
        shownMs = double(clock.nsecsElapsed()) / 1e6;
        watchdog.reset();
    });
    application.frame().show();
    // What the window asks itself meanwhile: it is answered when the libraries are there.
    std::jthread asking([&] {
        (void)engine::devices();
        devicesMs = double(clock.nsecsElapsed()) / 1e6;
    });
    QTimer::singleShot(kWatchedMs, &qt, &QApplication::quit);
    QApplication::exec();
    asking.join();
    std::printf("{\"shown_ms\": %.1f, \"gap_ms\": %.1f, \"busy_ms\": %.1f, \"devices_ms\": %.1f}\n", shownMs,
                watchdog.largestGapMs(), watchdog.largestBusyMs(), devicesMs);
    std::fflush(stdout);
    return 0;
}
