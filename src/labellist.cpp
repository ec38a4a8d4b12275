#include "src/labellist.h"

#include "src/values.h"

#include <QDateTime>

#include <algorithm>

namespace app {

LabelList::LabelList(QObject* parent) : QObject(parent) {}

void LabelList::setFolder(const QString& project) {
    if (project == m_folder)
        return;
    m_folder = project;
    refresh();
}

void LabelList::refresh() {
    m_background.run([folder = toPath(m_folder)] { return engine::readLabelChanges(folder); },
                     [this](const Outcome<std::vector<engine::LabelChange>>& outcome) { take(outcome); });
}

void LabelList::take(const Outcome<std::vector<engine::LabelChange>>& outcome) {
    if (const auto* trouble = std::get_if<Trouble>(&outcome)) {
        Q_EMIT failed(trouble->message, trouble->remedy);
        return;
    }
    if (std::get<0>(outcome) == m_changes)
        return;
    m_changes = std::get<0>(outcome);
    Q_EMIT changed();
}

std::vector<engine::LabelChange> LabelList::changesOf(const std::filesystem::path& root) const {
    std::vector<engine::LabelChange> made;
    for (const engine::LabelChange& change : m_changes)
        if (const auto* found = engine::findLabelChange(m_changes, root, change.file); found == &change)
            made.push_back(change);
    std::ranges::reverse(made);
    return made;
}

void LabelList::edit(const Edit& change) {
    m_background.run(
        [folder = toPath(m_folder), change] {
            engine::editLabelChanges(folder, change);
            return engine::readLabelChanges(folder);
        },
        [this](const Outcome<std::vector<engine::LabelChange>>& outcome) { take(outcome); });
}

void LabelList::say(const std::vector<engine::LabelChange>& changes) {
    const auto now = static_cast<double>(QDateTime::currentSecsSinceEpoch());
    edit([changes, now](std::vector<engine::LabelChange>& list) {
        for (engine::LabelChange change : changes) {
            if (const auto* known = engine::findLabelChange(list, change.root, change.file))
                change.was = known->was; // its class in the data, whatever a run was told
            change.time = now;
            engine::setLabelChange(list, std::move(change));
        }
    });
}

void LabelList::takeBack(const std::filesystem::path& root, const QStringList& files) {
    edit([root, files](std::vector<engine::LabelChange>& list) {
        for (const QString& file : files)
            engine::forgetLabelChange(list, root, file.toStdString());
    });
}

} // namespace app
