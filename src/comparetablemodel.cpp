#include "src/comparetablemodel.h"

#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/format.h"

#include <cmath>

namespace app {
namespace {

constexpr int kMostSettings = 4; // more stand in the list of differences

double valueOf(const std::map<std::string, double>& values, const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nan("") : found->second;
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
        findSettings();
        endResetModel();
    });
    connect(&library, &RunLibrary::dataChanged, this, [this](const QModelIndex& first, const QModelIndex& last) {
        Q_EMIT dataChanged(index(first.row(), 0), index(last.row(), columnCount() - 1));
    });
}

void CompareTableModel::setExperiments(const QHash<QString, engine::Experiment>& experiments) {
    beginResetModel();
    m_experiments = experiments;
    findSettings();
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
    return parent.isValid() ? 0 : Fixed + static_cast<int>(m_settings.size());
}

QVariant CompareTableModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole) {
        const bool text = section == Name || section >= Device;
        return int((text ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Name:
        return tr("Run");
    case State:
        return tr("State");
    case BestAccuracy:
        return tr("Best accuracy");
    case BestEpoch:
        return tr("Best at epoch");
    case BestLoss:
        return tr("Loss there");
    case LastAccuracy:
        return tr("Last");
    case Time:
        return tr("Time");
    case Speed:
        return tr("Pictures/s");
    case Trained:
        return tr("Parameters trained");
    case Device:
        return tr("Device");
    default:
        return section - Fixed < m_settings.size() ? m_settings.at(section - Fixed).label : QVariant();
    }
}

QString CompareTableModel::cell(const engine::RunSummary& run, int column) const {
    switch (column) {
    case Name:
        return words(run.name);
    case State:
        return stateWords(m_library.stateOf(run));
    case BestAccuracy:
        return ui::formatPercent(valueOf(run.best, "validation/accuracy"));
    case BestEpoch:
        return run.bestEpoch > 0 ? QString::number(run.bestEpoch) : ui::missing();
    case BestLoss:
        return ui::formatLoss(valueOf(run.best, "validation/loss"));
    case LastAccuracy:
        return ui::formatPercent(valueOf(run.last, "validation/accuracy"));
    case Time:
        return run.seconds > 0 ? ui::formatSpan(run.seconds) : ui::missing();
    case Trained:
        return run.trainableParameters > 0 ? ui::formatCount(static_cast<double>(run.trainableParameters))
                                           : ui::missing();
    case Speed:
        return ui::formatCount(std::round(valueOf(run.last, "throughput/samples_per_s")));
    case Device:
        return run.device.empty() ? ui::missing() : words(run.device);
    default:
        return m_settings.at(column - Fixed).values.value(words(run.id), ui::missing());
    }
}

QVariant CompareTableModel::sortValue(const engine::RunSummary& run, int column) const {
    const auto orMissing = [](auto value) { return value > 0 ? static_cast<double>(value) : std::nan(""); };
    switch (column) {
    case BestAccuracy:
        return valueOf(run.best, "validation/accuracy");
    case BestEpoch:
        return orMissing(run.bestEpoch);
    case BestLoss:
        return valueOf(run.best, "validation/loss");
    case LastAccuracy:
        return valueOf(run.last, "validation/accuracy");
    case Time:
        return orMissing(run.seconds);
    case Trained:
        return orMissing(run.trainableParameters);
    case Speed:
        return valueOf(run.last, "throughput/samples_per_s");
    default:
        break;
    }
    const QString text = cell(run, column);
    bool isNumber = false;
    const double number = text.toDouble(&isNumber);
    return isNumber ? QVariant(number) : QVariant(text);
}

bool CompareTableModel::bestInColumn(const engine::RunSummary& run, int column) const {
    const bool more = column == BestAccuracy || column == LastAccuracy;
    if (!more && column != BestLoss && column != Time)
        return false;
    const double mine = sortValue(run, column).toDouble();
    // The time of a run that is not over says nothing yet.
    const auto counts = [&](const engine::RunSummary& one) {
        return column != Time || one.state == engine::RunState::Finished;
    };
    if (!std::isfinite(mine) || m_library.runs().size() < 2 || !counts(run))
        return false;
    return std::none_of(m_library.runs().begin(), m_library.runs().end(), [&](const engine::RunSummary& other) {
        const double value = sortValue(other, column).toDouble();
        return counts(other) && (more ? value > mine : value < mine);
    });
}

QVariant CompareTableModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid() || index.row() >= m_library.rowCount() || index.column() >= columnCount())
        return {};
    const engine::RunSummary& run = m_library.runs()[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return cell(run, index.column());
    case Qt::TextAlignmentRole:
        return headerData(index.column(), Qt::Horizontal, role);
    case ui::RunReferenceRole:
        return !m_reference.isEmpty() && words(run.id) == m_reference;
    case ui::RunBestInColumnRole:
        return bestInColumn(run, index.column());
    case ui::RunSortRole:
        return sortValue(run, index.column());
    default:
        return m_library.data(m_library.index(index.row()), role);
    }
}

} // namespace app
