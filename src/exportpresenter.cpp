#include "src/exportpresenter.h"

#include "src/runreport.h"
#include "src/values.h"
#include "ui/format.h"
#include "ui/frame/exportdialog.h"

#include <QDesktopServices>
#include <QDir>
#include <QFileInfo>
#include <QUrl>

#include <algorithm>
#include <array>
#include <cmath>

namespace app {
namespace {

constexpr int kDrawMs = 100;
constexpr const char* kRunProperty = "run"; // of a dialog: the folder that it exports

QList<ui::ExportKind> kinds() {
    QList<ui::ExportKind> all;
    for (const auto& info : engine::exportFormats())
        all.append({words(info.label), words(info.opens), info.computes});
    return all;
}

constexpr std::array kPrecisions{engine::ExportPrecision::Float32, engine::ExportPrecision::Float16,
                                 engine::ExportPrecision::Bfloat16};

QStringList precisions() {
    QStringList names;
    for (const auto precision : kPrecisions)
        names.append(words(engine::exportPrecisionName(precision)));
    return names;
}

QString sourceWords(const engine::ExportCheckpoint& checkpoint) {
    const QString place =
        ExportPresenter::tr("epoch %1, step %2").arg(checkpoint.epoch).arg(ui::formatExact(checkpoint.step));
    if (checkpoint.best)
        return (checkpoint.last ? ExportPresenter::tr("Best and last: %1") : ExportPresenter::tr("Best: %1"))
            .arg(place);
    return checkpoint.last ? ExportPresenter::tr("Last: %1").arg(place) : place.left(1).toUpper() + place.mid(1);
}

QString progressWords(const engine::Progress& progress) {
    switch (progress.phase) {
    case engine::Phase::LoadingWeights:
        return ExportPresenter::tr("Reading the checkpoint");
    case engine::Phase::Saving:
        return ExportPresenter::tr("Writing");
    default:
        return progress.step > 0 ? ExportPresenter::tr("Compared %1 of %2 pictures")
                                       .arg(ui::formatExact(progress.step), ui::formatExact(progress.steps))
                                 : ExportPresenter::tr("A fresh process opens the file");
    }
}

QString sentences(const Trouble& trouble) {
    return QStringLiteral("%1 %2").arg(trouble.message, trouble.remedy).trimmed();
}

} // namespace

ui::ExportWords exportWords(const engine::ExportOffer& offer) {
    ui::ExportWords made;
    for (const auto& checkpoint : offer.checkpoints)
        made.sources.append({words(checkpoint.word), sourceWords(checkpoint)});
    made.facts = {{ExportPresenter::tr("Size"),
                   {},
                   ExportPresenter::tr("About %1.").arg(ui::formatBytes(static_cast<double>(offer.bytes)))}};
    if (!offer.takes.empty())
        made.facts.append({ExportPresenter::tr("Input"), {}, words(offer.takes)});
    made.facts.append({ExportPresenter::tr("Opened by"), {}, words(offer.opens)});
    made.facts.append({ExportPresenter::tr("Left out"), {}, words(offer.loses)});
    made.facts.append({ExportPresenter::tr("Certificate"),
                       {},
                       offer.notChecked.empty()
                           ? ExportPresenter::tr("A fresh process opens it and compares its answers with Thaw's.")
                           : ExportPresenter::tr("Will not be checked. %1").arg(words(offer.notChecked))});
    return made;
}

ui::ExportOutcome exportOutcome(const engine::ExportReport& report, const QString& place) {
    const engine::Certificate& c = report.certificate;
    ui::ExportOutcome made{.sha256 = words(c.sha256), .opening = words(report.opening), .place = place};
    for (const auto& note : report.notes)
        made.detail += words(note) + QLatin1Char(' ');
    if (c.notChecked.empty()) {
        made.verdict = ExportPresenter::tr("It answers as the run does");
        made.facts = {
            {ExportPresenter::tr("Largest difference"),
             ExportPresenter::tr("outputs up to %1, allowed is %2")
                 .arg(ui::formatNumber(c.largestOutput), ui::formatNumber(c.allowed())),
             ui::formatNumber(c.largestDifference)},
            {ExportPresenter::tr("Same answer"),
             c.madeUp ? ExportPresenter::tr("drawn pictures: the run's are not here")
                      : ExportPresenter::tr("validation pictures"),
             ExportPresenter::tr("%1 of %2").arg(ui::formatExact(c.agreeing), ui::formatExact(c.pictures))},
            {ExportPresenter::tr("Time of a picture"), words(c.runtime), ui::formatMilliseconds(c.msPerPicture)},
            {QString(), ExportPresenter::tr("Thaw"), ui::formatMilliseconds(c.thawMsPerPicture)}};
    } else {
        made.tone = ui::Tone::Warning;
        made.verdict = ExportPresenter::tr("Not checked");
        made.detail.prepend(words(c.notChecked) + QLatin1Char(' '));
    }
    made.detail = made.detail.trimmed();
    made.facts.append({ExportPresenter::tr("Size"), words(c.file), ui::formatBytes(static_cast<double>(c.bytes))});
    return made;
}

ExportPresenter* ExportPresenter::open(QWidget& window, const engine::RunSummary& run) {
    const QString folder = words(run.folder);
    ui::ExportDialog* dialog = nullptr;
    for (auto* one : window.findChildren<ui::ExportDialog*>())
        if (one->property(kRunProperty) == folder && one->isVisible())
            dialog = one;
    const bool there = dialog != nullptr;
    if (!there) {
        dialog = new ui::ExportDialog(words(run.name), kinds(), precisions(), &window);
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setProperty(kRunProperty, folder);
    }
    auto* presenter = there ? dialog->findChild<ExportPresenter*>() : new ExportPresenter(*dialog, run);
    dialog->show(); // not modal: the window goes on
    dialog->raise();
    dialog->activateWindow();
    return presenter;
}

ExportPresenter::ExportPresenter(ui::ExportDialog& dialog, const engine::RunSummary& run)
    : QObject(&dialog), m_dialog(dialog), m_run(run) {
    m_timer.setInterval(kDrawMs);
    connect(&m_timer, &QTimer::timeout, this, &ExportPresenter::showProgress);
    connect(&dialog, &ui::ExportDialog::changed, this, &ExportPresenter::ask);
    connect(&dialog, &ui::ExportDialog::requested, this, &ExportPresenter::begin);
    connect(&dialog, &ui::ExportDialog::stopRequested, this, [this] { m_stop.request_stop(); });
    connect(&dialog, &ui::ExportDialog::folderRequested, this,
            [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_dialog.place())); });
    ask();
}

ExportPresenter::~ExportPresenter() { m_stop.request_stop(); }

void ExportPresenter::choose(const QString& format) {
    const auto formats = engine::exportFormats();
    const auto found = std::ranges::find(formats, format.toStdString(), &engine::ExportFormatInfo::name);
    if (found != formats.end())
        m_dialog.setKind(static_cast<int>(found - formats.begin()));
}

// In the project, beside its runs: "exports/parts onnx", "exports/parts onnx 2".
void ExportPresenter::suggestPlace() {
    const auto& format = engine::exportFormats()[static_cast<std::size_t>(m_dialog.kind())];
    const QDir folder(words(m_run.folder.parent_path().parent_path() / "exports"));
    const QString stem = QStringLiteral("%1 %2").arg(fileNameOf(words(m_run.name)), words(format.name));
    QString name = stem;
    for (int i = 2; QFileInfo::exists(folder.filePath(name)); ++i)
        name = QStringLiteral("%1 %2").arg(stem).arg(i);
    m_dialog.suggestPlace(folder.filePath(name));
}

engine::ExportRequest ExportPresenter::request() const {
    return {.run = m_run.folder,
            .out = toPath(m_dialog.place()),
            .format = engine::exportFormats()[static_cast<std::size_t>(m_dialog.kind())].format,
            .checkpoint = m_dialog.checkpoint().toStdString(),
            .precision = kPrecisions.at(static_cast<std::size_t>(m_dialog.precision())),
            .input = m_dialog.preparesPictures() ? engine::ExportInput::Pictures : engine::ExportInput::Pixels};
}

void ExportPresenter::ask() {
    suggestPlace();
    const engine::ExportRequest wanted = request();
    const QString question = QStringLiteral("%1 %2 %3 %4 %5")
                                 .arg(m_dialog.kind())
                                 .arg(m_dialog.precision())
                                 .arg(m_dialog.preparesPictures())
                                 .arg(m_dialog.checkpoint(), m_dialog.place());
    m_offer.ask(
        m_background, question, [wanted](const std::stop_token&) { return engine::offerExport(wanted); },
        [this] { showOffer(); });
}

void ExportPresenter::showOffer() {
    if (const auto* trouble = m_offer.trouble())
        m_dialog.setWords({.problem = sentences(*trouble)});
    else if (const auto* offer = m_offer.value())
        m_dialog.setWords(exportWords(*offer));
}

void ExportPresenter::begin() {
    m_stop = std::stop_source();
    m_progress = std::make_shared<LatestProgress>();
    m_dialog.setProgress(tr("Reading the checkpoint"), std::nan(""));
    m_timer.start();
    m_background.run([wanted = request(), stop = m_stop.get_token(),
                      progress = m_progress] { return engine::exportModel(wanted, stop, progress.get()); },
                     [this](const Outcome<engine::ExportReport>& outcome) { end(outcome); });
}

void ExportPresenter::showProgress() {
    const auto latest = m_progress->latest();
    if (m_stop.stop_requested())
        m_dialog.setProgress(tr("Stopping"), std::nan(""));
    else if (latest)
        m_dialog.setProgress(progressWords(*latest),
                             latest->step > 0 ? static_cast<double>(latest->step) / static_cast<double>(latest->steps)
                                              : std::nan(""));
}

void ExportPresenter::end(const Outcome<engine::ExportReport>& outcome) {
    m_timer.stop();
    if (const auto* trouble = std::get_if<Trouble>(&outcome))
        m_dialog.setEnded(trouble->kind == engine::ErrorKind::Stopped ? QString() : sentences(*trouble));
    else
        m_dialog.setOutcome(exportOutcome(std::get<engine::ExportReport>(outcome), m_dialog.place()));
}

} // namespace app
