#include "src/runreport.h"

#include "src/report.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/frame/mainframe.h"

#include <QDateTime>
#include <QDesktopServices>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QSaveFile>
#include <QUrl>

namespace app {
namespace {

void save(const QString& file, const QString& html) {
    QSaveFile out(file);
    if (!out.open(QIODevice::WriteOnly) || out.write(html.toUtf8()) < 0 || !out.commit())
        throw engine::Error(engine::ErrorKind::BadInput,
                            RunReport::tr("%1 cannot be written: %2.").arg(file, out.errorString()).toStdString(),
                            RunReport::tr("Choose another folder, or free some space.").toStdString());
}

} // namespace

QString fileNameOf(QString name) {
    for (QChar& sign : name)
        if (QStringLiteral("/\\:*?\"<>|").contains(sign))
            sign = QLatin1Char('-');
    return name;
}

RunReport::RunReport(ui::MainFrame& frame, const RunLibrary& library, QObject* parent)
    : QObject(parent), m_frame(frame), m_library(library) {}

void RunReport::ask(const QStringList& ids) {
    const auto* first = m_library.find(ids.value(0));
    if (!first)
        return;
    const QString name =
        ids.size() == 1 ? words(first->name) : tr("%1 and %2 more").arg(words(first->name)).arg(ids.size() - 1);
    auto* dialog = new QFileDialog(&m_frame, tr("Write a report"), QFileInfo(m_library.folder()).absolutePath(),
                                   tr("Pages (*.html)"));
    dialog->setObjectName(QStringLiteral("reportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("html"));
    dialog->selectFile(fileNameOf(name) + QStringLiteral(".html"));
    connect(dialog, &QFileDialog::fileSelected, this, [this, ids](const QString& file) { write(ids, file); });
    dialog->open();
}

void RunReport::write(const QStringList& ids, const QString& file) {
    ReportLook look{.ground = ui::color(ui::Role::Window),
                    .surface = ui::color(ui::Role::Surface),
                    .text = ui::color(ui::Role::Text),
                    .muted = ui::color(ui::Role::Muted),
                    .border = ui::color(ui::Role::Border),
                    .runs = {},
                    .dashed = {}};
    std::vector<std::filesystem::path> folders;
    for (const QString& id : ids)
        if (const auto* run = m_library.find(id)) {
            folders.push_back(run->folder);
            look.runs.insert(id, ui::runColor(m_library.colourOf(id)));
            look.dashed.insert(id, m_library.colourOf(id) > 10);
        }
    const auto now = static_cast<double>(QDateTime::currentSecsSinceEpoch());
    m_background.run(
        [folders, look, file, now] {
            std::vector<ReportRun> runs;
            for (const auto& folder : folders)
                runs.push_back(readReportRun(folder));
            save(file, reportHtml(runs, look, now));
            return file;
        },
        [this](const Outcome<QString>& outcome) { tell(outcome); });
}

void RunReport::tell(const Outcome<QString>& outcome) {
    if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
        m_frame.toasts().show({.tone = ui::Tone::Danger,
                               .title = tr("The report is not written"),
                               .detail = trouble->message + QLatin1Char(' ') + trouble->remedy});
        return;
    }
    const QString file = std::get<QString>(outcome);
    m_frame.toasts().show({.tone = ui::Tone::Success,
                           .title = tr("The report is written"),
                           .detail = shortPath(file),
                           .action = tr("Open"),
                           .act = [file] { QDesktopServices::openUrl(QUrl::fromLocalFile(file)); }});
}

} // namespace app
