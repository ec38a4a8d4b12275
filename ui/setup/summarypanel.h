#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

namespace ui {

class Button;
class CheckList;
class FactList;
class Label;
class Legend;
class PhaseBars;
class PhaseTimes;

// The right panel of Setup: a batch as the model sees it, what the run costs, what was checked. Its foot has Train.
class SummaryPanel final : public QWidget {
    Q_OBJECT
public:
    explicit SummaryPanel(QWidget* parent = nullptr);
    [[nodiscard]] QWidget* foot() const { return m_foot; } // for the page to place
    void setSummary(const SummaryState& summary);
    void setFindings(const QList<FieldFinding>& findings);
    void setFreezeShown(bool shown); // what the phases train and cost, in place of the batch and the facts
    void setLow(bool low);           // one row of the batch
    void setCompact(bool compact);   // the foot is one line above the page
    void addToFoot(QWidget* widget);

Q_SIGNALS:
    void anotherBatchRequested();
    void trainRequested();
    void fixRequested(int finding);
    void findingClicked(int finding);

private:
    QWidget* makeFoot();
    QWidget* makeFreeze();
    void showChecks();
    void showParts();
    SummaryState m_summary;
    QList<FieldFinding> m_findings;
    QWidget* m_batch;
    ThumbnailGrid* m_grid;
    FactList* m_facts;
    Label* m_parameters = nullptr;
    PhaseBars* m_phases = nullptr;
    FactList* m_freezeFacts = nullptr;
    Label* m_time = nullptr;
    QWidget* m_timeRow = nullptr;
    PhaseTimes* m_times = nullptr;
    FactList* m_disk = nullptr;
    bool m_freezeShown = false;
    QWidget* m_freeze; // after its parts
    QWidget* m_memory;
    Label* m_memoryName;
    Label* m_memoryWords;
    Meter* m_meter;
    Legend* m_legend;
    CheckList* m_checks;
    Button* m_train;
    Label* m_readiness;
    QWidget* m_foot;
};

} // namespace ui
