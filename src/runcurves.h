#pragma once

#include "engine/api/catalog.h"
#include "engine/api/run.h"
#include "ui/live/livedata.h"

#include <QHash>
#include <QStringList>

#include <map>
#include <string>
#include <vector>

namespace app {

// A run's series as the charts want them. What grew is appended; a series too long for that is thinned so that the
// least and the greatest value of every stretch stay.
class RunCurves final {
public:
    // `plan`: the freeze plan of the run, empty where it is not known; `tree` of the backbone, its head included.
    RunCurves(std::vector<engine::FreezeOutcome> plan, const std::vector<engine::BlockInfo>& tree);
    void setPlan(std::vector<engine::FreezeOutcome> plan) { m_plan = std::move(plan); } // counts from the next read()
    void read(const engine::RunReader& reader);
    [[nodiscard]] const ui::LiveCurves& curves() const { return m_curves; }

private:
    void readMetrics(const engine::RunReader& reader);
    void readGaps(const engine::RunReader& reader);
    void readSeries(const engine::RunReader& reader, const std::string& name, ui::Curve& curve);
    void readPhases();
    void readBlocks(const engine::RunReader& reader);
    void readRates(const engine::RunReader& reader);
    [[nodiscard]] double stepOf(int epoch) const { return (epoch - 1) * m_curves.stepsPerEpoch; } // where it begins
    void readFlags(const engine::RunReader& reader);
    [[nodiscard]] double secondsAt(double time) const; // of training since the run's start
    struct Gap {
        double from = 0;
        double to = 0;
    };
    std::vector<engine::FreezeOutcome> m_plan;
    QStringList m_stages; // in forward order
    QHash<QString, ui::Curve> m_rates;
    double m_start = 0;
    std::vector<Gap> m_gaps;                   // when nobody trained it
    std::map<std::string, std::size_t> m_read; // points of long series when they were last read
    ui::LiveCurves m_curves;
};

} // namespace app
