#include "src/runactions.h"

#include "engine/api/experiment.h"
#include "src/experimentdocument.h"
#include "src/exportpresenter.h"
#include "src/extendpresenter.h"
#include "src/metricwords.h"
#include "src/pagekeys.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/runreport.h"
#include "src/values.h"
#include "ui/controls/questiondialog.h"
#include "ui/controls/textdialog.h"
#include "ui/format.h"
#include "ui/frame/mainframe.h"
#include "ui/live/logdialog.h"

#include <QDateTime>
#include <QDesktopServices>
#include <QRegularExpression>
#include <QSet>
#include <QUrl>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

double secondsNow() { return static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000; }

} // namespace

RunActions::RunActions(ui::MainFrame& frame, RunController& controller, RunLibrary& library,
                       ExperimentDocument& document, QObject* parent)
    : QObject(parent),
      m_frame(frame),
      m_controller(controller),
      m_library(library),
      m_document(document),
      m_report(new RunReport(frame, library, this)) {
    wireController();
    wireList();
}

void RunActions::wireController() {
    connect(&m_controller, &RunController::started, this, [this](const QString& id, const QString& folder) {
        m_library.setTicked(id, true);
        Q_EMIT shown(id, folder);
        m_frame.runList().setCurrent(id);
    });
    connect(&m_controller, &RunController::created, this, &RunActions::created);
    connect(&m_controller, &RunController::createdAll, this, [this](int count) {
        m_frame.toasts().show({.tone = ui::Tone::Muted,
                               .title = tr("%1 runs are in the queue").arg(count),
                               .detail = tr("They begin one after the other."),
                               .iconName = QStringLiteral("list-plus")});
    });
    connect(&m_controller, &RunController::waitsElsewhere, this, [this](const QString& who) {
        m_frame.toasts().show({.tone = ui::Tone::Muted,
                               .title = tr("It waits in the queue"),
                               .detail = tr("%1 trains what waits in this project.").arg(who),
                               .iconName = QStringLiteral("list-plus")});
    });
    connect(&m_controller, &RunController::ended, this, &RunActions::ended);
    connect(&m_library, &RunLibrary::removed, this, &RunActions::removed);
}

void RunActions::wireList() {
    const ui::RunListView& list = m_frame.runList();
    connect(&list, &ui::RunListView::actionRequested, this, &RunActions::act);
    connect(&list, &ui::RunListView::renamed, &m_library, &RunLibrary::setName);
    connect(&list, &ui::RunListView::activated, this, &RunActions::open);
}

void RunActions::act(ui::RunAction action, const QStringList& ids) {
    using Action = ui::RunAction;
    const QString id = ids.value(0);
    switch (action) {
    case Action::Open:
        return open(id);
    case Action::Try:
        Q_EMIT tryRequested(id);
        return;
    case Action::Export:
        return exportModel(id);
    case Action::UseSettings:
        return useSettings(id);
    case Action::Resume:
        return resume(id);
    case Action::TrainLonger:
        return extend(id);
    case Action::StartQueue:
        return startQueue();
    case Action::MoveToFront:
    case Action::MoveUp:
    case Action::MoveDown:
        return moveInQueue(action, id);
    case Action::StartTime:
        return askStartTime(id);
    case Action::TakeOut:
        return m_controller.runQueue().takeOut(ids);
    case Action::Tags:
        return editTags(ids);
    case Action::Archive:
    case Action::Unarchive:
        for (const auto& one : ids)
            m_library.setArchived(one, action == Action::Archive);
        return;
    case Action::OpenFolder:
        return openFolder(id);
    case Action::Delete:
        return remove(ids);
    case Action::Rename: // in the list itself
    case Action::Star:
    case Action::Unstar:
        return;
    }
}

void RunActions::moveInQueue(ui::RunAction action, const QString& id) {
    RunQueue& queue = m_controller.runQueue();
    const int place = queue.placeOf(id);
    const int to = action == ui::RunAction::MoveToFront ? 0 : action == ui::RunAction::MoveUp ? place - 1 : place + 1;
    if (place >= 0)
        queue.move(id, to);
}

void RunActions::askStartTime(const QString& id) {
    const auto& waiting = m_controller.runQueue().waiting();
    const auto run = std::ranges::find(waiting, id.toStdString(), &engine::QueuedRun::id);
    if (run == waiting.end())
        return;
    const QString now = run->notBefore > 0 ? QDateTime::fromSecsSinceEpoch(static_cast<qint64>(run->notBefore))
                                                 .toString(QStringLiteral("yyyy-MM-dd HH:mm"))
                                           : QString();
    ui::TextDialog::ask(&m_frame,
                        {.title = tr("Start time of %1").arg(nameOf(id)),
                         .label = tr("Not before: 08:30, 2026-12-01 08:30, +90m or +2h; empty: as soon as it can"),
                         .text = now,
                         .act = tr("Set")},
                        [this, id](const QString& text) {
                            try {
                                const double time = engine::startTimeOf(text.trimmed().toStdString(), secondsNow());
                                m_controller.runQueue().setStartTime(id, time);
                            } catch (const engine::Error&) {
                                tellTrouble();
                            }
                        });
}

void RunActions::startQueue() { m_controller.startQueue(); }

void RunActions::created(const QString& id) {
    if (!m_controller.busy()) {
        m_frame.showPage(pages::live());
        return;
    }
    m_library.refresh();
    auto* named = new QObject(this); // until the list knows its name
    connect(&m_library, &RunLibrary::refreshed, named, [this, id, named] {
        if (!m_library.find(id))
            return;
        named->deleteLater();
        if (m_controller.currentId() != id)
            m_frame.toasts().show({.tone = ui::Tone::Muted,
                                   .title = tr("%1 is in the queue").arg(nameOf(id)),
                                   .detail = tr("It begins when the runs before it have ended."),
                                   .iconName = QStringLiteral("list-plus")});
    });
}

// A run may have been deleted by another program since it was listed.
const engine::RunSummary* RunActions::present(const QString& id) {
    const auto* run = m_library.find(id);
    std::error_code code;
    if (run && std::filesystem::exists(run->folder, code))
        return run;
    m_frame.toasts().show({.tone = ui::Tone::Danger,
                           .title = tr("%1 is gone").arg(nameOf(id)),
                           .detail = tr("Its folder was deleted or moved by another program.")});
    m_library.refresh();
    return nullptr;
}

void RunActions::tellTrouble() {
    const Trouble trouble = currentTrouble();
    m_frame.toasts().show({.tone = ui::Tone::Danger, .title = trouble.message, .detail = trouble.remedy});
}

void RunActions::ended(const QString& id, const engine::RunSummary& summary) {
    using State = engine::RunState;
    const QString name = summary.name.empty() ? nameOf(id) : words(summary.name);
    if (!summary.failure.empty() && summary.state != State::Failed) { // refused before its first step
        m_frame.toasts().show({ui::Tone::Danger,
                               tr("%1 could not go on").arg(name),
                               words(summary.failure),
                               tr("Show"),
                               [this, id] { open(id); },
                               {}});
    } else if (summary.state == State::Finished) {
        m_frame.toasts().show(
            {ui::Tone::Success,
             finishedWords(name, summary),
             tr("Best at epoch %1. Took %2.").arg(summary.bestEpoch).arg(ui::formatSpan(summary.seconds)),
             tr("Compare"),
             [this] { m_frame.showPage(pages::compare()); },
             {}});
    } else if (summary.state == State::Stopped) {
        m_frame.toasts().show({ui::Tone::Muted, tr("%1 is stopped").arg(name),
                               summary.lastCheckpointStep >= 0
                                   ? tr("Saved at step %1.").arg(ui::formatExact(summary.lastCheckpointStep))
                                   : tr("It had not begun to train."),
                               tr("Resume"), [this, id] { resume(id); }, QStringLiteral("pause")});
    } else if (summary.state == State::Failed) {
        m_frame.toasts().show({ui::Tone::Danger,
                               tr("%1 failed").arg(name),
                               words(summary.failure),
                               tr("Show"),
                               [this, id] { open(id); },
                               {}});
    }
}

QString RunActions::nameOf(const QString& id) const {
    const auto* run = m_library.find(id);
    return run ? words(run->name) : id;
}

void RunActions::train(double aboutSeconds) {
    engine::Experiment experiment = m_document.experiment();
    experiment.name = unusedName(words(experiment.name)).toStdString();
    m_controller.train(experiment, m_library.folder(), aboutSeconds);
}

void RunActions::trainAll(const std::vector<PlannedRun>& runs, const QString& tag) {
    m_controller.trainAll(runs, m_library.folder(), tag);
}

// Runs of one experiment are told apart: "parts", "parts 2", "parts 3".
QString RunActions::unusedName(const QString& wish) const {
    QSet<QString> used;
    for (const auto& run : m_library.runs())
        used.insert(words(run.name));
    static const QRegularExpression number(QStringLiteral(" [0-9]+$"));
    const QString stem = QString(wish).remove(number);
    QString name = wish;
    for (int i = 2; used.contains(name); ++i)
        name = QStringLiteral("%1 %2").arg(stem).arg(i);
    return name;
}

void RunActions::pauseOrResume() { m_controller.setPaused(!m_controller.paused()); }

void RunActions::stop() {
    if (m_controller.currentId().isEmpty() || m_controller.stopping())
        return;
    const auto progress = m_controller.progress();
    QString text;
    if (progress && progress->step > 0) {
        text = tr("It is saved at step %1 first and can be resumed from there.").arg(ui::formatExact(progress->step));
        if (std::isfinite(progress->leftSeconds)) {
            const int left = progress->epochs - progress->epoch + 1;
            const QString span = ui::formatSpan(progress->leftSeconds);
            text += QLatin1Char(' ') + (left > 1 ? tr("%1 epochs, about %2, are left.").arg(left).arg(span)
                                                 : tr("It is in its last epoch; about %1 is left.").arg(span));
        }
    } else {
        text = tr("It has not begun to train; it stays in the list and can be started from there.");
    }
    const bool more = !m_controller.queue().isEmpty();
    auto* question = ui::QuestionDialog::ask(&m_frame,
                                             {tr("Stop %1?").arg(nameOf(m_controller.currentId())), text,
                                              more ? tr("Start the next run in the queue") : QString(), more,
                                              tr("Keep training"), tr("Stop and save")},
                                             [this, id = m_controller.currentId()](bool next) {
                                                 if (m_controller.currentId() == id)
                                                     m_controller.stop(next);
                                             });
    connect(&m_controller, &RunController::ended, question, &QDialog::reject); // there is nothing left to stop
}

void RunActions::pauseOrResume(const QString& id) {
    if (id == m_controller.currentId())
        pauseOrResume();
    else if (const auto* run = m_library.find(id))
        m_controller.ask(run->folder, run->state == engine::RunState::Paused ? engine::RunCommand::Resume
                                                                             : engine::RunCommand::Pause);
}

void RunActions::stop(const QString& id) {
    if (id == m_controller.currentId()) {
        stop();
        return;
    }
    const auto* run = m_library.find(id);
    if (!run)
        return;
    ui::QuestionDialog::ask(&m_frame,
                            {tr("Stop %1?").arg(nameOf(id)),
                             m_controller.trains(id)
                                 ? tr("It is saved first and can be resumed from there.")
                                 : tr("Another program trains it. It is saved first and can be resumed from there."),
                             QString(), false, tr("Keep training"), tr("Stop and save")},
                            [this, folder = run->folder](bool) { m_controller.ask(folder, engine::RunCommand::Stop); });
}

void RunActions::resume(const QString& id) {
    if (id == m_controller.currentId()) {
        m_controller.setPaused(false);
        return;
    }
    const auto* run = present(id);
    if (!run)
        return;
    if (run->state == engine::RunState::Paused) {
        m_controller.ask(run->folder, engine::RunCommand::Resume); // it is held by another program
        return;
    }
    m_controller.resume(words(run->folder));
    open(id);
}

void RunActions::extend(const QString& id) {
    const auto* run = present(id);
    if (!run)
        return;
    auto* dialog = ExtendPresenter::open(m_frame, *run);
    connect(dialog, &ExtendPresenter::accepted, this,
            [this, folder = words(run->folder)](const std::vector<engine::ChangedSetting>& changes, double seconds) {
                m_controller.resume(folder, changes, seconds);
            });
}

void RunActions::remedy(const QString& id, RemedyKind kind) {
    switch (kind) {
    case RemedyKind::GoOn:
    case RemedyKind::TrainAgain:
        return resume(id);
    case RemedyKind::FewerRanks:
        return resumeWithoutRank(id);
    case RemedyKind::ChangeSettings:
        return useSettings(id);
    case RemedyKind::SmallerBatch:
        return trainOther(id, &withSmallerBatch);
    case RemedyKind::LowerRate:
        return trainOther(id, &withLowerRate);
    }
}

void RunActions::resumeWithoutRank(const QString& id) {
    const auto* run = present(id);
    if (!run)
        return;
    try {
        const engine::RunReader reader(run->folder);
        const QString fewer = devicesWithoutRank(reader.summary(), reader.experiment());
        m_controller.resume(words(run->folder), {{"devices.use", fewer.toStdString()}});
        open(id);
    } catch (const engine::Error&) {
        tellTrouble();
    }
}

// A new run that differs from this one where `change` says.
void RunActions::trainOther(const QString& id, engine::Experiment (*change)(engine::Experiment)) {
    const auto* run = present(id);
    if (!run)
        return;
    try {
        engine::Experiment experiment = engine::readExperiment(run->folder / "experiment.toml");
        experiment.train.parts.clear();
        experiment.name = unusedName(words(experiment.name)).toStdString();
        m_controller.train(change(experiment), m_library.folder());
    } catch (const engine::Error&) {
        tellTrouble();
    }
}

void RunActions::remove(const QStringList& ids) {
    QStringList removable = ids;
    removable.removeIf([this](const QString& id) { return m_controller.trains(id); });
    if (removable.isEmpty())
        return;
    m_controller.runQueue().takeOut(removable);
    m_library.remove(removable);
}

void RunActions::removed(const QStringList& ids) {
    const int lifeMs = 1000 * RunLibrary::kUndoSeconds;
    m_frame.toasts().show(
        {.tone = ui::Tone::Muted,
         .title =
             ids.size() == 1 ? tr("%1 is deleted").arg(nameOf(ids.first())) : tr("%1 runs are deleted").arg(ids.size()),
         .detail = tr("Undo brings it back; in %1 s it is gone from the disk.").arg(RunLibrary::kUndoSeconds),
         .action = tr("Undo"),
         .act = [this, ids] { m_library.bringBack(ids); },
         .iconName = QStringLiteral("trash-2"),
         .lifeMs = lifeMs,
         .ended = [this] { m_library.forget(); }});
}

void RunActions::editTags(const QStringList& ids) {
    const auto* run = m_library.find(ids.value(0));
    if (!run)
        return;
    QStringList tags;
    for (const auto& tag : run->tags)
        tags.append(words(tag));
    ui::TextDialog::ask(
        &m_frame,
        {.title = ids.size() == 1 ? tr("Tags of %1").arg(words(run->name)) : tr("Tags of %1 runs").arg(ids.size()),
         .label = tr("Words that the search finds, separated by commas"),
         .text = tags.join(QStringLiteral(", ")),
         .act = tr("Set")},
        [this, ids](const QString& text) {
            QStringList all;
            for (const auto& tag : text.split(QLatin1Char(','), Qt::SkipEmptyParts))
                all.append(tag.simplified());
            all.removeAll(QString());
            all.removeDuplicates();
            for (const auto& id : ids)
                m_library.setTags(id, all);
        });
}

void RunActions::useSettings(const QString& id) {
    const auto* run = present(id);
    if (!run)
        return;
    try {
        engine::Experiment experiment = engine::readExperiment(run->folder / "experiment.toml");
        experiment.train.parts.clear(); // how that run was resumed is no setting of another
        m_document.apply(experiment, tr("Settings of %1").arg(words(run->name)));
        m_frame.showPage(pages::setup());
    } catch (const engine::Error&) {
        tellTrouble();
    }
}

void RunActions::report(const QStringList& ids) { m_report->ask(ids); }

void RunActions::openFolder(const QString& id) {
    if (const auto* run = present(id))
        QDesktopServices::openUrl(QUrl::fromLocalFile(words(run->folder)));
}

void RunActions::exportModel(const QString& id) {
    if (const auto* run = present(id))
        ExportPresenter::open(m_frame, *run);
}

void RunActions::showLog(const QString& id, const QString& log, const QString& part) {
    const QString name = part.isEmpty() ? nameOf(id) : QStringLiteral("%1, %2").arg(nameOf(id), part);
    auto* dialog = new ui::LogDialog(name, log, &m_frame);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void RunActions::open(const QString& id) {
    if (const auto* run = present(id)) {
        Q_EMIT shown(id, words(run->folder));
        m_frame.runList().setCurrent(id);
        m_frame.showPage(pages::live());
    }
}

} // namespace app
