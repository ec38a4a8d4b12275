#pragma once

#include "src/background.h"
#include "ui/try/trydata.h"

#include <QTimer>

#include <stop_token>

class QTemporaryDir;

namespace ui {
class TryPage;
}

namespace app {

class RunLibrary;
struct Predictors;

// Lets trained runs look at pictures: one model at a time, on a thread of its own.
class TryPresenter final : public QObject {
    Q_OBJECT
public:
    TryPresenter(ui::TryPage& page, RunLibrary& library, QObject* parent = nullptr);
    ~TryPresenter() override;
    void setModel(const QString& id);
    void look(const QStringList& paths); // pictures and folders
    [[nodiscard]] bool atRest() { return m_background.idle(); }

Q_SIGNALS:
    void setupRequested();
    void failed(const QString& title, const QString& detail);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void updateModels();
    void restart();                         // the model changed: all pictures again
    void predict(const QStringList& files); // appends to the results as they come
    void showCurrent(const QString& file);  // as the model sees it, what other runs say
    void showHeat(const QString& file);     // what speaks for the answer
    void paste(const QImage& image);
    void updateCommand();
    [[nodiscard]] QString folderOf(const QString& id) const;
    ui::TryPage& m_page;
    RunLibrary& m_library;
    QString m_model;
    QList<ui::TryModel> m_models;
    QList<ui::TryResult> m_results;
    QString m_wanted;  // chosen once its answer is there; empty: what is chosen stays
    int m_waiting = 0; // pictures that are not looked at yet
    quint64 m_generation = 0;
    QTimer m_push; // many answers, one list
    std::stop_source m_stop;
    std::shared_ptr<Predictors> m_predictors; // touched by the background's one thread only
    std::unique_ptr<QTemporaryDir> m_pasted;
    int m_pastedCount = 0;
    Background m_background{1};
};

} // namespace app
