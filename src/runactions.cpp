#include "src/runactions.h"

#include "engine/api/experiment.h"
#include "engine/api/parameter.h"
#include "engine/api/train.h"
#include "src/experimentdocument.h"
#include "src/livepresenter.h"
#include "src/metricwords.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/controls/questiondialog.h"
#include "ui/format.h"
#include "ui/frame/mainframe.h"
#include "ui/live/logdialog.h"

#include <QDesktopServices>
#include <QInputDialog>
#include <QRegularExpression>
#include <QSet>
#include <QUrl>

#include <cmath>

namespace app {

RunActions::RunActions(ui::MainFrame& frame, RunController& controller, RunLibrary& library, LivePresenter& live,
                       ExperimentDocument& document, QObject* parent)
    : QObject(parent),
      m_frame(frame),
      m_controller(controller),
      m_library(library),
      m_live(live),
      m_document(document) {
    wireController();
    const ui::RunListView& list = frame.runList();
    connect(&list, &ui::RunListView::resumeRequested, this, &RunActions::resume);
    connect(&list, &ui::RunListView::deleteRequested, this, &RunActions::remove);
    connect(&list, &ui::RunListView::useSettingsRequested, this, &RunActions::useSettings);
    connect(&list, &ui::RunListView::openFolderRequested, this, &RunActions::openFolder);
    connect(&list, &ui::RunListView::activated, this, &RunActions::open);
    connect(&live, &LivePresenter::remedyChosen, this, &RunActions::remedy);
    connect(&live, &LivePresenter::thawRefused, this, [this](const QString& sentence) {
        m_frame.toasts().show({ui::Tone::Warning, tr("The thaw plan stays as it was"), sentence, {}, {}, {}});
    });
}

void RunActions::wireController() {
    connect(&m_controller, &RunController::started, this, [this](const QString& id, const QString& folder) {
        m_library.setTicked(id, true);
        m_live.show(id, folder);
        m_frame.runList().setCurrent(id);
    });
    connect(&m_controller, &RunController::created, this, [this](const QString&, const QString&) {
        if (m_controller.busy())
            m_frame.toasts().show({ui::Tone::Muted,
                                   tr("In the queue"),
                                   tr("It begins when the run before it ends."),
                                   {},
                                   {},
                                   QStringLiteral("list-plus")});
        else
            m_frame.setMode(ui::Mode::Live);
    });
    connect(&m_controller, &RunController::ended, this, &RunActions::ended);
    connect(&m_library, &RunLibrary::removed, this, [this](const QStringList& ids) {
        if (ids.contains(m_live.id()))
            m_live.show({}, {});
    });
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
             [this] { m_frame.setMode(ui::Mode::Compare); },
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

void RunActions::train() {
    engine::Experiment experiment = m_document.experiment();
    experiment.name = unusedName(words(experiment.name)).toStdString();
    m_controller.train(experiment, m_library.folder());
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
    if (!m_controller.busy() || m_controller.stopping())
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
                             tr("Another program trains it. It is saved first and can be resumed from there."),
                             QString(), false, tr("Keep training"), tr("Stop and save")},
                            [this, folder = run->folder](bool) { m_controller.ask(folder, engine::RunCommand::Stop); });
}

void RunActions::resume(const QString& id) {
    if (id == m_controller.currentId()) {
        m_controller.setPaused(false);
        return;
    }
    if (const auto* run = m_library.find(id); run && run->state == engine::RunState::Paused) {
        m_controller.ask(run->folder, engine::RunCommand::Resume); // it is held by another program
        return;
    }
    if (const auto* run = m_library.find(id)) {
        m_controller.resume(words(run->folder));
        open(id);
    }
}

void RunActions::extend(const QString& id) {
    const auto* run = m_library.find(id);
    if (!run)
        return;
    auto* dialog = new QInputDialog(&m_frame);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Train longer"));
    dialog->setLabelText(tr("It was trained for %1 epochs. Train to epoch:").arg(run->epochs));
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setIntRange(run->epochs + 1, 100'000);
    dialog->setIntValue(run->epochs + std::max(1, run->epochs / 2));
    dialog->setOkButtonText(tr("Train"));
    connect(dialog, &QInputDialog::intValueSelected, this, [this, id](int epochs) { askToExtend(id, epochs); });
    dialog->open();
}

// Says how the schedule would go on, before it does.
void RunActions::askToExtend(const QString& id, int epochs) {
    const auto* run = m_library.find(id);
    if (!run)
        return;
    struct Offer {
        engine::ResumePlan plan;
        std::string learningRate;
    };
    const std::vector<engine::ChangedSetting> changes = {{"train.epochs", std::to_string(epochs)}};
    m_background.run(
        [folder = run->folder, changes] {
            return Offer{
                engine::planResume(folder, changes),
                engine::parameterValue(engine::readExperiment(folder / "experiment.toml"), "train.learning_rate")};
        },
        [this, id, folder = words(run->folder), epochs, changes](const Outcome<Offer>& outcome) {
            if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
                m_frame.toasts().show({ui::Tone::Danger, trouble->message, trouble->remedy, {}, {}, {}});
                return;
            }
            const Offer& offer = std::get<Offer>(outcome);
            QStringList notes;
            for (const std::string& note : offer.plan.notes)
                notes.append(words(note));
            ui::QuestionDialog::ask(&m_frame,
                                    {tr("Train %1 to epoch %2?").arg(nameOf(id)).arg(epochs),
                                     notes.join(QLatin1Char('\n')),
                                     tr("Begin a new schedule at learning rate %1").arg(words(offer.learningRate)),
                                     false, tr("Cancel"), tr("Train")},
                                    [this, folder, changes, rate = offer.learningRate](bool anew) {
                                        std::vector<engine::ChangedSetting> all = changes;
                                        if (anew)
                                            all.push_back({"train.learning_rate", rate});
                                        m_controller.resume(folder, all);
                                    });
        });
}

void RunActions::remedy(const QString& id, RemedyKind kind) {
    const auto* run = m_library.find(id);
    if (!run)
        return;
    switch (kind) {
    case RemedyKind::GoOn:
    case RemedyKind::TrainAgain:
        resume(id);
        return;
    case RemedyKind::ChangeSettings:
        useSettings(id);
        return;
    case RemedyKind::SmallerBatch:
        break;
    }
    try {
        engine::Experiment experiment = engine::readExperiment(run->folder / "experiment.toml");
        experiment.train.parts.clear();
        m_controller.train(withSmallerBatch(experiment), m_library.folder());
    } catch (const engine::Error&) {
        const Trouble trouble = currentTrouble();
        m_frame.toasts().show({ui::Tone::Danger, trouble.message, trouble.remedy, {}, {}, {}});
    }
}

void RunActions::remove(const QStringList& ids) {
    QStringList removable = ids;
    removable.removeAll(m_controller.currentId());
    if (removable.isEmpty())
        return;
    const QString title = removable.size() == 1 ? tr("Delete %1?").arg(nameOf(removable.first()))
                                                : tr("Delete %1 runs?").arg(removable.size());
    ui::QuestionDialog::ask(&m_frame,
                            {title,
                             tr("Curves, log and checkpoints are deleted from the disk."),
                             {},
                             false,
                             tr("Keep"),
                             tr("Delete"),
                             true},
                            [this, removable](bool) {
                                for (const auto& id : removable)
                                    m_controller.cancel(id);
                                m_library.remove(removable);
                            });
}

void RunActions::useSettings(const QString& id) {
    const auto* run = m_library.find(id);
    if (!run)
        return;
    try {
        engine::Experiment experiment = engine::readExperiment(run->folder / "experiment.toml");
        experiment.train.parts.clear(); // how that run was resumed is no setting of another
        m_document.apply(experiment, tr("Settings of %1").arg(words(run->name)));
        m_frame.setMode(ui::Mode::Setup);
    } catch (const engine::Error&) {
        const Trouble trouble = currentTrouble();
        m_frame.toasts().show({ui::Tone::Danger, trouble.message, trouble.remedy, {}, {}, {}});
    }
}

void RunActions::openFolder(const QString& id) {
    if (const auto* run = m_library.find(id))
        QDesktopServices::openUrl(QUrl::fromLocalFile(words(run->folder)));
}

void RunActions::openLog(const QString& id) {
    if (id != m_live.id())
        return;
    auto* dialog = new ui::LogDialog(nameOf(id), m_live.log(), &m_frame);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void RunActions::open(const QString& id) {
    if (const auto* run = m_library.find(id)) {
        m_live.show(id, words(run->folder));
        m_frame.runList().setCurrent(id);
        m_frame.setMode(ui::Mode::Live);
    }
}

} // namespace app
