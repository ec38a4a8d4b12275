#include "src/livepresenter.h"

#include "src/freezeedit.h"

#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/live/livepage.h"

#include <QEvent>

#include <algorithm>

namespace app {
namespace {

constexpr int kDrainMs = 33;
constexpr int kThumbnailSide = 160;
constexpr std::size_t kMostPictures = 16;

struct Samples {
    int wrong = 0;
    QList<ui::Misclassified> pictures;
};

// The wrong answers after `epoch`, surest first, the first of them with their pictures.
Samples readSamples(const QString& folder, int epoch) {
    const engine::RunReader reader(toPath(folder));
    auto samples = reader.samples(epoch);
    std::erase_if(samples, [](const auto& sample) { return sample.label == sample.predicted; });
    std::stable_sort(samples.begin(), samples.end(),
                     [](const auto& a, const auto& b) { return a.probability > b.probability; });
    Samples made;
    made.wrong = static_cast<int>(samples.size());
    samples.resize(std::min(samples.size(), kMostPictures));
    const auto data = reader.experiment().dataPath();
    const auto& classes = reader.classNames();
    const auto name = [&classes](int label) {
        return label >= 0 && label < static_cast<int>(classes.size()) ? words(classes[static_cast<std::size_t>(label)])
                                                                      : QString::number(label);
    };
    for (const auto& sample : samples) {
        ui::Misclassified picture{words((data / sample.file)),
                                  {},
                                  name(sample.label),
                                  name(sample.predicted),
                                  static_cast<double>(sample.probability)};
        try {
            picture.image = toImage(engine::loadThumbnail(data / sample.file, kThumbnailSide));
        } catch (const engine::Error&) {
            picture.image = {}; // moved or deleted since: a grey tile
        }
        made.pictures.append(picture);
    }
    return made;
}

} // namespace

struct LivePresenter::Opened {
    engine::RunReader reader;
    RunCurves curves;
    ui::ThawPlan thaw;
    QList<QPointF> schedule;
};

LivePresenter::LivePresenter(ui::LivePage& page, RunController& controller, RunLibrary& library, QObject* parent)
    : QObject(parent), m_page(page), m_controller(controller), m_library(library) {
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
    connect(&page, &ui::LivePage::setupRequested, this, &LivePresenter::setupRequested);
    page.installEventFilter(this);
}

LivePresenter::~LivePresenter() = default;

qsizetype LivePresenter::points() const { return m_opened ? m_opened->curves.curves().trainLoss.step.size() : 0; }

QString LivePresenter::log() const { return m_opened ? wholeLog(m_opened->reader) : QString(); }

void LivePresenter::show(const QString& id, const QString& folder) {
    if (id == m_id && !id.isEmpty() && m_opened)
        return;
    m_id = id;
    m_folder = folder;
    m_opened.reset();
    m_samplesEpoch = -1;
    ++m_generation;
    schedule();
    if (id.isEmpty()) {
        m_page.showEmpty();
        return;
    }
    m_background.run(
        [path = toPath(folder)] {
            engine::RunReader reader(path);
            Plan plan;
            Tree tree;
            ui::ThawPlan thaw;
            QList<QPointF> schedule;
            try {
                const auto& experiment = reader.experiment();
                const auto& run = reader.summary();
                const int classes = std::max(1, static_cast<int>(reader.classNames().size()));
                const int epochs = experiment.train.epochs;
                plan = engine::resolveFreeze(experiment.freeze, epochs, experiment.model.backbone, classes);
                tree = engine::blockTree(experiment.model.backbone, classes);
                const HandPlan hand = handPlan(tree, plan, experiment.freeze);
                thaw = thawPlan(tree, hand, epochs);
                schedule = scheduleCurve(experiment.train, hand, run.epochs > 0 ? run.steps / run.epochs : 0);
            } catch (const engine::Error&) {
                plan.clear(); // a run of a plan that never worked: no band below its charts
            }
            RunCurves curves(std::move(plan), tree);
            auto opened =
                std::make_shared<Opened>(Opened{std::move(reader), std::move(curves), std::move(thaw), schedule});
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
    push(true);
    schedule();
}

bool LivePresenter::live() const {
    if (!m_opened)
        return false;
    const auto state = m_opened->reader.summary().state;
    return m_controller.holds(m_id) || state == engine::RunState::Running || state == engine::RunState::Paused;
}

void LivePresenter::schedule() {
    const bool wanted = m_page.isVisible() && m_opened && (live() || m_stale);
    if (wanted && !m_timer.isActive())
        m_timer.start();
    else if (!wanted)
        m_timer.stop();
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
    const bool all = std::exchange(m_stale, false);
    if (grew)
        m_opened->curves.read(m_opened->reader);
    if (grew || all)
        push(all);
    else if (m_id == m_controller.currentId())
        pushHeader();
    schedule();
}

void LivePresenter::push(bool all) {
    const engine::RunReader& reader = m_opened->reader;
    pushHeader();
    m_page.setCurves(m_opened->curves.curves());
    m_page.setProof(liveProof(reader, m_opened->thaw));
    ui::ThawPlan thaw = m_opened->thaw;
    thaw.fixedEpochs = thaw.epochs; // a run keeps the plan it was started with
    m_page.setThaw(thaw, m_opened->schedule);
    const auto progress = m_id == m_controller.currentId() ? m_controller.progress() : std::nullopt;
    m_page.setFacts(liveFacts(reader, progress));
    m_page.setChanges(liveChanges(reader));
    m_page.setLog(liveLog(reader));
    if (all) {
        if (reader.summary().state == engine::RunState::Failed && !m_controller.holds(m_id)) {
            const FailureWords failure = liveFailure(reader, m_controller.failureKind(m_id));
            m_remedies = failure.remedies;
            m_page.setFailure(failure.failure);
        } else {
            m_page.setFailure(std::nullopt);
        }
    }
    loadMisclassified();
}

void LivePresenter::pushHeader() {
    const engine::RunSummary& run = m_opened->reader.summary();
    const auto progress = m_id == m_controller.currentId() ? m_controller.progress() : std::nullopt;
    ui::LiveHeader header = liveHeader(run, m_library.stateOf(run), progress, m_library.colourOf(m_id));
    header.phases = livePhases(m_opened->reader, m_opened->thaw);
    m_page.setHeader(header);
    if (const auto* listed = m_library.find(m_id))
        m_page.setNote(words(listed->note));
}

void LivePresenter::loadMisclassified() {
    const int epoch = m_opened->reader.summary().epoch;
    if (epoch == m_samplesEpoch || m_samplesLoading)
        return;
    if (epoch == 0) {
        m_page.setMisclassified(0, 0, {});
        m_samplesEpoch = 0;
        return;
    }
    m_samplesLoading = true;
    m_background.run([folder = m_folder, epoch] { return readSamples(folder, epoch); },
                     [this, epoch, generation = m_generation](Outcome<Samples> outcome) {
                         m_samplesLoading = false;
                         if (generation == m_generation) {
                             m_samplesEpoch = epoch;
                             if (const auto* samples = std::get_if<0>(&outcome))
                                 m_page.setMisclassified(epoch, samples->wrong, samples->pictures);
                         }
                         if (m_opened)
                             loadMisclassified(); // another epoch may have ended, another run been chosen
                     });
}

} // namespace app
