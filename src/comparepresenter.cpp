#include "src/comparepresenter.h"

#include "engine/api/catalog.h"
#include "engine/api/importruns.h"
#include "engine/api/parameter.h"
#include "engine/api/run.h"
#include "src/comparetablemodel.h"
#include "src/metricwords.h"
#include "src/parallelaxes.h"
#include "src/realitycheck.h"
#include "src/runcurves.h"
#include "src/runlibrary.h"
#include "src/samplewords.h"
#include "src/values.h"
#include "ui/compare/comparepage.h"

#include <QEvent>
#include <QFileDialog>
#include <QSaveFile>
#include <QSettings>

#include <algorithm>

namespace app {
namespace {

constexpr int kUpdateMs = 100;

QString columnsKey() { return QStringLiteral("compare/columns"); }
QString widthsKey() { return QStringLiteral("compare/widths"); }

// Changes whenever the run does.
QString stampOf(const engine::RunSummary& run) {
    return QStringLiteral("%1 %2 %3 %4").arg(run.step).arg(run.epoch).arg(static_cast<int>(run.state)).arg(run.epochs);
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
    std::shared_ptr<const ValidatedRun> validated; // the best epoch's answers
    int epoch = 0;                                 // of them
    QString folder;
    QList<int> confusion; // empty: no validation yet, or no one class a sample
    ui::ClassScores scores;
    QString severalLabels; // what a sample is called where each may have several labels; else empty
    QString samples;       // "pictures"
    bool imported = false;

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
    const int epoch = telling(reader.summary(), RunIs::Over);
    auto samples = reader.samples(epoch);
    Loaded made;
    made.stamp = stampOf(run);
    made.run = {words(run.id), words(run.name), std::max(1, run.colour), {}, curves.curves().stepsPerEpoch};
    made.metrics = curves.curves().metrics;
    made.monitor = reader.summary().monitor;
    made.experiment = reader.experiment();
    made.classes = classes;
    made.epoch = epoch;
    made.folder = words(run.folder);
    made.confusion = confusionOf(samples, static_cast<int>(classes.size()));
    made.scores = scoresOf(made.confusion, classes);
    made.severalLabels = giveSeveralLabels(samples) ? sampleName(reader.summary().task) : QString();
    made.samples = samplesName(reader.summary().task);
    made.imported = run.device == engine::kImportedDevice;
    made.validated = std::make_shared<const ValidatedRun>(
        ValidatedRun{made.run.id, made.run.name, made.run.colour, reader.classNames(), std::move(samples)});
    return std::make_shared<const Loaded>(std::move(made));
}

ComparePresenter::ComparePresenter(ui::ComparePage& page, RunLibrary& library, QObject* parent)
    : QObject(parent),
      m_page(page),
      m_library(library),
      m_table(new CompareTableModel(library, this)),
      m_mistakes(page) {
    m_soon.setSingleShot(true);
    m_soon.setInterval(kUpdateMs);
    connect(&m_soon, &QTimer::timeout, this, &ComparePresenter::update);
    connect(&library, &RunLibrary::refreshed, &m_soon, qOverload<>(&QTimer::start));
    connect(&library, &RunLibrary::ticksChanged, &m_soon, qOverload<>(&QTimer::start));
    m_sorted.setSingleShot(true);
    m_sorted.setInterval(0);
    connect(&m_sorted, &QTimer::timeout, this, [this] { show(m_shown); });
    page.setModel(m_table);
    page.setFilterExample(conditionExample(m_table->firstMetric()));
    connectPage();
    recallLayout();
    page.installEventFilter(this);
}

void ComparePresenter::connectPage() {
    connect(&m_page, &ui::ComparePage::tickRequested, &m_library, [this](const QStringList& ids, bool ticked) {
        for (const QString& id : ids)
            m_library.setTicked(id, ticked);
    });
    connect(&m_page, &ui::ComparePage::starRequested, &m_library, &RunLibrary::setStarred);
    connect(&m_page, &ui::ComparePage::tickLastTwoRequested, this, &ComparePresenter::tickLastTwo);
    connect(&m_page, &ui::ComparePage::tickOnlyRequested, &m_library, [this](const QStringList& ids) {
        for (const QString& id : m_library.ticked())
            if (!ids.contains(id))
                m_library.setTicked(id, false);
    });
    const auto setReference = [this](const QString& id) {
        m_table->setReference(id);
        show(m_shown);
    };
    connect(&m_page, &ui::ComparePage::referenceChosen, this, setReference);
    connect(&m_page, &ui::ComparePage::referenceRequested, this,
            [this, setReference](const QString& id) { setReference(id == m_table->reference() ? QString() : id); });
    connect(&m_page, &ui::ComparePage::orderChanged, &m_sorted, qOverload<>(&QTimer::start));
    connect(&m_page, &ui::ComparePage::columnsChosen, this, &ComparePresenter::chooseColumns);
    connect(&m_page, &ui::ComparePage::columnsResized, this, [](const QHash<QString, int>& widths) {
        QVariantMap kept;
        for (auto width = widths.begin(); width != widths.end(); ++width)
            kept.insert(width.key(), width.value());
        QSettings().setValue(widthsKey(), kept);
    });
    connect(&m_page, &ui::ComparePage::tableExportRequested, this, &ComparePresenter::saveTable);
    connect(&m_page, &ui::ComparePage::picturesRequested, this, [this](const QString& id, ui::MistakeChoice choice) {
        if (const auto run = m_loaded.value(id))
            m_mistakes.showChosen(run->folder, run->epoch, choice);
    });
    connect(m_table, &QAbstractItemModel::modelReset, this, &ComparePresenter::showColumns);
}

// Columns and their widths are those of the last time.
void ComparePresenter::recallLayout() {
    m_table->setColumns(QSettings().value(columnsKey()).toStringList());
    QHash<QString, int> widths;
    const QVariantMap kept = QSettings().value(widthsKey()).toMap();
    for (auto width = kept.begin(); width != kept.end(); ++width)
        widths.insert(width.key(), width.value().toInt());
    m_page.setWidths(widths);
    showColumns();
}

void ComparePresenter::showColumns() { m_page.setColumns(m_table->choices()); }

void ComparePresenter::chooseColumns(const QStringList& keys) {
    QSettings().setValue(columnsKey(), keys);
    m_table->setColumns(keys);
}

void ComparePresenter::saveTable() {
    auto* dialog = new QFileDialog(&m_page, tr("Save the table"), QString(), tr("Tables (*.csv)"));
    dialog->setObjectName(QStringLiteral("tableDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("csv"));
    dialog->selectFile(tr("runs.csv"));
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& file) {
        QSaveFile out(file);
        if (!out.open(QIODevice::WriteOnly) || out.write(m_page.tableAsCsv().toUtf8()) < 0 || !out.commit())
            Q_EMIT failed(tr("The table is not saved"), tr("%1: %2").arg(file, out.errorString()));
    });
    dialog->open();
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
    const QStringList known = inOrder(ids);
    showCharts(known);
    showConfusion(known);
    showDifferences(known);
    showParallel(known);
    showReality(known);
}

QStringList ComparePresenter::inOrder(const QStringList& ids) const {
    QStringList known;
    for (const QString& id : m_page.order())
        if (ids.contains(id) && m_loaded.contains(id))
            known.append(id);
    if (const auto reference = known.indexOf(m_table->reference()); reference > 0)
        known.move(reference, 0);
    return known;
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
    QString note = tr("None of these runs was validated yet.");
    for (const auto& id : ids) {
        const Loaded& one = *m_loaded.value(id);
        if (!one.confusion.isEmpty())
            matrices.append({one.run.id, one.run.name, one.run.colour, one.classes, one.confusion, one.scores});
        if (!one.severalLabels.isEmpty())
            note = tr("These runs give several labels to a %1, so none is taken for another.").arg(one.severalLabels);
    }
    QString samples = ids.isEmpty() ? QString() : m_loaded.value(ids.first())->samples;
    if (!samples.isEmpty())
        samples[0] = samples[0].toUpper();
    m_page.setConfusion(matrices, note, samples);
}

// Counting is quick, but not where there are fifty thousand samples and twenty runs.
void ComparePresenter::showReality(const QStringList& ids) {
    std::vector<std::shared_ptr<const ValidatedRun>> runs;
    for (const auto& id : ids)
        if (const auto& validated = m_loaded.value(id)->validated; !validated->samples.empty())
            runs.push_back(validated);
    if (runs == m_held)
        return; // nothing changed since it was asked
    m_held = runs;
    ++m_question;
    if (runs.size() < 2) {
        m_page.setReality({},
                          tr("Two validated runs are needed. Answers to each sample are kept from each validation."));
        return;
    }
    m_background.run([runs, samples = m_loaded.value(ids.first())->samples] { return realityOf(runs, samples); },
                     [this, question = m_question](const Outcome<ui::RealityCheck>& outcome) {
                         if (const auto* check = std::get_if<0>(&outcome); check && question == m_question)
                             m_page.setReality(*check, {});
                     });
}

void ComparePresenter::showDifferences(const QStringList& ids) {
    ui::Differences made;
    std::vector<engine::Experiment> experiments;
    for (const auto& id : ids) {
        const auto& one = *m_loaded.value(id);
        if (one.imported) // it has no settings that could differ
            continue;
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

void ComparePresenter::showParallel(const QStringList& ids) {
    ui::ParallelRuns made;
    std::vector<engine::Experiment> experiments;
    std::vector<const engine::RunSummary*> runs;
    for (const auto& id : ids) {
        const auto* run = m_library.find(id);
        const Loaded& one = *m_loaded.value(id);
        if (one.imported || !run)
            continue;
        made.ids.append(id);
        made.names.append(one.run.name);
        made.colours.append(one.run.colour);
        experiments.push_back(one.experiment);
        runs.push_back(run);
    }
    if (runs.size() >= 2)
        made.axes = settingAxes(experiments) + resultAxes(runs);
    m_page.setParallel(made);
}

// The settings of all runs, for the table's columns; each is read once.
void ComparePresenter::loadExperiments() {
    std::vector<std::pair<QString, std::filesystem::path>> missing;
    for (const auto& run : m_library.runs())
        if (!m_experiments.contains(words(run.id)) && run.device != engine::kImportedDevice)
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
