#include "src/comparepresenter.h"

#include "engine/api/catalog.h"
#include "engine/api/parameter.h"
#include "engine/api/run.h"
#include "engine/api/tasks.h"
#include "src/comparetablemodel.h"
#include "src/metricwords.h"
#include "src/runcurves.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/compare/comparepage.h"

#include <QEvent>

#include <algorithm>

namespace app {
namespace {

constexpr int kSoonMs = 100;
constexpr qsizetype kMostMatrices = 2;

// Changes whenever the run does.
QString stampOf(const engine::RunSummary& run) {
    return QStringLiteral("%1 %2 %3 %4").arg(run.step).arg(run.epoch).arg(static_cast<int>(run.state)).arg(run.epochs);
}

QList<int> confusionOf(const std::vector<engine::SampleResult>& samples, int count) {
    QList<int> counts(qsizetype(count) * count, 0);
    bool any = false;
    for (const auto& sample : samples) {
        if (sample.label < 0 || sample.label >= count || sample.predicted < 0 || sample.predicted >= count)
            continue;
        ++counts[qsizetype(sample.label) * count + sample.predicted];
        any = true;
    }
    return any ? counts : QList<int>();
}

bool giveSeveralLabels(const std::vector<engine::SampleResult>& samples) {
    return std::ranges::any_of(samples, [](const auto& sample) { return sample.predictedLabels.has_value(); });
}

// "picture", as the task's people call it.
QString sampleName(const std::string& task) {
    for (const engine::TaskInfo& known : engine::tasks())
        if (known.name == task)
            return words(known.sample);
    return ComparePresenter::tr("sample");
}

ui::CompareChart chartOf(const engine::MetricInfo& metric) {
    const QString label = lowerLabel(metric);
    return {metric.unit.empty() ? ComparePresenter::tr("Validation %1").arg(label)
                                : ComparePresenter::tr("Validation %1, %2").arg(label, words(metric.unit)),
            chartUnit(metric)};
}

} // namespace

struct ComparePresenter::Loaded {
    QString stamp;
    ui::CompareRun run; // without its curves
    QList<ui::MetricCurves> metrics;
    std::string monitor;
    engine::Experiment experiment;
    QStringList classes;
    QList<int> confusion;  // empty: no validation yet, or no one class a sample
    QString severalLabels; // what a sample is called where each may have several labels; else empty

    [[nodiscard]] ui::CompareCurve curveOf(const std::string& metric) const {
        const auto found = std::ranges::find(metrics, words(metric), &ui::MetricCurves::name);
        if (found == metrics.end())
            return {};
        return {found->validation, metric == monitor ? found->bestStep : -1};
    }
    static std::shared_ptr<const Loaded> read(const engine::RunSummary& run);
};

std::shared_ptr<const ComparePresenter::Loaded> ComparePresenter::Loaded::read(const engine::RunSummary& run) {
    const engine::RunReader reader(run.folder);
    RunCurves curves({}, {});
    curves.read(reader);
    QStringList classes;
    for (const auto& name : reader.classNames())
        classes.append(words(name));
    const auto samples = reader.samples(reader.summary().bestEpoch);
    return std::make_shared<const Loaded>(
        Loaded{stampOf(run),
               {words(run.id), words(run.name), std::max(1, run.colour), {}, curves.curves().stepsPerEpoch},
               curves.curves().metrics,
               reader.summary().monitor,
               reader.experiment(),
               classes,
               confusionOf(samples, static_cast<int>(classes.size())),
               giveSeveralLabels(samples) ? sampleName(reader.summary().task) : QString()});
}

ComparePresenter::ComparePresenter(ui::ComparePage& page, RunLibrary& library, QObject* parent)
    : QObject(parent), m_page(page), m_library(library), m_table(new CompareTableModel(library, this)) {
    m_soon.setSingleShot(true);
    m_soon.setInterval(kSoonMs);
    connect(&m_soon, &QTimer::timeout, this, &ComparePresenter::update);
    connect(&library, &RunLibrary::refreshed, &m_soon, qOverload<>(&QTimer::start));
    connect(&library, &RunLibrary::ticksChanged, &m_soon, qOverload<>(&QTimer::start));
    page.setModel(m_table);
    page.setFilterExample(conditionExample(m_table->firstMetric()));
    connect(&page, &ui::ComparePage::tickRequested, &library, &RunLibrary::setTicked);
    connect(&page, &ui::ComparePage::starRequested, &library, &RunLibrary::setStarred);
    connect(&page, &ui::ComparePage::tickLastTwoRequested, this, &ComparePresenter::tickLastTwo);
    connect(&page, &ui::ComparePage::referenceRequested, this, [this](const QString& id) {
        m_table->setReference(id);
        show(m_shown);
    });
    page.installEventFilter(this);
}

ComparePresenter::~ComparePresenter() = default;

bool ComparePresenter::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &m_page && event->type() == QEvent::Show)
        m_soon.start();
    return QObject::eventFilter(watched, event);
}

void ComparePresenter::tickLastTwo() {
    int left = 2;
    for (const auto& run : m_library.runs()) {
        if (left == 0)
            return;
        if (run.best.empty())
            continue;
        m_library.setTicked(words(run.id), true);
        --left;
    }
}

// Reads the ticked runs that changed since they were read, then shows all of them.
void ComparePresenter::update() {
    if (!m_page.isVisible())
        return;
    if (m_reading) {
        m_again = true;
        return;
    }
    loadExperiments();
    const QStringList ids = m_library.ticked();
    std::vector<engine::RunSummary> stale;
    bool gone = ids != m_shown;
    for (const auto& id : ids) {
        const auto* run = m_library.find(id);
        const auto known = m_loaded.value(id);
        if (!known || known->stamp != stampOf(*run))
            stale.push_back(*run);
    }
    m_page.setCounts(static_cast<int>(ids.size()), m_library.rowCount());
    m_page.setFilterExample(conditionExample(m_table->firstMetric()));
    if (stale.empty()) {
        if (gone)
            show(ids);
        return;
    }
    m_reading = true;
    m_background.run(
        [stale] {
            std::vector<std::shared_ptr<const Loaded>> all;
            for (const auto& run : stale)
                all.push_back(Loaded::read(run));
            return all;
        },
        [this](Outcome<std::vector<std::shared_ptr<const Loaded>>> outcome) {
            m_reading = false;
            if (const auto* all = std::get_if<0>(&outcome)) {
                for (const auto& one : *all)
                    m_loaded.insert(one->run.id, one);
                show(m_library.ticked());
            }
            if (std::exchange(m_again, false))
                m_soon.start();
        });
}

void ComparePresenter::show(const QStringList& ids) {
    m_shown = ids;
    QStringList known;
    for (const auto& id : ids)
        if (m_loaded.contains(id))
            known.append(id);
    if (const auto reference = known.indexOf(m_table->reference()); reference > 0)
        known.move(reference, 0);
    showCharts(known);
    showConfusion(known);
    showDifferences(known);
}

// By what the first run is judged by, and by the loss.
void ComparePresenter::showCharts(const QStringList& ids) {
    QStringList names{words(ids.isEmpty() ? usualMonitor() : m_loaded.value(ids.first())->monitor),
                      words(lossMetric().name)};
    names.removeDuplicates();
    QList<ui::CompareChart> charts;
    for (const auto& name : names)
        charts.append(chartOf(engine::findMetric(name.toStdString())));
    QList<ui::CompareRun> runs;
    for (const auto& id : ids) {
        const Loaded& one = *m_loaded.value(id);
        ui::CompareRun run = one.run;
        for (const auto& name : names)
            run.curves.append(one.curveOf(name.toStdString()));
        runs.append(run);
    }
    m_page.setRuns(charts, runs);
}

void ComparePresenter::showConfusion(const QStringList& ids) {
    QList<ui::ConfusionMatrix> matrices;
    QString note;
    for (const auto& id : ids) {
        const Loaded& one = *m_loaded.value(id);
        if (!one.confusion.isEmpty() && matrices.size() < kMostMatrices)
            matrices.append({one.run.name, one.run.colour, one.classes, one.confusion});
        if (!one.severalLabels.isEmpty())
            note = tr("These runs give several labels to a %1, so none is taken for another.").arg(one.severalLabels);
    }
    m_page.setConfusion(matrices, note);
}

void ComparePresenter::showDifferences(const QStringList& ids) {
    ui::Differences made;
    std::vector<engine::Experiment> experiments;
    for (const auto& id : ids) {
        const auto& one = *m_loaded.value(id);
        made.names.append(one.run.name);
        made.colours.append(one.run.colour);
        experiments.push_back(one.experiment);
    }
    made.settings = static_cast<int>(engine::experimentParameters().size());
    if (experiments.size() >= 2)
        for (const auto& difference : engine::differences(experiments)) {
            ui::DifferenceRow row{words(difference.label), {}, {}};
            for (const auto& value : difference.values) {
                row.values.append(words(value));
                row.stands.append(value != difference.values.front());
            }
            made.rows.append(row);
        }
    m_page.setDifferences(made);
}

// The settings of all runs, for the table's columns; each is read once.
void ComparePresenter::loadExperiments() {
    std::vector<std::pair<QString, std::filesystem::path>> missing;
    for (const auto& run : m_library.runs())
        if (!m_experiments.contains(words(run.id)))
            missing.emplace_back(words(run.id), run.folder / "experiment.toml");
    if (missing.empty() || m_readingExperiments)
        return;
    m_readingExperiments = true;
    m_background.run(
        [missing] {
            QHash<QString, engine::Experiment> read;
            for (const auto& [id, file] : missing) {
                try {
                    read.insert(id, engine::readExperiment(file));
                } catch (const engine::Error&) {
                    read.insert(id, {}); // a damaged file: its row has no settings, and it is not asked for again
                }
            }
            return read;
        },
        [this](Outcome<QHash<QString, engine::Experiment>> outcome) {
            m_readingExperiments = false;
            if (const auto* read = std::get_if<0>(&outcome)) {
                m_experiments.insert(*read);
                m_table->setExperiments(m_experiments);
            }
        });
}

} // namespace app
