#include "src/experimentdocument.h"

#include "engine/api/parameter.h"
#include "src/values.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QUndoCommand>

namespace app {
namespace {

const QString& phaseKey() {
    static const QString key = QStringLiteral("freeze.phase");
    return key;
}

// Weights that are a path: neither a word of the experiment file nor a name on the hub.
bool isFile(const std::string& weights) {
    return weights != "none" && weights != "bundled" && !weights.starts_with("hub:");
}

// Empty where it cannot be read, or there is no path.
QByteArray bytesOf(const QString& path) {
    QFile file(path);
    return !path.isEmpty() && file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool samePhases(const engine::FreezeSettings& a, const engine::FreezeSettings& b) { return a.phases == b.phases; }

QStringList changedKeys(const engine::Experiment& a, const engine::Experiment& b) {
    QStringList keys;
    for (const auto& parameter : engine::experimentParameters())
        if (engine::parameterValue(a, parameter.key) != engine::parameterValue(b, parameter.key))
            keys.append(words(parameter.key));
    if (!samePhases(a.freeze, b.freeze))
        keys.append(phaseKey());
    return keys;
}

} // namespace

// One edit: the experiment before and after it.
class ExperimentEdit final : public QUndoCommand {
public:
    ExperimentEdit(ExperimentDocument& document, engine::Experiment after, const QString& key, const QString& what)
        : QUndoCommand(what),
          m_document(document),
          m_before(document.experiment()),
          m_after(std::move(after)),
          m_key(key) {}

    void undo() override { m_document.set(m_before); }
    void redo() override { m_document.set(m_after); }
    [[nodiscard]] int id() const override { return m_key.isEmpty() ? -1 : 1; }
    bool mergeWith(const QUndoCommand* other) override {
        const auto* next = static_cast<const ExperimentEdit*>(other);
        if (next->m_key != m_key)
            return false;
        m_after = next->m_after;
        setObsolete(changedKeys(m_before, m_after).isEmpty());
        return true;
    }

private:
    ExperimentDocument& m_document;
    engine::Experiment m_before;
    engine::Experiment m_after;
    QString m_key; // empty: never merged
};

ExperimentDocument::ExperimentDocument(QObject* parent) : QObject(parent) {
    connect(&m_undo, &QUndoStack::cleanChanged, this, [this] { Q_EMIT changedChanged(changed()); });
}

bool ExperimentDocument::changedOnDisk() const { return !m_file.isEmpty() && bytesOf(m_file) != m_stored; }

QString ExperimentDocument::value(const QString& key) const {
    return words(engine::parameterValue(m_experiment, key.toStdString()));
}

QString ExperimentDocument::projectFolder() const {
    return m_file.isEmpty() ? m_draftFolder : QFileInfo(m_file).absolutePath();
}

std::optional<Trouble> ExperimentDocument::edit(const QString& key, const QString& text) {
    engine::Experiment after = m_experiment;
    try {
        engine::setParameterValue(after, key.toStdString(), text.toStdString());
    } catch (const engine::Error&) {
        return currentTrouble();
    }
    const auto* parameter = engine::findParameter(key.toStdString());
    push(std::move(after), key, parameter ? words(parameter->label) : key);
    return std::nullopt;
}

void ExperimentDocument::apply(const engine::Experiment& experiment, const QString& what) {
    engine::Experiment after = experiment;
    // Paths of another place stay what they are.
    if (!after.data.path.empty())
        after.data.path = experiment.dataPath();
    if (isFile(after.model.weights))
        after.model.weights = experiment.weightsPath().string();
    after.directory = m_experiment.directory;
    push(std::move(after), {}, what);
}

void ExperimentDocument::setFreeze(const engine::FreezeSettings& freeze, const QString& gesture) {
    engine::Experiment after = m_experiment;
    after.freeze = freeze;
    push(std::move(after), gesture, gesture.isEmpty() ? tr("Blocks") : tr("Thaw timeline"));
}

void ExperimentDocument::push(engine::Experiment after, const QString& key, const QString& what) {
    if (!changedKeys(m_experiment, after).isEmpty())
        m_undo.push(new ExperimentEdit(*this, std::move(after), key, what));
}

void ExperimentDocument::set(const engine::Experiment& experiment) {
    const QStringList keys = changedKeys(m_experiment, experiment);
    m_experiment = experiment;
    Q_EMIT valuesChanged(keys);
}

void ExperimentDocument::replace(engine::Experiment experiment, const QString& file) {
    m_experiment = std::move(experiment);
    m_file = file;
    m_stored = bytesOf(file);
    m_draft = false;
    m_undo.clear();
    QStringList keys;
    for (const auto& parameter : engine::experimentParameters())
        keys.append(words(parameter.key));
    keys.append(phaseKey());
    Q_EMIT fileChanged();
    Q_EMIT valuesChanged(keys);
    Q_EMIT changedChanged(changed());
}

void ExperimentDocument::startNew(engine::Experiment experiment, const QString& projectFolder) {
    experiment.directory = toPath(projectFolder);
    m_draftFolder = projectFolder;
    replace(std::move(experiment), {});
}

void ExperimentDocument::open(const QString& file) {
    const QString whole = QFileInfo(file).absoluteFilePath();
    replace(engine::readExperiment(toPath(whole)), whole);
}

void ExperimentDocument::save(const QString& file) {
    const QString whole = QFileInfo(file).absoluteFilePath();
    engine::writeExperiment(m_experiment, toPath(whole));
    engine::Experiment moved = m_experiment;
    if (!moved.data.path.empty())
        moved.data.path = m_experiment.dataPath();
    if (isFile(moved.model.weights))
        moved.model.weights = m_experiment.weightsPath().string();
    moved.directory = toPath(QFileInfo(whole).absolutePath());
    m_experiment = std::move(moved);
    m_file = whole;
    m_stored = bytesOf(whole);
    m_draft = false;
    m_undo.setClean();
    Q_EMIT fileChanged();
    Q_EMIT changedChanged(changed());
}

void ExperimentDocument::markChanged() {
    m_draft = true;
    Q_EMIT changedChanged(true);
}

} // namespace app
