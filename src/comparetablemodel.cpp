#include "src/comparetablemodel.h"

#include "engine/api/parameter.h"
#include "src/metricwords.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/format.h"

#include <QDateTime>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

constexpr int kMostSettings = 4; // more stand in the list of differences

QString nowWords(double startedAt) {
    return ui::formatWhen(startedAt, static_cast<double>(QDateTime::currentSecsSinceEpoch()));
}

double valueOf(const std::map<std::string, double>& values, const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nan("") : found->second;
}

// By what the runs that have a result are judged, those of the oldest run first; there is always one.
std::vector<std::string> monitorsOf(const std::vector<engine::RunSummary>& runs) {
    std::vector<std::string> made;
    for (auto run = runs.rbegin(); run != runs.rend(); ++run)
        if (!run->best.empty() && std::ranges::find(made, run->monitor) == made.end())
            made.push_back(run->monitor);
    if (made.empty())
        made.push_back(runs.empty() ? usualMonitor() : runs.back().monitor);
    return made;
}

QString stateWords(ui::RunListState state) {
    using State = ui::RunListState;
    switch (state) {
    case State::Running:
        return QObject::tr("Running");
    case State::Paused:
        return QObject::tr("Paused");
    case State::Queued:
        return QObject::tr("Queued");
    case State::Finished:
        return QObject::tr("Finished");
    case State::Stopped:
        return QObject::tr("Stopped");
    case State::NotStarted:
        return QObject::tr("Not started");
    case State::Interrupted:
        return QObject::tr("Interrupted");
    case State::Failed:
        break;
    }
    return QObject::tr("Failed");
}

} // namespace

CompareTableModel::CompareTableModel(const RunLibrary& library, QObject* parent)
    : QAbstractTableModel(parent), m_library(library), m_rows(library.rowCount()) {
    connect(&library, &RunLibrary::modelAboutToBeReset, this, [this] { beginResetModel(); });
    connect(&library, &RunLibrary::modelReset, this, [this] {
        m_rows = m_library.rowCount();
        findMetrics();
        findSettings();
        makeColumns();
        endResetModel();
    });
    connect(&library, &RunLibrary::dataChanged, this,
            [this](const QModelIndex& first, const QModelIndex& last) { rowsChanged(first.row(), last.row()); });
    findMetrics();
    makeColumns();
}

// A run that has begun may be judged by what no other is.
void CompareTableModel::rowsChanged(int first, int last) {
    if (monitorsOf(m_library.runs()) == m_monitors) {
        Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
        return;
    }
    beginResetModel();
    findMetrics();
    makeColumns();
    endResetModel();
}

void CompareTableModel::findMetrics() {
    m_monitors = monitorsOf(m_library.runs());
    m_metrics.clear();
    for (const std::string& name : m_monitors)
        m_metrics.append(engine::findMetric(name));
}

QString CompareTableModel::keyOf(const Column& column) {
    switch (column.kind) {
    case Kind::Name:
        return QStringLiteral("name");
    case Kind::Best:
        return QStringLiteral("best/") + column.of;
    case Kind::Last:
        return QStringLiteral("last/") + column.of;
    case Kind::BestEpoch:
        return QStringLiteral("best_epoch");
    case Kind::BestLoss:
        return QStringLiteral("loss_there");
    case Kind::Trained:
        return QStringLiteral("trained");
    case Kind::Time:
        return QStringLiteral("time");
    case Kind::Speed:
        return QStringLiteral("speed");
    case Kind::Started:
        return QStringLiteral("started");
    case Kind::Device:
        return QStringLiteral("device");
    case Kind::State:
        return QStringLiteral("state");
    case Kind::Setting:
        break;
    }
    return QStringLiteral("setting/") + column.of;
}

QList<CompareTableModel::Column> CompareTableModel::usualColumns() const {
    QList<Column> made;
    for (const engine::MetricInfo& metric : m_metrics)
        made.append({{Kind::Best, words(metric.name)}, {Kind::Last, words(metric.name)}});
    made.append({Kind::BestEpoch, {}});
    if (m_metrics.first().name != lossMetric().name || m_metrics.size() > 1)
        made.append({Kind::BestLoss, {}});
    for (const Kind kind : {Kind::Trained, Kind::Time, Kind::Speed, Kind::Device, Kind::State})
        made.append({kind, {}});
    for (const QString& key : m_differing)
        made.append({Kind::Setting, key});
    return made;
}

QList<CompareTableModel::Column> CompareTableModel::allColumns() const {
    QList<Column> made = usualColumns();
    const auto add = [&made](const Column& column) {
        if (!made.contains(column))
            made.append(column);
    };
    for (const std::string& metric : measuredMetrics()) {
        add({Kind::Best, words(metric)});
        add({Kind::Last, words(metric)});
    }
    add({Kind::Started, {}});
    std::ranges::stable_partition(made, [](const Column& column) { return column.kind != Kind::Setting; });
    for (const engine::Parameter& parameter : engine::experimentParameters())
        add({Kind::Setting, words(parameter.key)});
    return made;
}

void CompareTableModel::makeColumns() {
    const QList<Column> usual = usualColumns();
    m_columns = {{Kind::Name, {}}};
    for (const Column& column : m_chosen.isEmpty() ? usual : allColumns())
        if (m_chosen.isEmpty() || m_chosen.contains(keyOf(column)))
            m_columns.append(column);
    if (m_columns.size() == 1)
        m_columns.append(usual); // none of those that were chosen is there any more
}

void CompareTableModel::setColumns(const QStringList& keys) {
    if (keys == m_chosen)
        return;
    beginResetModel();
    m_chosen = keys;
    makeColumns();
    endResetModel();
}

QList<ui::ColumnChoice> CompareTableModel::choices() const {
    QList<ui::ColumnChoice> made;
    for (const Column& column : allColumns())
        made.append({keyOf(column), head(column), column.kind == Kind::Setting ? tr("Settings") : tr("Results"),
                     m_columns.contains(column)});
    return made;
}

std::vector<std::string> CompareTableModel::measuredMetrics() const {
    std::vector<std::string> made;
    for (const engine::RunSummary& run : m_library.runs())
        for (const auto& [series, value] : run.last)
            if (const auto metric = engine::metricOfSeries(series);
                metric && series == engine::validationSeries(*metric) && std::ranges::find(made, *metric) == made.end())
                made.push_back(*metric);
    return made;
}

void CompareTableModel::setExperiments(const QHash<QString, engine::Experiment>& experiments) {
    beginResetModel();
    m_experiments = experiments;
    findSettings();
    makeColumns();
    endResetModel();
}

void CompareTableModel::findSettings() {
    m_settings.clear();
    m_differing.clear();
    std::vector<engine::Experiment> experiments;
    QStringList ids;
    for (const auto& run : m_library.runs())
        if (const auto found = m_experiments.find(words(run.id)); found != m_experiments.end()) {
            experiments.push_back(*found);
            ids.append(words(run.id));
        }
    if (experiments.size() < 2)
        return;
    for (const auto& difference : engine::differences(experiments)) {
        if (m_differing.size() == kMostSettings)
            break;
        m_differing.append(words(difference.key));
        Setting& setting = m_settings[words(difference.key)];
        setting.label = words(difference.label);
        for (qsizetype i = 0; i < ids.size(); ++i)
            setting.values.insert(ids[i], words(difference.values[static_cast<std::size_t>(i)]));
    }
}

void CompareTableModel::setReference(const QString& id) {
    m_reference = id;
    if (m_rows > 0)
        Q_EMIT dataChanged(index(0, 0), index(m_rows - 1, columnCount() - 1));
}

int CompareTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : m_rows; }

int CompareTableModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant CompareTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= m_columns.size())
        return {};
    const Column& column = m_columns.at(section);
    switch (role) {
    case Qt::TextAlignmentRole:
        return int((isText(column) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    case ui::ColumnKeyRole:
        return keyOf(column);
    case ui::ColumnCsvRole:
        return column.kind == Kind::Time ? tr("Time, s") : head(column);
    case Qt::InitialSortOrderRole: // the best on top
        if (const auto metric = judge(column))
            return QVariant::fromValue(metric->better == engine::Better::Higher ? Qt::DescendingOrder
                                                                                : Qt::AscendingOrder);
        return {};
    case Qt::DisplayRole:
        return head(column);
    default:
        return {};
    }
}

bool CompareTableModel::isText(const Column& column) const {
    return column.kind == Kind::Name || column.kind >= Kind::Started;
}

QString CompareTableModel::head(const Column& column) const {
    switch (column.kind) {
    case Kind::Name:
        return tr("Run");
    case Kind::State:
        return tr("State");
    case Kind::Best:
        return tr("Best %1").arg(lowerLabel(engine::findMetric(column.of.toStdString())));
    case Kind::Last: {
        const bool theOne = m_metrics.size() == 1 && words(m_metrics.first().name) == column.of;
        return theOne ? tr("Last") : tr("Last %1").arg(lowerLabel(engine::findMetric(column.of.toStdString())));
    }
    case Kind::BestEpoch:
        return tr("Best at epoch");
    case Kind::BestLoss:
        return tr("%1 there").arg(words(lossMetric().label));
    case Kind::Time:
        return tr("Time");
    case Kind::Speed:
        return tr("Pictures/s");
    case Kind::Trained:
        return tr("Parameters trained");
    case Kind::Started:
        return tr("Started");
    case Kind::Device:
        return tr("Device");
    case Kind::Setting:
        break;
    }
    const engine::Parameter* parameter = engine::findParameter(column.of.toStdString());
    const QString label = parameter ? words(parameter->label) : column.of;
    return m_settings.contains(column.of) ? m_settings.value(column.of).label : label;
}

std::optional<engine::MetricInfo> CompareTableModel::judge(const Column& column) const {
    if (column.kind == Kind::Best || column.kind == Kind::Last)
        return engine::findMetric(column.of.toStdString());
    return column.kind == Kind::BestLoss ? std::optional(lossMetric()) : std::nullopt;
}

double CompareTableModel::measured(const engine::RunSummary& run, const Column& column) const {
    const auto metric = judge(column);
    if (!metric)
        return std::nan("");
    return valueOf(column.kind == Kind::Last ? run.last : run.best, engine::validationSeries(metric->name));
}

QString CompareTableModel::cell(const engine::RunSummary& run, const Column& column) const {
    switch (column.kind) {
    case Kind::Name:
        return words(run.name);
    case Kind::State:
        return stateWords(m_library.stateOf(run));
    case Kind::Best:
    case Kind::Last:
    case Kind::BestLoss:
        return formatMetric(*judge(column), measured(run, column));
    case Kind::BestEpoch:
        return run.bestEpoch > 0 ? QString::number(run.bestEpoch) : ui::missing();
    case Kind::Time:
        return run.seconds > 0 ? ui::formatSpan(run.seconds) : ui::missing();
    case Kind::Trained:
        return run.trainableParameters > 0 ? ui::formatCount(static_cast<double>(run.trainableParameters))
                                           : ui::missing();
    case Kind::Speed:
        return ui::formatCount(std::round(valueOf(run.last, "throughput/samples_per_s")));
    case Kind::Started:
        return run.startedAt > 0 ? nowWords(run.startedAt) : ui::missing();
    case Kind::Device:
        return run.device.empty() ? ui::missing() : words(run.device);
    case Kind::Setting:
        break;
    }
    return settingOf(words(run.id), column.of);
}

// Those in which runs differ are known; others are looked up where they are shown.
QString CompareTableModel::settingOf(const QString& run, const QString& key) const {
    if (const auto known = m_settings.constFind(key); known != m_settings.constEnd())
        return known->values.value(run, ui::missing());
    const auto experiment = m_experiments.constFind(run);
    if (experiment == m_experiments.constEnd() || engine::findParameter(key.toStdString()) == nullptr)
        return ui::missing();
    const QString value = words(engine::parameterValue(*experiment, key.toStdString()));
    return value.isEmpty() ? ui::missing() : value;
}

QVariant CompareTableModel::sortValue(const engine::RunSummary& run, const Column& column) const {
    const auto orMissing = [](auto value) { return value > 0 ? static_cast<double>(value) : std::nan(""); };
    switch (column.kind) {
    case Kind::Best:
    case Kind::Last:
    case Kind::BestLoss:
        return measured(run, column);
    case Kind::BestEpoch:
        return orMissing(run.bestEpoch);
    case Kind::Time:
        return orMissing(run.seconds);
    case Kind::Trained:
        return orMissing(run.trainableParameters);
    case Kind::Speed:
        return valueOf(run.last, "throughput/samples_per_s");
    case Kind::Started:
        return orMissing(run.startedAt);
    default:
        break;
    }
    const QString text = cell(run, column);
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    return isNumber ? QVariant(number) : QVariant(text);
}

bool CompareTableModel::bestInColumn(const engine::RunSummary& run, const Column& column) const {
    const auto metric = judge(column);
    if (!metric && column.kind != Kind::Time)
        return false;
    const double mine = sortValue(run, column).toDouble();
    // The time of a run that is not over says nothing yet.
    const auto counts = [&](const engine::RunSummary& one) {
        return column.kind != Kind::Time || one.state == engine::RunState::Finished;
    };
    if (!std::isfinite(mine) || m_library.runs().size() < 2 || !counts(run))
        return false;
    return std::none_of(m_library.runs().begin(), m_library.runs().end(), [&](const engine::RunSummary& other) {
        const double value = sortValue(other, column).toDouble();
        return counts(other) && (metric ? engine::isBetter(*metric, value, mine) : value < mine);
    });
}

QVariant CompareTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_library.rowCount() || index.column() >= columnCount())
        return {};
    const engine::RunSummary& run = m_library.runs()[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return cell(run, m_columns.at(index.column()));
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case ui::RunReferenceRole:
        return !m_reference.isEmpty() && words(run.id) == m_reference;
    case ui::RunBestInColumnRole:
        return bestInColumn(run, m_columns.at(index.column()));
    case ui::RunSortRole:
        return sortValue(run, m_columns.at(index.column()));
    default:
        return m_library.data(m_library.index(index.row()), role);
    }
}

} // namespace app
