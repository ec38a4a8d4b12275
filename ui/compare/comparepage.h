#pragma once

#include "ui/compare/comparedata.h"
#include "ui/compare/paralleldata.h"

#include <QHash>
#include <QWidget>

#include <memory>

class QAbstractItemModel;

namespace ui {

// Compare: the table of all runs, and the ticked ones over each other: their curves and settings, whether they differ
// by more than chance, and what they take for what.
class ComparePage final : public QWidget {
    Q_OBJECT
public:
    explicit ComparePage(QWidget* parent = nullptr);
    ~ComparePage() override;

    // A table with the roles of runrole.h; header texts, alignment and ColumnKeyRole from headerData. Column 0 is the
    // name.
    void setModel(QAbstractItemModel* runs);
    void setColumns(const QList<ColumnChoice>& columns); // all that the table can have
    void setWidths(const QHash<QString, int>& widths);   // of columns, as columnsResized() told them
    // The ticked ones, the first of them first where not all of them can be named.
    void setRuns(const QList<CompareChart>& charts, const QList<CompareRun>& runs);
    void setDifferences(const Differences& differences);
    void setParallel(const ParallelRuns& runs);                      // settings that differ, and results
    void setReality(const RealityCheck& check, const QString& note); // `note` in its place: nothing can be compared
    // Of the ticked runs that have one. `note` stands in their place where there are none.
    void setConfusion(const QList<ConfusionMatrix>& matrices, const QString& note = {}, const QString& samples = {});
    void setCounts(int shown, int all);              // "5 of 6 runs"
    void setFilterExample(const QString& condition); // "accuracy > 95"
    [[nodiscard]] QStringList order() const;         // of all runs, as the table has them
    [[nodiscard]] QString tableAsCsv() const;        // the rows that match the filter

Q_SIGNALS:
    void tickRequested(const QStringList& ids, bool ticked);
    void starRequested(const QString& id, bool starred);
    void activated(const QString& id); // open it in Live
    void deleteRequested(const QStringList& ids);
    void useSettingsRequested(const QString& id);
    void openFolderRequested(const QString& id);
    void referenceRequested(const QString& id); // where it is the reference already: not any more
    void referenceChosen(const QString& id);
    void tickLastTwoRequested();
    void tickOnlyRequested(const QStringList& ids);
    void orderChanged();
    void columnsChosen(const QStringList& keys); // empty: the usual ones
    void columnsResized(const QHash<QString, int>& widths);
    void picturesRequested(const QString& runId, ui::MistakeChoice choice);
    void tableExportRequested();
    void reportRequested();                             // of the ticked runs
    void exportRequested(const QString& suggestedName); // with its ending; then call exportChart

public Q_SLOTS:
    bool exportChart(const QString& file); // false: it was not written

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void addCharts(qsizetype count);
    void fitTable();
    void connectTable();
    void connectCharts();
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
