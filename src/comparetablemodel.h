#pragma once

#include "engine/api/experiment.h"
#include "engine/api/metrics.h"
#include "ui/compare/comparedata.h"

#include <QAbstractTableModel>
#include <QHash>

#include <optional>

namespace app {

class RunLibrary;

// The runs as a table for Compare: what they reached by the metrics that they are judged by, what it took, and the
// settings in which they differ.
class CompareTableModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit CompareTableModel(const RunLibrary& library, QObject* parent = nullptr);

    // Settings of the runs by id, as far as they are known.
    void setExperiments(const QHash<QString, engine::Experiment>& experiments);
    void setReference(const QString& id); // empty: none
    [[nodiscard]] QString reference() const { return m_reference; }
    // Keys of the columns behind the name, as they are to be shown; empty: results, and the settings that differ.
    void setColumns(const QStringList& keys);
    [[nodiscard]] QList<ui::ColumnChoice> choices() const;                             // all that there can be
    [[nodiscard]] engine::MetricInfo firstMetric() const { return m_metrics.first(); } // there is always one

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    enum class Kind { Name, Best, Last, BestEpoch, BestLoss, Trained, Time, Speed, Started, Device, State, Setting };
    struct Column {
        Kind kind = Kind::Name;
        QString of; // which metric or setting
        bool operator==(const Column&) const = default;
    };
    struct Setting {
        QString label;
        QHash<QString, QString> values; // by run
    };
    [[nodiscard]] static QString keyOf(const Column& column);
    [[nodiscard]] QList<Column> usualColumns() const;
    [[nodiscard]] QList<Column> allColumns() const;
    [[nodiscard]] bool isText(const Column& column) const;
    [[nodiscard]] QString head(const Column& column) const;
    [[nodiscard]] QString cell(const engine::RunSummary& run, const Column& column) const;
    [[nodiscard]] QString settingOf(const QString& run, const QString& key) const;
    [[nodiscard]] QVariant sortValue(const engine::RunSummary& run, const Column& column) const;
    [[nodiscard]] double measured(const engine::RunSummary& run, const Column& column) const;
    [[nodiscard]] bool bestInColumn(const engine::RunSummary& run, const Column& column) const;
    // By what a column's values are judged; nothing: none of them is better than another.
    [[nodiscard]] std::optional<engine::MetricInfo> judge(const Column& column) const;
    void findSettings();
    void findMetrics();
    [[nodiscard]] std::vector<std::string> measuredMetrics() const; // of any run
    void makeColumns();
    void rowsChanged(int first, int last);
    const RunLibrary& m_library;
    QHash<QString, engine::Experiment> m_experiments;
    std::vector<std::string> m_monitors; // of the runs, those of the oldest first
    QList<engine::MetricInfo> m_metrics; // the same as the table of metrics has them
    QHash<QString, Setting> m_settings;  // by key: those in which runs differ, the first of them
    QStringList m_differing;             // their keys in the order of the form
    QStringList m_chosen;                // columns; empty: the usual ones
    QList<Column> m_columns;
    QString m_reference;
    int m_rows = 0;
};

} // namespace app
