#pragma once

#include "engine/api/labels.h"
#include "src/background.h"

#include <QObject>
#include <QStringList>

#include <optional>
#include <vector>

namespace app {

// What the person said of pictures against their data sets, in the project's folder: read, changed and taken back off
// the GUI thread, one after the other.
class LabelList final : public QObject {
    Q_OBJECT
public:
    explicit LabelList(QObject* parent = nullptr);

    void setFolder(const QString& project);
    void refresh(); // another program may have changed it
    [[nodiscard]] const std::vector<engine::LabelChange>& changes() const { return m_changes; }
    // What of it is for the data that begin here, newest first.
    [[nodiscard]] std::vector<engine::LabelChange> changesOf(const std::filesystem::path& root) const;

    // `root`, `file`, `label` and, where the list does not know it yet, `was` count.
    void say(const std::vector<engine::LabelChange>& changes);
    void takeBack(const std::filesystem::path& root, const QStringList& files); // relative to it
    [[nodiscard]] bool atRest() { return m_background.idle(); }

Q_SIGNALS:
    void changed();
    void failed(const QString& title, const QString& detail);

private:
    using Edit = std::function<void(std::vector<engine::LabelChange>&)>;
    void edit(const Edit& change);
    void take(const Outcome<std::vector<engine::LabelChange>>& outcome);
    QString m_folder;
    std::vector<engine::LabelChange> m_changes;
    Background m_background{1};
};

} // namespace app
