#include "src/setuppresenter.h"

#include "engine/api/datakinds.h"
#include "engine/api/labels.h"
#include "engine/api/parameter.h"

#include "engine/api/sample.h"
#include "src/backbonewords.h"
#include "src/devicewords.h"
#include "src/experimentdocument.h"
#include "src/freezewords.h"
#include "src/setupwords.h"
#include "src/values.h"
#include "ui/format.h"
#include "ui/setup/setuppage.h"

#include <QEvent>
#include <QFileInfo>
#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace app {
namespace {

const auto kHub = QStringLiteral("hub:");
const QRegularExpression kHubName(QStringLiteral("^hub:[A-Za-z0-9][\\w.-]*/[A-Za-z0-9][\\w.-]*(@[\\w./-]+)?$"));
constexpr double kEnoughPretrained = 0.9; // of the backbone's parameters
constexpr qsizetype kNamedTensors = 3;
constexpr std::int64_t kUsualStepsPerEpoch = 16; // before the data is known
constexpr qint64 kAgainMs = 3000;                // between two looks at the disk while something stops training
constexpr qint64 kPause = 10;                    // and at least as many times what a look takes

const QString& dataPathKey() {
    static const QString key = QStringLiteral("data.path");
    return key;
}
const QString& nameKey() {
    static const QString key = QStringLiteral("experiment.name");
    return key;
}
const QString& presetKey() {
    static const QString key = QStringLiteral("freeze.preset");
    return key;
}

} // namespace

SetupPresenter::SetupPresenter(ui::SetupPage& page, ExperimentDocument& document, QObject* parent)
    : QObject(parent), m_page(page), m_document(document), m_backbones(page, document) {
    page.setFieldSpecs(fieldSpecs());
    connect(&page, &ui::SetupPage::valueEdited, this, &SetupPresenter::edit);
    connect(&page, &ui::SetupPage::fixRequested, this, &SetupPresenter::fix);
    connect(&page, &ui::SetupPage::blocksToggled, this, [this](const QStringList& blocks, bool train) {
        editFreeze(
            [blocks, train](const Tree& tree, const HandPlan& plan) { return withBlocks(tree, plan, blocks, train); });
    });
    connect(&page, &ui::SetupPage::thawEdited, this, [this](const ui::ThawPlan& edited, int gesture) {
        editFreeze([edited](const Tree& tree, const HandPlan& plan) { return withTimeline(tree, plan, edited); },
                   gesture < 0 ? QString() : QStringLiteral("thaw:%1").arg(gesture));
    });
    connect(&page, &ui::SetupPage::anotherBatchRequested, &m_analysis, &ExperimentAnalysis::anotherBatch);
    connect(&document, &ExperimentDocument::valuesChanged, this, &SetupPresenter::valuesChanged);
    connect(&document, &ExperimentDocument::fileChanged, this, &SetupPresenter::fileChanged);
    connect(&document, &ExperimentDocument::changedChanged, this, &SetupPresenter::showTitle);
    connect(&m_analysis, &ExperimentAnalysis::dataChanged, this, [this] {
        showData();
        showFindings();
        showSummary();
    });
    connect(&m_analysis, &ExperimentAnalysis::batchChanged, this, &SetupPresenter::showSummary);
    connect(&m_analysis, &ExperimentAnalysis::weightsChanged, this, [this] {
        showWeights();
        showFindings();
        showSummary();
    });
    connect(&page, &ui::SetupPage::weightsDownloadToggled, this, &SetupPresenter::toggleDownload);
    connect(&m_download, &WeightsDownload::changed, this, [this] {
        showWeights();
        showFindings();
        showSummary();
    });
    connect(&m_download, &WeightsDownload::arrived, &m_analysis, &ExperimentAnalysis::weightsArrived);
    connect(&m_analysis, &ExperimentAnalysis::planChanged, this, [this] {
        applyEdits();
        showPlan();
        showFindings();
        showSummary();
    });
    connect(&m_analysis, &ExperimentAnalysis::estimateChanged, this, [this] {
        showPlan();
        showFindings();
        showSummary();
        QStringList suggested;
        for (const auto& one : suggestedBackbones(m_document.experiment(), m_analysis))
            suggested.append(one.name);
        m_analysis.askSpeeds(suggested);
    });
    connect(&m_analysis, &ExperimentAnalysis::machineChanged, this, &SetupPresenter::showBackbones);
    connect(&m_analysis, &ExperimentAnalysis::estimateChanged, this, &SetupPresenter::showDevices);
    connect(&m_gpus, &GpuWatch::changed, this, &SetupPresenter::showDevices);
    page.installEventFilter(this);
    m_gpus.watch(page.isVisible());
    connect(&m_analysis, &ExperimentAnalysis::looked, this, [this] {
        applyEdits();
        showFindings(); // files may have come or gone
        showSummary();
    });
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, [this] {
        if (m_page.isVisible())
            lookAgain();
        else
            lookLater();
    });
    // Whatever answers last; behind the data always comes the estimate.
    for (const auto answer :
         {&ExperimentAnalysis::weightsChanged, &ExperimentAnalysis::planChanged, &ExperimentAnalysis::estimateChanged,
          &ExperimentAnalysis::runsChanged, &ExperimentAnalysis::listed})
        connect(&m_analysis, answer, this, &SetupPresenter::answerLook);
    connect(&m_analysis, &ExperimentAnalysis::runsChanged, this, [this] {
        showFindings();
        showSummary();
    });
}

void SetupPresenter::showWeights() { m_page.setWeights(weightsState(m_document.experiment(), m_analysis, m_download)); }

void SetupPresenter::toggleDownload() {
    if (m_download.runs())
        m_download.stop();
    else
        m_download.begin(words(m_document.experiment().model.backbone));
}

void SetupPresenter::edit(const QString& key, const QString& text) {
    // By hand begins with what the preset trains.
    if (key == presetKey() && text == QLatin1String("by-hand") && m_analysis.planUpToDate()) {
        editFreeze([](const Tree&, const HandPlan& plan) { return plan; });
        return;
    }
    if (key == dataPathKey() && text != m_document.value(key)) {
        chooseFolder(text);
        return;
    }
    m_ownName = m_ownName || key == nameKey();
    const auto trouble = m_document.edit(key, text);
    if (trouble)
        m_refused.insert(key, *trouble);
    else
        m_refused.remove(key);
    showFindings();
    showSummary();
}

// Other pictures take their split from themselves, and give their name to an experiment that has none of its own.
void SetupPresenter::chooseFolder(const QString& text) {
    const QFileInfo chosen(text);
    const QString name = chosen.isFile() ? chosen.completeBaseName() : chosen.fileName();
    const bool names = !name.isEmpty() && nameIsUntouched(m_document.value(dataPathKey()));
    m_document.undoStack().beginMacro(tr("Folder"));
    const auto trouble = m_document.edit(dataPathKey(), text);
    if (!trouble) {
        forgetSplit();
        if (names)
            m_document.edit(nameKey(), name);
    }
    m_document.undoStack().endMacro();
    if (trouble)
        m_refused.insert(dataPathKey(), *trouble);
    else
        m_refused.remove(dataPathKey());
    showFindings();
    showSummary();
}

// What the folder before had of its own; the same data in another place keep it.
void SetupPresenter::forgetSplit() {
    const engine::DataSettings& data = m_document.experiment().data;
    const std::filesystem::path root = engine::dataRoot(m_document.experiment().dataPath());
    const auto here = [&root](const std::string& part) {
        std::error_code code;
        return part.empty() || std::filesystem::exists(root / part, code);
    };
    if (!here(data.train) || !here(data.validation)) {
        m_document.edit(QStringLiteral("data.train"), {});
        m_document.edit(QStringLiteral("data.validation"), {});
    }
    QStringList left;
    for (const auto& file : data.leaveOut)
        if (here(file))
            left.append(words(file));
    m_document.edit(QStringLiteral("data.leave_out"), left.join(QLatin1Char('\n')));
    const engine::Experiment usual;
    for (const char* key : {"data.kind", "data.layout", "data.file_column", "data.label_columns", "data.split_column"})
        m_document.edit(QLatin1String(key), words(engine::parameterValue(usual, key)));
}

// The default, the name that a folder or the sample gave.
bool SetupPresenter::nameIsUntouched(const QString& folder) const {
    const QString name = words(m_document.experiment().name);
    const QString file = m_document.file();
    if (name == words(engine::Experiment().name) || (!folder.isEmpty() && name == QFileInfo(folder).fileName()))
        return true;
    return !m_ownName && !file.isEmpty() && toPath(file).parent_path() == engine::sampleFolder();
}

void SetupPresenter::fileChanged() {
    if (m_document.file() != m_file) // and not only saved
        m_ownName = false;
    m_file = m_document.file();
    showTitle();
}

void SetupPresenter::fix(int finding) {
    if (finding < 0 || finding >= m_findings.size())
        return;
    const Shown shown = m_findings.at(finding);
    if (shown.fixKey.isEmpty())
        return;
    if (shown.fixKey == QLatin1String(engine::kLeaveOutByList)) {
        Q_EMIT leaveOutRequested(shown.fixValue.split(QLatin1Char('\n')));
        return;
    }
    m_refused.remove(shown.fixKey);
    edit(shown.fixKey, shown.fixValue);
    m_page.setValue(shown.fixKey, m_document.value(shown.fixKey));
}

const Tree* SetupPresenter::tree() const {
    return m_analysis.blocks().waiting() ? nullptr : m_analysis.blocks().value();
}

bool SetupPresenter::handIsCurrent() const {
    const auto& experiment = m_document.experiment();
    return !m_hand.empty() && tree() && experiment.model.backbone == m_handBackbone &&
           experiment.freeze.preset == m_handSettings.preset && experiment.freeze.phases == m_handSettings.phases;
}

// What the last edit made is shown at once; everything else as the engine resolves it.
HandPlan SetupPresenter::shownPlan() const {
    if (handIsCurrent())
        return m_hand;
    const ResolvedPlan* plan = m_analysis.plan().value();
    return tree() && plan ? handPlan(*tree(), plan->outcomes, plan->phases) : HandPlan();
}

void SetupPresenter::editFreeze(FreezeEdit edit, const QString& gesture) {
    m_edits.append({std::move(edit), gesture});
    applyEdits();
}

// An edit may come before the plan it changes is worked out; it waits for that.
void SetupPresenter::applyEdits() {
    if (m_analysis.plan().trouble() && !m_analysis.plan().waiting() && !handIsCurrent())
        m_edits.clear();
    while (!m_edits.isEmpty() && tree() && (handIsCurrent() || m_analysis.planUpToDate())) {
        const auto [edit, gesture] = m_edits.takeFirst();
        m_hand = edit(*tree(), shownPlan());
        m_handSettings = byHand(m_document.experiment().freeze, *tree(), m_hand);
        m_handBackbone = m_document.experiment().model.backbone;
        m_document.setFreeze(m_handSettings, gesture);
        showPlan();
    }
}

void SetupPresenter::valuesChanged(const QStringList& keys) {
    for (const auto& key : keys)
        if (key != QLatin1String("freeze.phase")) {
            m_refused.remove(key);
            m_page.setValue(key, m_document.value(key));
        }
    m_analysis.look(m_document.experiment());
    if (keys.contains(dataPathKey()))
        showData();
    if (keys.contains(QStringLiteral("model.backbone")) || keys.contains(QStringLiteral("model.weights")) ||
        keys.contains(QStringLiteral("devices.use")))
        showBackbones();
    const bool shape = std::any_of(keys.begin(), keys.end(), [](const QString& key) {
        return key.startsWith(QLatin1String("freeze.")) || key.startsWith(QLatin1String("train."));
    });
    if (shape)
        showPlan(); // as far as it is known; the engine's answer comes later
    showTitle();
    showFindings();
    showSummary();
}

void SetupPresenter::showTitle() {
    ui::TitleState title;
    title.tag = m_document.file().isEmpty() ? tr("Draft") : QString();
    title.changed = m_document.changed();
    m_page.setTitleState(title);
}

void SetupPresenter::showData() {
    m_page.setData(dataState(m_document.experiment(), m_analysis));
    if (m_analysis.data().waiting())
        return;
    if (const auto* report = m_analysis.data().value())
        m_backbones.setClasses(std::max(1, static_cast<int>(report->classes.size())));
    showBackbones(); // what is suggested depends on the pictures
}

void SetupPresenter::showBackbones() {
    const auto& experiment = m_document.experiment();
    m_page.setBackbones(backboneRows(experiment, m_analysis));
    showWeights();
    showDevices();
}

void SetupPresenter::showDevices() {
    const auto& experiment = m_document.experiment();
    const auto* machine = m_analysis.machine().value();
    QStringList said{startWords(experiment, m_gpus.machine()),
                     machine ? rankWords(experiment, machine->devices.size() - 1) : QString()};
    said.removeAll(QString());
    m_page.setDevices(deviceRows(experiment, m_analysis, m_gpus.machine()), said.join(QLatin1Char(' ')));
    m_page.setLinks(deviceLinks(m_gpus.machine()), deviceChoice(experiment, m_gpus.machine()));
}

bool SetupPresenter::eventFilter(QObject* watched, QEvent* event) {
    if (watched == &m_page && (event->type() == QEvent::Show || event->type() == QEvent::Hide))
        m_gpus.watch(event->type() == QEvent::Show);
    return QObject::eventFilter(watched, event);
}

void SetupPresenter::showPlan() {
    const auto& experiment = m_document.experiment();
    const HandPlan plan = shownPlan();
    const auto* estimate = m_analysis.estimate().value();
    const engine::Cost* cost = estimate ? &estimate->cost : nullptr;
    const ResolvedPlan* resolved = m_analysis.plan().value();
    const Plan outcomes = resolved && !handIsCurrent() ? resolved->outcomes : Plan();
    m_thaw = tree() ? thawPlan(*tree(), plan, experiment.train.epochs) : ui::ThawPlan();
    m_page.setFreeze(freezeState(experiment, m_thaw, cost));
    if (tree())
        m_page.setBlocks(blockRows(*tree(), plan, experiment.train.epochs, outcomes));
    m_page.setThaw(m_thaw, scheduleCurve(experiment.train, plan, cost ? cost->stepsPerEpoch : kUsualStepsPerEpoch));
}

QList<SetupPresenter::Shown> SetupPresenter::findings() const {
    QList<Shown> all;
    const auto add = [&all](const Shown& shown) {
        const bool known = std::any_of(all.begin(), all.end(), [&](const Shown& one) {
            return one.finding.key == shown.finding.key && one.finding.message == shown.finding.message;
        });
        if (!known)
            all.append(shown);
    };
    const auto addTrouble = [&add](const QString& key, const Trouble& trouble) {
        add({{key, ui::FindingSeverity::Problem, trouble.message, trouble.remedy, trouble.fixLabel},
             trouble.fixKey,
             trouble.fixValue});
    };
    const auto addAll = [&add](const std::vector<engine::Finding>& findings) {
        for (const auto& one : findings)
            add({{words(one.key),
                  one.severity == engine::Severity::Problem ? ui::FindingSeverity::Problem
                                                            : ui::FindingSeverity::Warning,
                  words(one.message), words(one.detail), words(one.fixLabel)},
                 words(one.fixKey),
                 words(one.fixValue)});
    };
    for (auto refused = m_refused.begin(); refused != m_refused.end(); ++refused)
        addTrouble(refused.key(), refused.value());
    if (const QString weights = words(m_document.experiment().model.weights);
        weights.startsWith(kHub) && !kHubName.match(weights).hasMatch())
        add({{QStringLiteral("model.weights"),
              ui::FindingSeverity::Problem,
              tr("%1 is no name on the hub.").arg(weights),
              tr("Write hub:organisation/name, with @revision where it is not the newest."),
              {}},
             {},
             {}});
    addAll(engine::validate(m_document.experiment()));
    if (const auto* trouble = m_download.trouble();
        trouble && m_download.backbone() == words(m_document.experiment().model.backbone))
        addTrouble(QStringLiteral("model.weights"), *trouble);
    if (const auto* problem = m_analysis.runsProblem().value(); problem && !problem->isEmpty())
        add({{QStringLiteral("experiment"),
              ui::FindingSeverity::Problem,
              tr("Runs cannot be written. %1").arg(*problem),
              tr("Save the experiment where you may write; its runs go beside it."),
              {}},
             {},
             {}});
    const bool hasPlan = std::none_of(all.begin(), all.end(), [](const Shown& one) {
        return one.finding.key == presetKey() && one.finding.severity == ui::FindingSeverity::Problem;
    });
    if (const auto* trouble = m_analysis.data().trouble(); trouble && trouble->kind != engine::ErrorKind::Stopped)
        addTrouble(dataPathKey(), *trouble);
    if (const auto* trouble = m_analysis.plan().trouble(); trouble && hasPlan)
        addTrouble(presetKey(), *trouble);
    if (const auto* estimate = m_analysis.estimate().value())
        addAll(estimate->findings);
    return all;
}

void SetupPresenter::showFindings() {
    m_findings = findings();
    QList<ui::FieldFinding> shown;
    for (const auto& one : m_findings)
        shown.append(one.finding);
    m_page.setFindings(shown);
}

std::optional<TrainQuestion> SetupPresenter::beforeTraining() const {
    const auto* report = m_analysis.weights().value();
    if (m_document.experiment().model.weights == "none" || !report || report->pretrainedShare >= kEnoughPretrained)
        return std::nullopt;
    QStringList missing;
    for (const auto& tensor : report->tensors)
        if (tensor.match == engine::TensorMatch::Missing)
            missing.append(words(tensor.name));
    const QString named = missing.mid(0, kNamedTensors).join(QStringLiteral(", "));
    const auto more = missing.size() - kNamedTensors;
    return TrainQuestion{
        tr("Train with %1 of the backbone pretrained?").arg(ui::formatPercent(report->pretrainedShare, 0)),
        (missing.isEmpty() ? tr("The weights do not fill the backbone.")
         : more > 0        ? tr("%1 has no %2 and %3 more.").arg(weightsName(), named).arg(more)
                           : tr("%1 has no %2.").arg(weightsName(), named)) +
            QLatin1Char(' ') +
            tr("What is missing starts at random: it needs more pictures and time, and must not be frozen.")};
}

QString SetupPresenter::weightsName() const { return words(m_document.experiment().weightsPath().filename()); }

void SetupPresenter::lookAgain(std::function<void()> then) {
    if (then)
        m_afterLook = std::move(then);
    m_again.stop();
    m_looking.start();
    m_analysis.lookAgain();
}

// What stops training may be mended outside: space on the disk, a folder that comes back.
void SetupPresenter::lookLater() {
    if (m_canTrain || m_document.experiment().data.path.empty() || m_again.isActive() || !m_analysis.upToDate())
        return;
    const qint64 took = m_looking.isValid() ? m_looking.elapsed() : 0;
    m_again.start(static_cast<int>(std::clamp(kPause * took, kAgainMs, 20 * kAgainMs)));
}

double SetupPresenter::aboutSeconds() const {
    const auto* estimate = m_analysis.estimate().value();
    return estimate ? estimate->cost.seconds : 0;
}

void SetupPresenter::answerLook() {
    if (!m_analysis.upToDate())
        return;
    lookLater();
    m_looking.invalidate();
    if (!m_afterLook)
        return;
    showFindings();
    showSummary();
    const auto then = std::exchange(m_afterLook, {});
    then();
}

void SetupPresenter::setQueues(bool queues) {
    if (queues == m_queues)
        return;
    m_queues = queues;
    if (m_measures)
        measureSpeeds();
    showSummary();
}

void SetupPresenter::measureSpeeds() {
    m_measures = true;
    m_analysis.setTrials(m_queues ? ExperimentAnalysis::Trials::Off : ExperimentAnalysis::Trials::Allowed);
}

void SetupPresenter::showSummary() {
    ui::SummaryState state = summaryState(m_document.experiment(), m_analysis, m_thaw);
    int problems = 0;
    int warnings = 0;
    for (const auto& one : m_findings)
        ++(one.finding.severity == ui::FindingSeverity::Problem ? problems : warnings);
    const bool checking = m_analysis.data().waiting() || !m_analysis.data().value();
    const bool weighing = m_analysis.weights().waiting();
    if (m_document.experiment().data.path.empty())
        state.readiness = tr("Choose a folder of pictures first.");
    else if (problems > 0)
        state.readiness =
            problems == 1 ? tr("1 problem stops training.") : tr("%1 problems stop training.").arg(problems);
    else if (checking)
        state.readiness = tr("Ready once the data is checked.");
    else if (weighing)
        state.readiness = tr("Ready once the weights are read.");
    else if (warnings > 0)
        state.readiness = warnings == 1 ? tr("Ready. The warning doesn't stop training.")
                                        : tr("Ready. The %1 warnings don't stop training.").arg(warnings);
    else
        state.readiness = m_queues ? tr("Ready. It waits until the run before it ends.") : tr("Ready.");
    state.canTrain = problems == 0 && !checking && !weighing;
    state.trainLabel = m_queues ? tr("Queue") : QString();
    m_page.setSummary(state);
    const bool changed = state.canTrain != m_canTrain || state.readiness != m_readiness;
    m_canTrain = state.canTrain;
    m_readiness = state.readiness;
    if (changed)
        Q_EMIT readyChanged();
    lookLater();
}

} // namespace app
