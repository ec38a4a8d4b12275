#include "src/livepresenter.h"

#include "engine/api/datakinds.h"
#include "engine/api/fork.h"
#include "src/queuewords.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/samplewords.h"
#include "src/values.h"
#include "ui/format.h"
#include "ui/live/livepage.h"

#include <QEvent>

#include <algorithm>

namespace app {
namespace {

constexpr int kDrainMs = 33;
constexpr int kThumbnailSide = 160;
constexpr qsizetype kMostPictures = 16; // small ones; the viewer has all

int planClasses(const engine::RunReader& reader) { return std::max(1, static_cast<int>(reader.classNames().size())); }

// What the validation after `epoch` said, the worst answers with their pictures.
ui::LiveMistakes readMistakes(const QString& folder, int epoch) {
    const engine::RunReader reader(toPath(folder));
    const auto samples = reader.samples(epoch);
    QStringList classes;
    for (const auto& name : reader.classNames())
        classes.append(words(name));
    ui::LiveMistakes made;
    made.epoch = epoch;
    made.validated = static_cast<int>(samples.size());
    made.samples = samplesName(reader.summary().task);
    made.confusion = {.id = words(reader.summary().id),
                      .name = words(reader.summary().name),
                      .classes = classes,
                      .counts = confusionOf(samples, static_cast<int>(classes.size())),
                      .scores = {}};
    made.confusion.scores = scoresOf(made.confusion.counts, classes);
    made.pictures = mistakesOf(samples, classes, engine::dataRoot(reader.experiment().dataPath()));
    made.wrong = static_cast<int>(made.pictures.size());
    made.pictures.resize(std::min(made.pictures.size(), kMostPictures));
    for (ui::Misclassified& picture : made.pictures) {
        try {
            picture.image = toImage(engine::loadThumbnail(toPath(picture.file), kThumbnailSide));
        } catch (const engine::Error&) {
            picture.image = {}; // moved or deleted since: a grey tile
        }
    }
    return made;
}

} // namespace

struct LivePresenter::Opened {
    engine::RunReader reader;
    RunCurves curves;
    std::shared_ptr<const RunPlan> plan; // none: it never worked
    std::optional<engine::Lineage> lineage;
};

LivePresenter::LivePresenter(ui::LivePage& page, RunController& controller, RunLibrary& library, QObject* parent)
    : QObject(parent),
      m_page(page),
      m_controller(controller),
      m_library(library),
      m_thaw(controller),
      m_mistakes(page) {
    m_timer.setInterval(kDrainMs);
    connect(&m_timer, &QTimer::timeout, this, &LivePresenter::tick);
    connect(&controller, &RunController::changed, this, [this] {
        m_stale = true;
        schedule();
    });
    connect(&controller, &RunController::ended, this, [this](const QString& id) {
        if (id == m_id) {
            m_stale = true;
            schedule();
        }
    });
    connect(&library, &RunLibrary::refreshed, this, [this] {
        if (m_opened && m_page.isVisible())
            pushHeader(); // colour, star, state of runs of other programs
    });
    connect(&page, &ui::LivePage::noteChanged, &library, &RunLibrary::setNote);
    connect(&page, &ui::LivePage::remedyChosen, this, [this](const QString& id, int remedy) {
        if (remedy >= 0 && remedy < m_remedies.size())
            Q_EMIT remedyChosen(id, m_remedies.at(remedy));
    });
    connect(&page, &ui::LivePage::thawEdited, this, [this](const QString& id, const ui::ThawPlan& plan, int gesture) {
        if (id == m_id && m_opened)
            m_thaw.edit(plan, gesture);
    });
    connect(&page, &ui::LivePage::undoRequested, this, [this](const QString& id) {
        if (id == m_id && m_undoesKnob)
            m_knobs.undo();
        else if (id == m_id)
            m_thaw.undo();
    });
    connect(&page, &ui::LivePage::knobsApplied, this,
            [this](const QString& id, const QList<ui::KnobSetting>& settings) {
                if (id == m_id)
                    m_knobs.apply(settings);
            });
    connect(&page, &ui::LivePage::checkpointRequested, this, [this](const QString& id) {
        if (id == m_id)
            m_knobs.ask(engine::RunCommand::Checkpoint);
    });
    connect(&page, &ui::LivePage::stopAfterEpochRequested, this, [this](const QString& id, bool stops) {
        if (id == m_id)
            m_knobs.ask(stops ? engine::RunCommand::StopAfterEpoch : engine::RunCommand::GoOnAfterEpoch);
    });
    connect(&m_knobs, &RunKnobs::changed, this, [this] {
        if (m_opened)
            pushChanges();
    });
    connect(&m_ranks, &RunRanks::changed, this, [this] { m_page.setRanks(m_ranks.ranks()); });
    connect(&page, &ui::LivePage::rankLogRequested, this, [this](const QString& id, int rank) {
        if (id == m_id)
            Q_EMIT rankLogRequested(rank, m_ranks.log(rank));
    });
    connect(&page, &ui::LivePage::rankActRequested, this, [this](const QString& id, ui::RankAct act, int rank) {
        if (id == m_id)
            m_ranks.ask(act, rank);
    });
    connect(&m_ranks, &RunRanks::failed, this, &LivePresenter::refused);
    connect(&controller.runQueue(), &RunQueue::looked, this, &LivePresenter::pushQueue);
    connect(&page, &ui::LivePage::queueOpened, this, [this](const QString& id) {
        if (const auto* run = m_library.find(id))
            show(id, words(run->folder));
    });
    connect(&page, &ui::LivePage::queueHeld, this, [this](bool held) {
        m_controller.runQueue().hold(held ? engine::QueuePause::Held : engine::QueuePause::GoesOn);
    });
    connect(&page, &ui::LivePage::pictureOpened, this, [this](const QString& id, const QString& file) {
        if (id == m_id)
            m_mistakes.showAll(m_folder, std::max(0, m_samplesEpoch), file);
    });
    connect(&page, &ui::LivePage::picturesRequested, this, [this](const QString& id, ui::MistakeChoice choice) {
        if (id == m_id)
            m_mistakes.showChosen(m_folder, std::max(0, m_samplesEpoch), choice);
    });
    connect(&m_thaw, &RunThaw::changed, this, &LivePresenter::pushThaw);
    connect(&m_thaw, &RunThaw::held, this, [this](const RunPlan& plan) {
        if (!m_opened)
            return;
        m_opened->curves.setPlan(plan.outcomes);
        m_opened->curves.read(m_opened->reader);
        push(false);
    });
    connect(&m_thaw, &RunThaw::refused, this, &LivePresenter::thawRefused);
    connect(&page, &ui::LivePage::setupRequested, this, &LivePresenter::setupRequested);
    page.installEventFilter(this);
}

LivePresenter::~LivePresenter() = default;

qsizetype LivePresenter::points() const { return m_opened ? m_opened->curves.curves().clock().step.size() : 0; }

QString LivePresenter::log() const { return m_opened ? wholeLog(m_opened->reader, m_thaw.plan()) : QString(); }

void LivePresenter::show(const QString& id, const QString& folder) {
    if (id == m_id && !id.isEmpty() && m_opened)
        return;
    m_id = id;
    m_folder = folder;
    open();
}

void LivePresenter::open() {
    m_opened.reset();
    m_samplesEpoch = -1;
    ++m_generation;
    m_thaw.show({}, {}, nullptr);
    m_knobs.show(m_folder);
    m_ranks.show(m_folder);
    schedule();
    if (m_id.isEmpty()) {
        m_page.showEmpty();
        return;
    }
    m_background.run(
        [path = toPath(m_folder)] {
            engine::RunReader reader(path);
            std::shared_ptr<const RunPlan> plan;
            try {
                plan = std::make_shared<const RunPlan>(readRunPlan(path, planClasses(reader)));
            } catch (const engine::Error&) {
                plan.reset(); // no band below its charts
            }
            RunCurves curves(plan ? plan->outcomes : Plan(), plan ? plan->tree : Tree());
            auto opened = std::make_shared<Opened>(
                Opened{std::move(reader), std::move(curves), std::move(plan), engine::lineageOf(path)});
            opened->curves.read(opened->reader);
            return opened;
        },
        [this, generation = m_generation](Outcome<std::shared_ptr<Opened>> outcome) {
            if (generation != m_generation)
                return;
            if (auto* opened = std::get_if<0>(&outcome))
                adopt(std::move(*opened));
            else
                m_page.showEmpty();
        });
}

void LivePresenter::adopt(std::shared_ptr<Opened> opened) {
    m_opened = std::move(opened);
    m_thaw.show(m_id, m_folder, m_opened->plan);
    m_thaw.follow(m_opened->reader);
    m_knobs.follow(m_opened->reader);
    push(true);
    schedule();
}

bool LivePresenter::live() const {
    if (!m_opened)
        return false;
    const auto state = m_opened->reader.summary().state;
    return m_controller.holds(m_id) || state == engine::RunState::Running || state == engine::RunState::Paused;
}

// Of a run that waits or is over there is none.
std::optional<engine::Progress> LivePresenter::progressNow() const {
    return live() ? m_controller.progressOf(m_id, toPath(m_folder)) : std::nullopt;
}

void LivePresenter::schedule() {
    const bool wanted = m_page.isVisible() && m_opened && (live() || m_stale);
    if (wanted && !m_timer.isActive())
        m_timer.start();
    else if (!wanted)
        m_timer.stop();
    m_ranks.watch(m_page.isVisible() && live());
}

bool LivePresenter::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &m_page && (event->type() == QEvent::Show || event->type() == QEvent::Hide)) {
        m_stale = m_stale || event->type() == QEvent::Show;
        QTimer::singleShot(0, this, &LivePresenter::schedule);
    }
    return QObject::eventFilter(watched, event);
}

void LivePresenter::tick() {
    if (!m_opened)
        return;
    bool grew = false;
    try {
        grew = m_opened->reader.refresh();
    } catch (const engine::Error&) {
        show({}, {}); // the folder is gone
        return;
    }
    if (m_opened->plan && m_opened->plan->classes != planClasses(m_opened->reader)) {
        open(); // the classes were not known when it was opened, and the head is as wide as they are many
        return;
    }
    const bool all = std::exchange(m_stale, false);
    if (grew)
        m_opened->curves.read(m_opened->reader);
    m_thaw.follow(m_opened->reader);
    m_knobs.follow(m_opened->reader);
    if (grew || all)
        push(all);
    else if (live())
        pushHeader();
    schedule();
}

void LivePresenter::push(bool all) {
    const engine::RunReader& reader = m_opened->reader;
    pushHeader();
    m_page.setCurves(m_opened->curves.curves());
    m_page.setProof(liveProof(reader, m_thaw.plan()));
    pushThaw();
    const auto progress = progressNow();
    QList<ui::LiveFact> facts = liveFacts(reader, progress);
    if (const auto& lineage = m_opened->lineage)
        facts.append({tr("Forked from"), tr("at step %1").arg(ui::formatExact(lineage->step)), words(lineage->name)});
    m_page.setFacts(facts);
    m_page.setLog(liveLog(reader, m_thaw.plan()));
    if (all) {
        if (reader.summary().state == engine::RunState::Failed && !m_controller.holds(m_id)) {
            const FailureWords failure = liveFailure(reader, m_controller.failureKind(m_id));
            m_remedies = failure.remedies;
            m_page.setFailure(failure.failure);
        } else {
            m_page.setFailure(std::nullopt);
        }
    }
    loadMistakes();
}

void LivePresenter::pushHeader() {
    const engine::RunSummary& run = m_opened->reader.summary();
    const auto progress = progressNow();
    ui::LiveHeader header = liveHeader(run, m_library.stateOf(run), progress, m_library.colourOf(m_id));
    header.phases = livePhases(m_opened->reader, m_thaw.plan());
    m_page.setHeader(header);
    if (const auto* listed = m_library.find(m_id))
        m_page.setNote(words(listed->note));
}

void LivePresenter::pushQueue() {
    if (m_page.isVisible())
        m_page.setQueue(liveQueue(m_controller.runQueue(), m_library));
}

void LivePresenter::pushThaw() {
    if (!m_opened)
        return;
    m_page.setThaw(m_thaw.plan(), m_thaw.schedule());
    pushChanges();
}

void LivePresenter::pushChanges() {
    const bool trained = live() && !m_controller.runQueue().ids().contains(m_id);
    m_page.setKnobs(m_knobs.knobs(m_opened->reader, trained));
    QList<ui::LiveChange> changes = m_thaw.changes(liveChanges(m_opened->reader, m_thaw.plan()));
    m_undoesKnob = trained && m_knobs.offerUndo(changes);
    m_page.setChanges(changes);
}

// While it runs those of the last epoch, afterwards those of the best: the model that it leaves.
void LivePresenter::loadMistakes() {
    const engine::RunSummary& run = m_opened->reader.summary();
    const int epoch = telling(run, live() ? RunIs::Live : RunIs::Over);
    if (epoch == m_samplesEpoch || m_samplesLoading)
        return;
    if (epoch == 0) {
        m_page.setMistakes({});
        m_samplesEpoch = 0;
        return;
    }
    m_samplesLoading = true;
    m_background.run(
        [folder = m_folder, epoch] { return readMistakes(folder, epoch); },
        [this, epoch, best = epoch == run.bestEpoch, generation = m_generation](Outcome<ui::LiveMistakes> outcome) {
            m_samplesLoading = false;
            if (generation == m_generation) {
                m_samplesEpoch = epoch;
                if (auto* mistakes = std::get_if<0>(&outcome)) {
                    mistakes->best = best;
                    m_page.setMistakes(*mistakes);
                }
            }
            if (m_opened)
                loadMistakes(); // another epoch may have ended, another run been chosen
        });
}

} // namespace app
