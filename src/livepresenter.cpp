#include "src/livepresenter.h"

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

// Of wrong answers the surest are the worst; where each label is a question of its own, those of the greatest loss.
bool isWorse(const engine::SampleResult& a, const engine::SampleResult& b) {
    return a.predictedLabels && b.predictedLabels ? a.loss > b.loss : a.probability > b.probability;
}

QStringList namesWithout(const std::vector<int>& labels, const std::vector<int>& others, const auto& name) {
    QStringList names;
    for (const int label : labels)
        if (std::ranges::find(others, label) == others.end())
            names.append(name(label));
    return names;
}

// The wrong answers after `epoch`, worst first, the first of them with their pictures.
Samples readSamples(const QString& folder, int epoch) {
    const engine::RunReader reader(toPath(folder));
    auto samples = reader.samples(epoch);
    std::erase_if(samples, [](const auto& sample) { return sample.right(); });
    std::ranges::stable_sort(samples, isWorse);
    Samples made;
    made.wrong = static_cast<int>(samples.size());
    samples.resize(std::min(samples.size(), kMostPictures));
    const auto data = dataRoot(reader.experiment().dataPath());
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
                                  static_cast<double>(sample.probability),
                                  {},
                                  {}};
        if (sample.predictedLabels) {
            picture.missed = namesWithout(sample.labels, *sample.predictedLabels, name);
            picture.wrong = namesWithout(*sample.predictedLabels, sample.labels, name);
        }
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
    std::shared_ptr<const RunPlan> plan; // none: it never worked
};

LivePresenter::LivePresenter(ui::LivePage& page, RunController& controller, RunLibrary& library, QObject* parent)
    : QObject(parent), m_page(page), m_controller(controller), m_library(library), m_thaw(controller) {
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
        if (id == m_id)
            m_thaw.undo();
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

QString LivePresenter::log() const { return m_opened ? wholeLog(m_opened->reader) : QString(); }

void LivePresenter::show(const QString& id, const QString& folder) {
    if (id == m_id && !id.isEmpty() && m_opened)
        return;
    m_id = id;
    m_folder = folder;
    m_opened.reset();
    m_samplesEpoch = -1;
    ++m_generation;
    m_thaw.show({}, {}, nullptr);
    schedule();
    if (id.isEmpty()) {
        m_page.showEmpty();
        return;
    }
    m_background.run(
        [path = toPath(folder)] {
            engine::RunReader reader(path);
            std::shared_ptr<const RunPlan> plan;
            try {
                plan = std::make_shared<const RunPlan>(readRunPlan(path, static_cast<int>(reader.classNames().size())));
            } catch (const engine::Error&) {
                plan.reset(); // no band below its charts
            }
            RunCurves curves(plan ? plan->outcomes : Plan(), plan ? plan->tree : Tree());
            auto opened = std::make_shared<Opened>(Opened{std::move(reader), std::move(curves), std::move(plan)});
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
    m_thaw.follow(m_opened->reader);
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
    m_page.setFacts(liveFacts(reader, progress));
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
    const auto progress = progressNow();
    ui::LiveHeader header = liveHeader(run, m_library.stateOf(run), progress, m_library.colourOf(m_id));
    header.phases = livePhases(m_opened->reader, m_thaw.plan());
    m_page.setHeader(header);
    if (const auto* listed = m_library.find(m_id))
        m_page.setNote(words(listed->note));
}

void LivePresenter::pushThaw() {
    if (!m_opened)
        return;
    m_page.setThaw(m_thaw.plan(), m_thaw.schedule());
    m_page.setChanges(m_thaw.changes(liveChanges(m_opened->reader)));
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
