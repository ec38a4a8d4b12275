#include "src/runimport.h"

#include "src/latestprogress.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/format.h"
#include "ui/frame/mainframe.h"

#include <QFileDialog>

namespace app {
namespace {

constexpr int kSlowMs = 2000;

} // namespace

RunImport::RunImport(ui::MainFrame& frame, RunLibrary& library, QObject* parent)
    : QObject(parent), m_frame(frame), m_library(library) {
    m_slow.setInterval(kSlowMs);
    connect(&m_slow, &QTimer::timeout, this, &RunImport::showProgress);
}

RunImport::~RunImport() { m_stop.request_stop(); }

void RunImport::ask() {
    auto* dialog = new QFileDialog(&m_frame, tr("Import runs: a folder of TensorBoard's event files"));
    dialog->setObjectName(QStringLiteral("importDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, this, &RunImport::begin);
    dialog->open();
}

void RunImport::begin(const QString& source) {
    m_progress = std::make_shared<LatestProgress>();
    m_slow.start();
    m_background.run([source = toPath(source), runs = toPath(m_library.folder()), stop = m_stop.get_token(),
                      progress = m_progress] { return engine::importRuns(source, runs, stop, progress.get()); },
                     [this](const Outcome<std::vector<engine::ImportedRun>>& outcome) {
                         m_slow.stop();
                         tell(outcome);
                     });
}

void RunImport::showProgress() {
    const auto progress = m_progress->latest();
    if (!progress || progress->steps <= 0)
        return;
    m_frame.toasts().show(
        {.tone = ui::Tone::Muted,
         .title = tr("Runs are being imported"),
         .detail = tr("%1: %2 read")
                       .arg(words(progress->message), ui::formatBytesOf(static_cast<double>(progress->step),
                                                                        static_cast<double>(progress->steps))),
         .iconName = QStringLiteral("download")});
}

void RunImport::tell(const Outcome<std::vector<engine::ImportedRun>>& outcome) {
    if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
        m_frame.toasts().show({.tone = ui::Tone::Danger, .title = trouble->message, .detail = trouble->remedy});
        return;
    }
    const auto& runs = std::get<0>(outcome);
    std::int64_t points = 0;
    QStringList notes;
    for (const engine::ImportedRun& run : runs) {
        points += run.points;
        m_library.setTicked(words(run.folder.filename()), true);
        for (const std::string& note : run.notes)
            notes.append(words(note));
    }
    const QString what = runs.size() == 1 ? tr("%1 is imported").arg(words(runs.front().name))
                                          : tr("%1 runs are imported").arg(runs.size());
    QString detail = tr("%1 points. Compare draws them.").arg(ui::formatExact(points));
    if (!notes.isEmpty())
        detail += QLatin1Char(' ') + notes.first() +
                  (notes.size() > 1 ? QLatin1Char(' ') + tr("%1 more notes stand in the logs.").arg(notes.size() - 1)
                                    : QString());
    m_frame.toasts().show(
        {.tone = notes.isEmpty() ? ui::Tone::Success : ui::Tone::Warning, .title = what, .detail = detail});
    m_library.refresh();
}

} // namespace app
