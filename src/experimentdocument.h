#pragma once

#include "engine/api/experiment.h"
#include "src/background.h"

#include <QObject>
#include <QUndoStack>

#include <optional>

namespace app {

// The experiment that Setup edits: its values, its file, and the way back for every edit.
class ExperimentDocument final : public QObject {
    Q_OBJECT
public:
    explicit ExperimentDocument(QObject* parent = nullptr);

    [[nodiscard]] const engine::Experiment& experiment() const { return m_experiment; }
    [[nodiscard]] QString value(const QString& key) const;
    [[nodiscard]] QUndoStack& undoStack() { return m_undo; }
    [[nodiscard]] QString file() const { return m_file; } // empty: untitled
    // Another program wrote the file since it was opened or saved here.
    [[nodiscard]] bool changedOnDisk() const;
    [[nodiscard]] bool changed() const { return m_draft || !m_undo.isClean(); }
    // Folder of the file; of an untitled experiment the one given to startNew().
    [[nodiscard]] QString projectFolder() const;

    // One edit, undone as one; edits of one setting in a row become one. Tells why a text is refused.
    std::optional<Trouble> edit(const QString& key, const QString& text);
    // Several settings as one edit, for instance those of a run.
    void apply(const engine::Experiment& experiment, const QString& what);
    // Edits in a row with the same gesture become one; an empty gesture stands alone.
    void setFreeze(const engine::FreezeSettings& freeze, const QString& gesture = {});

    // These replace what was there, history included. open() and save() throw engine::Error.
    void startNew(engine::Experiment experiment, const QString& projectFolder);
    void open(const QString& file);
    void save(const QString& file);
    // Marks what startNew() or open() brought as not saved yet: edits of an earlier session.
    void markChanged();

Q_SIGNALS:
    void valuesChanged(const QStringList& keys); // "freeze.phase" for the phases; all keys after open and startNew
    void fileChanged();
    void changedChanged(bool changed);

private:
    friend class ExperimentEdit;
    void set(const engine::Experiment& experiment);
    void push(engine::Experiment after, const QString& key, const QString& what);
    void replace(engine::Experiment experiment, const QString& file);
    engine::Experiment m_experiment;
    QUndoStack m_undo;
    QString m_file;
    QByteArray m_stored; // the file's bytes as last opened or saved
    QString m_draftFolder;
    bool m_draft = false;
};

} // namespace app
