#include "src/screenshot.h"

#include "src/application.h"
#include "src/exportpresenter.h"
#include "src/livepresenter.h"
#include "src/runlibrary.h"
#include "src/trypresenter.h"
#include "src/values.h"
#include "ui/frame/exportdialog.h"
#include "ui/frame/mainframe.h"

#include <QApplication>
#include <QPixmap>
#include <QTimer>

#include <utility>

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

// The dialog that exports the newest run; null where none is wished for or no run is there.
ExportPresenter* openExport(Application& application, const QString& format) {
    const auto& runs = application.runLibrary().runs();
    if (format.isEmpty() || runs.empty())
        return nullptr;
    auto* exporter = ExportPresenter::open(application.frame(), runs.front());
    exporter->choose(format);
    return exporter;
}

// Looks again and again until nothing has been under way for a while.
class Photographer final : public QObject {
public:
    Photographer(Application& application, ScreenshotWish wish)
        : QObject(&application), m_application(application), m_wish(std::move(wish)) {}
    void prepare() {
        prepareRuns(m_application, m_wish.picture);
        m_exporter = openExport(m_application, m_wish.format);
    }
    void look() {
        const bool writes = m_exporter && !m_exporter->atRest();
        m_quiet = m_application.atRest() && !writes ? m_quiet + 1 : 0;
        if (m_quiet < kQuietLooks && (writes || ++m_looks < kMostLooks))
            return;
        if (m_exporter && std::exchange(m_wish.written, false)) {
            m_exporter->begin();
            m_quiet = 0;
            return;
        }
        QWidget& seen = m_exporter ? static_cast<QWidget&>(m_exporter->dialog()) : m_application.frame();
        QApplication::exit(seen.grab().save(m_wish.file) ? 0 : 1);
    }

private:
    Application& m_application;
    ScreenshotWish m_wish;
    ExportPresenter* m_exporter = nullptr;
    int m_quiet = 0, m_looks = 0;
};

} // namespace

void takeScreenshot(Application& application, const ScreenshotWish& wish) {
    ui::MainFrame& frame = application.frame();
    if (const QStringList sides = wish.size.split(QLatin1Char('x')); sides.size() == 2)
        frame.resize(sides[0].toInt(), sides[1].toInt());
    frame.showPage(wish.page.isEmpty() ? frame.pages().first().key : wish.page);
    auto* photographer = new Photographer(application, wish);
    QObject::connect(
        &application.runLibrary(), &RunLibrary::refreshed, photographer,
        [photographer] { QTimer::singleShot(0, photographer, [photographer] { photographer->prepare(); }); },
        Qt::SingleShotConnection);
    auto* timer = new QTimer(photographer);
    QObject::connect(timer, &QTimer::timeout, photographer, [photographer] { photographer->look(); });
    timer->start(kLookMs);
}

} // namespace app
