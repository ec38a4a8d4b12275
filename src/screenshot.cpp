#include "src/screenshot.h"

#include "src/application.h"
#include "src/livepresenter.h"
#include "src/runlibrary.h"
#include "src/trypresenter.h"
#include "src/values.h"
#include "ui/frame/mainframe.h"

#include <QApplication>
#include <QPixmap>
#include <QTimer>

namespace app {
namespace {

constexpr int kLookMs = 200;
constexpr int kQuietLooks = 8; // in a row without background work
constexpr int kMostLooks = 300;

// Once the runs are listed: the newest in Live, all that have a result ticked.
void prepareRuns(Application& application, const QString& picture) {
    const auto& runs = application.runLibrary().runs();
    if (runs.empty())
        return;
    application.live().show(words(runs.front().id), words(runs.front().folder));
    application.frame().runList().setCurrent(words(runs.front().id));
    for (const auto& run : runs)
        if (!run.best.empty())
            application.runLibrary().setTicked(words(run.id), true);
    if (!picture.isEmpty())
        application.tryOut().look({picture});
}

} // namespace

void takeScreenshot(Application& application, const ScreenshotWish& wish) {
    ui::MainFrame& frame = application.frame();
    if (const QStringList sides = wish.size.split(QLatin1Char('x')); sides.size() == 2)
        frame.resize(sides[0].toInt(), sides[1].toInt());
    frame.showPage(wish.page.isEmpty() ? frame.pages().first().key : wish.page);
    QObject::connect(
        &application.runLibrary(), &RunLibrary::refreshed, &application,
        [&application, picture = wish.picture] {
            QTimer::singleShot(0, &application, [&application, picture] { prepareRuns(application, picture); });
        },
        Qt::SingleShotConnection);
    auto* timer = new QTimer(&application);
    QObject::connect(timer, &QTimer::timeout, &application,
                     [&application, file = wish.file, quiet = 0, looks = 0]() mutable {
                         quiet = application.atRest() ? quiet + 1 : 0;
                         if (quiet < kQuietLooks && ++looks < kMostLooks)
                             return;
                         const bool saved = application.frame().grab().save(file);
                         QApplication::exit(saved ? 0 : 1);
                     });
    timer->start(kLookMs);
}

} // namespace app
