#pragma once

#include "engine/api/run.h"
#include "src/background.h"
#include "ui/frame/runrole.h"

#include <QAbstractListModel>
#include <QSet>
#include <QTimer>

#include <vector>

namespace app {

class RunController;

// The runs of a project, newest first, with the roles of ui/frame/runrole.h. Folders are read off the GUI thread; what
// runs in this process shows its progress at once. Star, colour and note are kept in the run, ticks in the program's
// settings.
class RunLibrary final : public QAbstractListModel {
    Q_OBJECT
public:
    explicit RunLibrary(const RunController& controller, QObject* parent = nullptr);

    void setFolder(const QString& runsFolder);
    [[nodiscard]] QString folder() const { return m_folder; }
    void refresh();              // now; also happens by itself while active
    void setActive(bool active); // the window can be seen

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;

    [[nodiscard]] const std::vector<engine::RunSummary>& runs() const { return m_runs; }
    [[nodiscard]] const engine::RunSummary* find(const QString& id) const; // null: not (yet) listed
    [[nodiscard]] ui::RunListState stateOf(const engine::RunSummary& run) const;
    [[nodiscard]] int colourOf(const QString& id) const;
    [[nodiscard]] QStringList ticked() const; // listed ones, newest first
    [[nodiscard]] bool isTicked(const QString& id) const { return m_ticked.contains(id); }

    void setTicked(const QString& id, bool ticked);
    void setStarred(const QString& id, bool starred);
    void setNote(const QString& id, const QString& note);
    void remove(const QStringList& ids);

Q_SIGNALS:
    void refreshed();
    void ticksChanged();
    void removed(const QStringList& ids);
    void failed(const QString& title, const QString& detail);

private:
    void take(std::vector<engine::RunSummary> runs);
    void keepNotes(std::vector<engine::RunSummary>& runs) const;
    void giveColours(std::vector<engine::RunSummary>& runs);
    enum class Failing { IsTold, IsNoMatter };
    void save(const engine::RunSummary& run, Failing failing = Failing::IsTold);
    void rowChanged(const QString& id);
    void controllerChanged();
    void loadTicks();
    void saveTicks() const;
    [[nodiscard]] QString lineOf(const engine::RunSummary& run) const;
    [[nodiscard]] engine::RunSummary* listed(const QString& id);
    const RunController& m_controller;
    QString m_folder;
    std::vector<engine::RunSummary> m_runs;
    QSet<QString> m_ticked;
    QHash<QString, int> m_given; // colours of runs whose folders could not keep them yet
    QTimer m_timer;
    bool m_reading = false;
    bool m_again = false;
    quint64 m_generation = 0;
    quint64 m_notes = 0;        // how often notes were written
    Background m_background{1}; // one thread: what is written keeps its order
};

} // namespace app
