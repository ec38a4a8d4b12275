#pragma once

#include "engine/api/catalog.h"
#include "engine/api/datareport.h"
#include "engine/api/devices.h"
#include "engine/api/estimate.h"
#include "engine/api/weights.h"
#include "src/answer.h"

#include <QHash>
#include <QImage>
#include <QTimer>

#include <vector>

namespace app {

class LatestProgress;

struct BatchPicture {
    QImage image;
    QString label;
    QString file;
};
struct Estimate {
    engine::Cost cost;
    std::vector<engine::Finding> findings;
};
// Pictures per second of training with a backbone.
struct Speed {
    double perSecond = 0;
    bool measured = false; // by an earlier training here; else reckoned
};
// The phases that the freeze settings stand for, and what each of them trains.
struct ResolvedPlan {
    std::vector<engine::FreezePhase> phases;
    std::vector<engine::FreezeOutcome> outcomes;
};
// What this computer has: devices, and for which backbones weights are here.
struct Machine {
    std::vector<engine::DeviceInfo> devices;
    QStringList localWeights; // names of backbones
};

// What data, weights, freeze plan and devices say about the experiment that is being edited. Looks in the background,
// shortly after the last edit, and only at what an edit touched.
class ExperimentAnalysis final : public QObject {
    Q_OBJECT
public:
    explicit ExperimentAnalysis(QObject* parent = nullptr);
    ~ExperimentAnalysis() override;

    void look(const engine::Experiment& experiment);
    // The same experiment, but the disk may have changed.
    void lookAgain();
    void setRunsFolder(const QString& folder); // where its runs are to be written
    void anotherBatch();
    void weightsArrived(); // on this computer: which backbones have some is looked at anew
    // Speeds of training with other backbones on the same data: those measured here, reckoned for `backbones`.
    void askSpeeds(const QStringList& backbones);

    // Where the time of a training would be guessed, may a trial of a few seconds measure it? Not while something else
    // is trained here, and not before this is called.
    enum class Trials { Off, Allowed };
    void setTrials(Trials trials);

    [[nodiscard]] const Answer<engine::DataReport>& data() const { return m_data; }
    [[nodiscard]] const Answer<std::vector<BatchPicture>>& batch() const { return m_batch; }
    [[nodiscard]] const Answer<engine::WeightsReport>& weights() const { return m_weights; }
    [[nodiscard]] const Answer<std::vector<engine::BlockInfo>>& blocks() const { return m_blocks; }
    [[nodiscard]] const Answer<ResolvedPlan>& plan() const { return m_plan; }
    [[nodiscard]] const Answer<Estimate>& estimate() const { return m_estimate; }
    // Why no run can be written; empty: one can.
    [[nodiscard]] const Answer<QString>& runsProblem() const { return m_runsProblem; }
    [[nodiscard]] const Answer<Machine>& machine() const { return m_machine; }
    [[nodiscard]] const Answer<QHash<QString, Speed>>& speeds() const { return m_speeds; }
    [[nodiscard]] const Answer<bool>& trial() const { return m_trial; } // true: it measured something
    [[nodiscard]] std::optional<engine::Progress> checkProgress() const;
    // Every answer is to the experiment as it is now.
    [[nodiscard]] bool upToDate() const;
    [[nodiscard]] bool planUpToDate() const {
        return !m_soon.isActive() && m_plan.value() && m_blocks.value() && !m_plan.waiting() && !m_blocks.waiting();
    }

Q_SIGNALS:
    void dataChanged(); // also while it is being checked
    void batchChanged();
    void weightsChanged();
    void planChanged();
    void estimateChanged();
    void machineChanged();
    void runsChanged(); // whether they can be written
    void looked();      // an edit was taken up; answers that it did not touch stay
    void listed();      // after lookAgain(): whether the data are still those that were checked is known

private:
    void lookNow();
    void takeListing();
    void askData();
    void askBatch();
    void askWeights();
    void askPlan();
    void askEstimate();
    void askTrial();
    void askRuns();
    void askMachine();
    [[nodiscard]] bool dataAreOthers() const;
    [[nodiscard]] int classes() const;
    engine::Experiment m_experiment;
    QString m_runsFolder;
    quint64 m_draw = 1;
    quint64 m_looks = 0;     // asked for anew
    quint64 m_dataState = 0; // another number, other data under the same settings
    int m_arrivals = 0;      // of weights, since the start
    int m_measured = 0;      // trials that know more now
    Trials m_trials = Trials::Off;
    QTimer m_soon;
    QTimer m_checkTimer; // shows how far the check of the data is
    std::shared_ptr<LatestProgress> m_checkProgress;
    Answer<engine::DataReport> m_data;
    Answer<std::uint64_t> m_listing; // the fingerprint of the data as they are now
    Answer<std::vector<BatchPicture>> m_batch;
    Answer<engine::WeightsReport> m_weights;
    Answer<std::vector<engine::BlockInfo>> m_blocks;
    Answer<ResolvedPlan> m_plan;
    Answer<Estimate> m_estimate;
    Answer<QString> m_runsProblem;
    Answer<Machine> m_machine;
    Answer<QHash<QString, Speed>> m_speeds;
    Answer<bool> m_trial;
    Background m_background{3}; // last: ends its work before the answers go
    Background m_besides{1};    // likewise, for what takes seconds
};

} // namespace app
