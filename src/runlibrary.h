#pragma once

#include "engine/api/run.h"
#include "src/background.h"
#include "ui/frame/runrole.h"

#include <QAbstractListModel>
#include <QSet>
#include <QTimer>

#include <filesystem>
#include <functional>
#include <vector>

namespace app {

class RunController;

// The runs of a project, newest first, with the roles of ui/frame/runrole.h. Folders are read off the GUI thread; what
// runs in this process shows its progress at once. What a person notes of a run is kept in it, ticks in the program's
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
    void setName(const QString& id, const QString& name);
    void setTags(const QString& id, const QStringList& tags);
    void setArchived(const QString& id, bool archived);
    // Puts runs aside, out of the list; bringBack() undoes it until forget() or another program deletes them for good.
    void remove(const QStringList& ids);
    void bringBack(const QStringList& ids);
    void forget(); // what was removed at least kUndoSeconds ago
    static constexpr int kUndoSeconds = 30;

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
    using Edit = std::function<void(engine::RunNotes&)>;
    void edit(engine::RunSummary& run, const Edit& change, Failing failing = Failing::IsTold);
    void editListed(const QString& id, const Edit& change);
    void onFolders(const QStringList& ids, void (*act)(const std::filesystem::path& folder),
                   const std::function<void()>& done);
    [[nodiscard]] QString queueLine(const QString& id) const;
    [[nodiscard]] QVariant queueData(const engine::RunSummary& run, int role) const;
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
