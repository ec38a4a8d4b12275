#pragma once

#include "engine/api/experiment.h"
#include "src/background.h"
#include "src/mistakepresenter.h"
#include "ui/compare/comparedata.h"

#include <QHash>
#include <QTimer>

namespace engine {
struct RunSummary;
}
namespace ui {
class ComparePage;
}

namespace app {

class CompareTableModel;
class RunLibrary;
struct ValidatedRun;

// Shows the table of runs and the ticked ones over each other: curves, differences of settings, whether they differ by
// more than chance, what they take for what.
class ComparePresenter final : public QObject {
    Q_OBJECT
public:
    ComparePresenter(ui::ComparePage& page, RunLibrary& library, QObject* parent = nullptr);
    ~ComparePresenter() override;
    void setLabels(LabelList* labels) { m_mistakes.setLabels(labels); }  // what is said of pictures goes there
    [[nodiscard]] QStringList shown() const { return inOrder(m_shown); } // ids, the reference first
    [[nodiscard]] int shownRuns() const { return static_cast<int>(m_shown.size()); }
    [[nodiscard]] bool atRest() { return m_background.idle() && m_mistakes.atRest(); }

Q_SIGNALS:
    void failed(const QString& title, const QString& detail);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Loaded; // what the page needs of one run, and the state of the run it was read at
    void update();
    void show(const QStringList& ids);
    void showCharts(const QStringList& ids);
    void showConfusion(const QStringList& ids);
    void showReality(const QStringList& ids);
    void connectPage();
    void chooseColumns(const QStringList& keys);
    void recallLayout();
    void showColumns();
    void saveTable();
    [[nodiscard]] QStringList inOrder(const QStringList& ids) const; // as the table has them, the reference first
    void showDifferences(const QStringList& ids);
    void showParallel(const QStringList& ids);
    void loadExperiments();
    void tickLastTwo();
    ui::ComparePage& m_page;
    RunLibrary& m_library;
    CompareTableModel* m_table;
    QHash<QString, std::shared_ptr<const Loaded>> m_loaded;
    QHash<QString, engine::Experiment> m_experiments; // of all runs
    QStringList m_shown;
    bool m_reading = false;
    bool m_again = false;
    bool m_readingExperiments = false;
    std::vector<std::shared_ptr<const ValidatedRun>> m_held; // against each other, last
    quint64 m_question = 0;                                  // of what is real
    QTimer m_soon;                                           // one update for many signals
    QTimer m_sorted;                                         // the order of the table changed
    MistakePresenter m_mistakes;
    Background m_background{1};
};

} // namespace app
