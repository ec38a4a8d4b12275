#pragma once

#include "engine/api/experiment.h"
#include "engine/api/metrics.h"

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
    void setReference(const QString& id);
    [[nodiscard]] QString reference() const { return m_reference; }
    [[nodiscard]] engine::MetricInfo firstMetric() const { return m_metrics.first(); } // there is always one

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    enum class Kind { Name, Best, Last, BestEpoch, BestLoss, Trained, Time, Speed, Device, State, Setting };
    struct Column {
        Kind kind = Kind::Name;
        int of = 0; // which metric or setting
    };
    struct Setting {
        QString key;
        QString label;
        QHash<QString, QString> values; // by run
    };
    [[nodiscard]] QString head(const Column& column) const;
    [[nodiscard]] QString cell(const engine::RunSummary& run, const Column& column) const;
    [[nodiscard]] QVariant sortValue(const engine::RunSummary& run, const Column& column) const;
    [[nodiscard]] double measured(const engine::RunSummary& run, const Column& column) const;
    [[nodiscard]] bool bestInColumn(const engine::RunSummary& run, const Column& column) const;
    // By what a column's values are judged; nothing: none of them is better than another.
    [[nodiscard]] std::optional<engine::MetricInfo> judge(const Column& column) const;
    void findSettings();
    void findMetrics();
    void makeColumns();
    void rowsChanged(int first, int last);
    const RunLibrary& m_library;
    QHash<QString, engine::Experiment> m_experiments;
    std::vector<std::string> m_monitors; // of the runs, those of the oldest first
    QList<engine::MetricInfo> m_metrics; // the same as the table of metrics has them
    QList<Setting> m_settings;
    QList<Column> m_columns;
    QString m_reference;
    int m_rows = 0;
};

} // namespace app
