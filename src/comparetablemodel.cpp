#include "src/comparetablemodel.h"

#include "src/metricwords.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/format.h"

#include <algorithm>
#include <cmath>

namespace app {
namespace {

constexpr int kMostSettings = 4; // more stand in the list of differences

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

void CompareTableModel::makeColumns() {
    m_columns = {{Kind::Name, 0}};
    for (int i = 0; i < m_metrics.size(); ++i)
        m_columns.append({{Kind::Best, i}, {Kind::Last, i}});
    m_columns.append({Kind::BestEpoch, 0});
    if (m_metrics.first().name != lossMetric().name || m_metrics.size() > 1)
        m_columns.append({Kind::BestLoss, 0});
    for (const Kind kind : {Kind::Trained, Kind::Time, Kind::Speed, Kind::Device, Kind::State})
        m_columns.append({kind, 0});
    for (int i = 0; i < m_settings.size(); ++i)
        m_columns.append({Kind::Setting, i});
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
    std::vector<engine::Experiment> experiments;
    QStringList ids;
    for (const auto& run : m_library.runs()) {
        const auto found = m_experiments.find(words(run.id));
        if (found == m_experiments.end())
            continue;
        experiments.push_back(*found);
        ids.append(words(run.id));
    }
    if (experiments.size() < 2)
        return;
    for (const auto& difference : engine::differences(experiments)) {
        if (m_settings.size() == kMostSettings)
            break;
        Setting setting{words(difference.key), words(difference.label), {}};
        for (qsizetype i = 0; i < ids.size(); ++i)
            setting.values.insert(ids[i], words(difference.values[static_cast<std::size_t>(i)]));
        m_settings.append(setting);
    }
}

void CompareTableModel::setReference(const QString& id) {
    m_reference = id == m_reference ? QString() : id;
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
    case Qt::TextAlignmentRole: {
        const bool text = column.kind == Kind::Name || column.kind >= Kind::Device;
        return int((text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
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

QString CompareTableModel::head(const Column& column) const {
    switch (column.kind) {
    case Kind::Name:
        return tr("Run");
    case Kind::State:
        return tr("State");
    case Kind::Best:
        return tr("Best %1").arg(lowerLabel(m_metrics.at(column.of)));
    case Kind::Last:
        return m_metrics.size() == 1 ? tr("Last") : tr("Last %1").arg(lowerLabel(m_metrics.at(column.of)));
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
    case Kind::Device:
        return tr("Device");
    case Kind::Setting:
        break;
    }
    return m_settings.at(column.of).label;
}

std::optional<engine::MetricInfo> CompareTableModel::judge(const Column& column) const {
    if (column.kind == Kind::Best || column.kind == Kind::Last)
        return m_metrics.at(column.of);
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
    case Kind::Device:
        return run.device.empty() ? ui::missing() : words(run.device);
    case Kind::Setting:
        break;
    }
    return m_settings.at(column.of).values.value(words(run.id), ui::missing());
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
