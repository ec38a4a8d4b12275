#pragma once

#include "ui/compare/comparedata.h"

#include <QWidget>

#include <memory>

class QAbstractItemModel;

namespace ui {

// Compare: the table of all runs, and the ticked ones over each other.
class ComparePage final : public QWidget {
    Q_OBJECT
public:
    explicit ComparePage(QWidget* parent = nullptr);
    ~ComparePage() override;

    // A table with the roles of runrole.h; header texts and alignment from headerData. Column 0 is the name.
    void setModel(QAbstractItemModel* runs);
    void setRuns(const QList<CompareChart>& charts, const QList<CompareRun>& runs); // the ticked ones
    void setDifferences(const Differences& differences);
    // At most 2 are shown. `note` stands in their place where there are none; without both the card is hidden.
    void setConfusion(const QList<ConfusionMatrix>& matrices, const QString& note = {});
    void setCounts(int shown, int all);              // "5 of 6 runs"
    void setFilterExample(const QString& condition); // "accuracy > 95"

Q_SIGNALS:
    void tickRequested(const QString& id, bool ticked);
    void starRequested(const QString& id, bool starred);
    void activated(const QString& id); // open it in Live
    void deleteRequested(const QStringList& ids);
    void useSettingsRequested(const QString& id);
    void openFolderRequested(const QString& id);
    void referenceRequested(const QString& id);
    void tickLastTwoRequested();
    void exportRequested(const QString& suggestedName); // then call exportChart

public Q_SLOTS:
    void exportChart(const QString& file);

private:
    void addCharts(qsizetype count);
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
