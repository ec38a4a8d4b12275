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
    void setRuns(const QList<CompareRun>& runs); // the ticked ones
    void setDifferences(const Differences& differences);
    void setConfusion(const QList<ConfusionMatrix>& matrices); // at most 2 are shown; none hides the card
    void setCounts(int shown, int all);                        // "5 of 6 runs"

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
    struct Impl;
    std::unique_ptr<Impl> m;
};

} // namespace ui
