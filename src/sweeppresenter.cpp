#include "src/sweeppresenter.h"

#include "engine/api/estimate.h"
#include "engine/api/parameter.h"
#include "engine/api/sweep.h"
#include "src/values.h"
#include "ui/format.h"
#include "ui/setup/sweepdialog.h"

#include <QRegularExpression>

namespace app {
namespace {

constexpr qsizetype kNamed = 8;

// What can be varied without another data set or another place for it.
bool canVary(const engine::Parameter& parameter) {
    const QString key = words(parameter.key);
    const bool place = parameter.type == engine::ParameterType::Path || parameter.type == engine::ParameterType::List;
    return !place && key != QLatin1String("experiment.name") &&
           (!key.startsWith(QLatin1String("data.")) || key == QLatin1String("data.augmentation") ||
            key == QLatin1String("data.image_size"));
}

QString tipOf(const engine::Parameter& parameter) {
    QStringList choices;
    for (const auto& choice : parameter.choices)
        choices.append(words(choice));
    const QString usual =
        parameter.usual.empty() ? QString() : SweepPresenter::tr("Usual: %1.").arg(words(parameter.usual));
    return QStringList{choices.join(QStringLiteral(", ")), words(parameter.help), usual}
        .filter(QRegularExpression(QStringLiteral(".")))
        .join(QLatin1Char('\n'));
}

QList<ui::SweepField> fieldsOf(const engine::Experiment& experiment) {
    QList<ui::SweepField> fields;
    for (const auto& parameter : engine::experimentParameters())
        if (canVary(parameter))
            fields.append({words(parameter.key), words(parameter.label),
                           words(engine::parameterValue(experiment, parameter.key)), tipOf(parameter)});
    return fields;
}

double secondsOf(const engine::Experiment& experiment, const std::optional<engine::DataReport>& data) {
    if (!data)
        return 0;
    try {
        return engine::estimateCost(experiment, *data).seconds;
    } catch (const engine::Error&) {
        return 0; // a combination that will be refused says so when its turn comes
    }
}

} // namespace

SweepPresenter* SweepPresenter::open(QWidget& window, const engine::Experiment& experiment,
                                     const engine::DataReport* data) {
    auto* dialog = new ui::SweepDialog(fieldsOf(experiment), tr("sweep of %1").arg(words(experiment.name)), &window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    auto* presenter = new SweepPresenter(*dialog, experiment, data);
    dialog->open();
    return presenter;
}

SweepPresenter::SweepPresenter(ui::SweepDialog& dialog, const engine::Experiment& experiment,
                               const engine::DataReport* data)
    : QObject(&dialog), m_dialog(dialog), m_experiment(experiment), m_data(data ? std::optional(*data) : std::nullopt) {
    connect(&dialog, &ui::SweepDialog::changed, this, &SweepPresenter::ask);
    connect(&dialog, &QDialog::accepted, this, [this] {
        if (const auto* runs = m_runs.value())
            Q_EMIT accepted(*runs, m_dialog.group());
    });
    ask();
}

void SweepPresenter::ask() {
    const auto axes = m_dialog.axes();
    QString question;
    for (const auto& axis : axes)
        question += QStringLiteral("%1=%2\n").arg(axis.key, axis.values);
    m_runs.ask(
        m_background, question.isEmpty() ? QStringLiteral("none") : question,
        [axes, experiment = m_experiment, data = m_data](const std::stop_token& stop) {
            std::vector<engine::SweepAxis> parsed;
            for (const auto& axis : axes)
                parsed.push_back(engine::parseSweepAxis(axis.key.toStdString(), axis.values.toStdString()));
            std::vector<PlannedRun> runs;
            for (auto& one : engine::sweep(experiment, std::move(parsed))) {
                const double seconds = stop.stop_requested() ? 0 : secondsOf(one, data);
                runs.push_back({std::move(one), seconds});
            }
            return runs;
        },
        [this] { show(); });
}

void SweepPresenter::show() {
    ui::SweepOffer offer;
    if (const auto* trouble = m_runs.trouble()) {
        offer.problem = QStringLiteral("%1 %2").arg(trouble->message, trouble->remedy);
    } else if (const auto* runs = m_runs.value()) {
        offer.runs = static_cast<int>(runs->size());
        double seconds = 0;
        for (const auto& run : *runs) {
            seconds += run.aboutSeconds;
            if (offer.names.size() < kNamed)
                offer.names.append(words(run.experiment.name));
        }
        offer.words = offer.runs == 1 ? tr("1 run") : tr("%1 runs").arg(offer.runs);
        if (seconds > 0)
            offer.words += QStringLiteral(", %1").arg(ui::formatSpanWords(seconds));
    }
    m_dialog.setOffer(offer);
}

} // namespace app
