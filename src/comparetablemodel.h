#pragma once

#include "engine/api/experiment.h"

#include <QAbstractTableModel>
#include <QHash>

namespace engine {
struct RunSummary;
}

namespace app {

class RunLibrary;

// The runs as a table for Compare: what they reached, what it took, and the settings in which they differ.
class CompareTableModel final : public QAbstractTableModel {
    Q_OBJECT
public:
    explicit CompareTableModel(const RunLibrary& library, QObject* parent = nullptr);

    // Settings of the runs by id, as far as they are known.
    void setExperiments(const QHash<QString, engine::Experiment>& experiments);
    void setReference(const QString& id);
    [[nodiscard]] QString reference() const { return m_reference; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    enum Column { Name, BestAccuracy, LastAccuracy, BestEpoch, BestLoss, Trained, Time, Speed, Device, State, Fixed };
    struct Setting {
        QString key;
        QString label;
        QHash<QString, QString> values; // by run
    };
    [[nodiscard]] QString cell(const engine::RunSummary& run, int column) const;
    [[nodiscard]] QVariant sortValue(const engine::RunSummary& run, int column) const;
    [[nodiscard]] bool bestInColumn(const engine::RunSummary& run, int column) const;
    void findSettings();
    const RunLibrary& m_library;
    QHash<QString, engine::Experiment> m_experiments;
    QList<Setting> m_settings;
    QString m_reference;
    int m_rows = 0;
};

} // namespace app
