#pragma once

#include "engine/api/experiment.h"
#include "src/background.h"
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

// Shows the table of runs and the ticked ones over each other: curves, differences of settings, confusion.
class ComparePresenter final : public QObject {
    Q_OBJECT
public:
    ComparePresenter(ui::ComparePage& page, RunLibrary& library, QObject* parent = nullptr);
    ~ComparePresenter() override;
    [[nodiscard]] int shownRuns() const { return static_cast<int>(m_shown.size()); }
    [[nodiscard]] bool atRest() { return m_background.idle(); }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Loaded; // what the page needs of one run, and the state of the run it was read at
    void update();
    void show(const QStringList& ids);
    void showCharts(const QStringList& ids);
    void showConfusion(const QStringList& ids);
    void showDifferences(const QStringList& ids);
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
    QTimer m_soon; // one update for many signals
    Background m_background{1};
};

} // namespace app
