#pragma once

#include "src/backbonepresenter.h"
#include "src/experimentanalysis.h"
#include "src/freezeedit.h"
#include "src/gpuwatch.h"
#include "src/weightsdownload.h"
#include "ui/setup/setupdata.h"

#include <QElapsedTimer>
#include <QMap>
#include <QTimer>

#include <functional>

namespace ui {
class SetupPage;
}

namespace app {

class ExperimentDocument;

struct TrainQuestion {
    QString title;
    QString text;
};

// Between the document and the Setup page: values and edits, findings with their fixes, the freeze tree, what a run
// costs.
class SetupPresenter final : public QObject {
    Q_OBJECT
public:
    SetupPresenter(ui::SetupPage& page, ExperimentDocument& document, QObject* parent = nullptr);

    void setQueues(bool queues); // Train waits in the queue
    void measureSpeeds();        // from now on, by trials, while nothing waits or is trained
    void setRunsFolder(const QString& folder) { m_analysis.setRunsFolder(folder); }
    [[nodiscard]] double aboutSeconds() const; // that the training would take; 0: not known
    // Looks anew at what may have changed on disk; `then` is called once all that is shown holds for it.
    void lookAgain(std::function<void()> then = {});
    [[nodiscard]] bool canTrain() const { return m_canTrain; }
    [[nodiscard]] QString whyNot() const { return m_readiness; } // or that it is ready
    // What is to be asked before training: too little of the backbone would be pretrained.
    [[nodiscard]] std::optional<TrainQuestion> beforeTraining() const;
    [[nodiscard]] const ExperimentAnalysis& analysis() const { return m_analysis; }

Q_SIGNALS:
    void readyChanged();
    void leaveOutRequested(const QStringList& files); // of the data set, by the list of changed labels

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Shown {
        ui::FieldFinding finding;
        QString fixKey;
        QString fixValue;
    };
    void edit(const QString& key, const QString& text);
    void chooseFolder(const QString& text);
    void forgetSplit();
    [[nodiscard]] bool nameIsUntouched(const QString& folder) const;
    void fileChanged();
    void answerLook();
    void lookLater();
    void fix(int finding);
    // From the plan that is shown to the next one.
    using FreezeEdit = std::function<HandPlan(const Tree&, const HandPlan&)>;
    void editFreeze(FreezeEdit edit, const QString& gesture = {});
    void applyEdits();
    [[nodiscard]] const Tree* tree() const; // null: not known yet
    [[nodiscard]] bool handIsCurrent() const;
    [[nodiscard]] HandPlan shownPlan() const;
    void valuesChanged(const QStringList& keys);
    void showTitle();
    void showData();
    void showBackbones();
    void showDevices();
    void showWeights();
    void toggleDownload();
    void showPlan();
    void showFindings();
    void showSummary();
    [[nodiscard]] QList<Shown> findings() const;
    [[nodiscard]] QString weightsName() const;
    ui::SetupPage& m_page;
    ExperimentDocument& m_document;
    GpuWatch m_gpus;
    ExperimentAnalysis m_analysis;
    BackbonePresenter m_backbones;
    WeightsDownload m_download;
    QList<Shown> m_findings;
    std::function<void()> m_afterLook;
    QTimer m_again; // looks again while something stops training
    QElapsedTimer m_looking;
    QString m_file;                                // of the experiment
    bool m_ownName = false;                        // the experiment's name was edited since it was opened
    QMap<QString, Trouble> m_refused;              // texts that a setting does not take, by key
    QList<std::pair<FreezeEdit, QString>> m_edits; // wait for the plan they change
    HandPlan m_hand;                               // what the last edit made, before the engine has resolved it
    engine::FreezeSettings m_handSettings;         // and what it was written as
    std::string m_handBackbone;
    ui::ThawPlan m_thaw; // as shown
    bool m_queues = false;
    bool m_measures = false;
    bool m_canTrain = false;
    QString m_readiness;
};

} // namespace app
