#include "src/report.h"

#include "engine/api/catalog.h"
#include "engine/api/importruns.h"
#include "engine/api/parameter.h"
#include "src/metricwords.h"
#include "src/reportchart.h"
#include "src/runcurves.h"
#include "src/samplewords.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

struct ReportWords {
    Q_DECLARE_TR_FUNCTIONS(Report)
};
const auto tr = [](const char* text) { return ReportWords::tr(text); };

QString safe(const QString& text) { return text.toHtmlEscaped(); }
QString safe(const std::string& text) { return words(text).toHtmlEscaped(); }

QString element(const char* name, const QString& content, const QString& attributes = {}) {
    const QLatin1String tag(name);
    return QString(QLatin1Char('<')) + tag + (attributes.isEmpty() ? QString() : QLatin1Char(' ') + attributes) +
           QLatin1Char('>') + content + QLatin1String("</") + tag + QLatin1String(">\n");
}

// Rows of cells; the first is the head, the first column text, the others numbers.
class HtmlTable final {
public:
    explicit HtmlTable(const QStringList& head) { add(head, "th"); }
    void add(const QStringList& cells, const char* tag = "td") {
        QString row;
        for (qsizetype i = 0; i < cells.size(); ++i)
            row += element(tag, cells.at(i), i == 0 ? QString() : QStringLiteral("class=\"number\""));
        m_rows += element("tr", row);
    }
    [[nodiscard]] QString html() const {
        return element("div", element("table", m_rows), QStringLiteral("class=\"wide\""));
    }

private:
    QString m_rows;
};

using Runs = std::vector<ReportRun>;

QString nameOf(const ReportRun& run, const ReportLook& look) {
    const QString id = words(run.summary.id);
    return QStringLiteral("<span class=\"swatch\" style=\"background:%1\"></span>%2")
        .arg(look.runs.value(id).name(), safe(run.summary.name));
}

QString section(const QString& title, const QString& content) {
    return element("section", element("h2", safe(title)) + content);
}

// Those of which any run has a value, in the table's order; the monitored ones are among them.
std::vector<engine::MetricInfo> metricsOf(const Runs& runs) {
    std::vector<engine::MetricInfo> all = engine::metrics();
    for (const ReportRun& run : runs)
        for (const auto& [series, value] : run.summary.last)
            if (const auto name = engine::metricOfSeries(series);
                name && series == engine::validationSeries(*name) &&
                std::ranges::find(all, *name, &engine::MetricInfo::name) == all.end())
                all.push_back(engine::findMetric(*name));
    std::erase_if(all, [&runs](const engine::MetricInfo& metric) {
        return std::ranges::none_of(runs, [&](const ReportRun& run) {
            return run.summary.last.contains(engine::validationSeries(metric.name));
        });
    });
    return all;
}

QString valueIn(const std::map<std::string, double>& values, const engine::MetricInfo& metric) {
    const auto found = values.find(engine::validationSeries(metric.name));
    return found == values.end() ? ui::missing() : safe(formatMetric(metric, found->second));
}

QString results(const Runs& runs, const ReportLook& look) {
    const auto metrics = metricsOf(runs);
    QStringList head{tr("Run"), tr("State")};
    for (const auto& metric : metrics)
        head << safe(tr("Best %1").arg(lowerLabel(metric))) << safe(tr("Last %1").arg(lowerLabel(metric)));
    head << tr("Best epoch") << tr("Epochs") << tr("Time") << tr("Parameters trained") << tr("Device");
    HtmlTable table(head);
    for (const ReportRun& run : runs) {
        const engine::RunSummary& s = run.summary;
        QStringList row{nameOf(run, look), QLatin1String(engine::runStateName(s.state))};
        for (const auto& metric : metrics)
            row << valueIn(s.best, metric) << valueIn(s.last, metric);
        row << (s.bestEpoch > 0 ? QString::number(s.bestEpoch) : ui::missing())
            << tr("%1 of %2").arg(s.epoch).arg(s.epochs) << ui::formatSpan(s.seconds)
            << (s.parameters > 0 ? ui::formatCount(static_cast<double>(s.trainableParameters)) : ui::missing())
            << safe(s.device);
        table.add(row);
    }
    return section(tr("Results"), table.html());
}

// By epochs where each run knows how many steps one has, else by steps.
enum class XUnit { Epochs, Steps };

ui::ChartSeries lineOf(const ReportRun& run, const ui::Curve& curve, double bestStep, XUnit unit,
                       const ReportLook& look) {
    const QString id = words(run.summary.id);
    const double scale = unit == XUnit::Epochs ? run.curves.stepsPerEpoch : 1;
    ui::ChartSeries line;
    line.key = id;
    line.name = words(run.summary.name);
    line.color = look.runs.value(id);
    line.dashed = look.dashed.value(id);
    line.x = curve.step;
    for (double& x : line.x)
        x /= scale;
    line.y = curve.value;
    if (const auto best = curve.step.indexOf(bestStep); best >= 0)
        line.best = QPointF(line.x.at(best), line.y.at(best));
    return line;
}

QString chartOf(const Runs& runs, const engine::MetricInfo& metric, ui::Curve ui::MetricCurves::*curve,
                const QString& title, XUnit unit, const ReportLook& look) {
    ReportChart chart{.title = title,
                      .xName = unit == XUnit::Epochs ? tr("Epoch") : tr("Step"),
                      .unit = chartUnit(metric),
                      .lines = {}};
    for (const ReportRun& run : runs)
        for (const ui::MetricCurves& one : run.curves.metrics)
            if (one.name == words(metric.name) && !(one.*curve).isEmpty())
                chart.lines.append(
                    lineOf(run, one.*curve, curve == &ui::MetricCurves::validation ? one.bestStep : -1, unit, look));
    return chart.lines.isEmpty() ? QString() : element("figure", chartSvg(chart));
}

QString curves(const Runs& runs, const ReportLook& look) {
    const bool known = std::ranges::all_of(runs, [](const ReportRun& run) { return run.curves.stepsPerEpoch > 0; });
    const XUnit unit = known ? XUnit::Epochs : XUnit::Steps;
    QString charts;
    for (const engine::MetricInfo& metric : metricsOf(runs))
        charts += chartOf(runs, metric, &ui::MetricCurves::validation, tr("Validation %1").arg(lowerLabel(metric)),
                          unit, look);
    charts += chartOf(runs, lossMetric(), &ui::MetricCurves::train, tr("Training loss"), unit, look);
    return charts.isEmpty() ? QString()
                            : section(tr("Curves"), element("div", charts, QStringLiteral("class=\"charts\"")));
}

QString verdict(const ui::DifferenceTest& test, const QString& reference) {
    using Verdict = ui::DifferenceTest::Verdict;
    switch (test.verdict) {
    case Verdict::ReferenceBetter:
        return tr("%1 is better").arg(reference);
    case Verdict::OtherBetter:
        return tr("%1 is better").arg(test.name);
    case Verdict::OtherData:
        return tr("validated on other data");
    case Verdict::NotShown:
        break;
    }
    return tr("not distinguishable");
}

QString reality(const Runs& runs) {
    std::vector<std::shared_ptr<const ValidatedRun>> validated;
    for (const ReportRun& run : runs)
        if (run.validated && !run.validated->samples.empty())
            validated.push_back(run.validated);
    if (validated.empty())
        return {};
    const ui::RealityCheck check = realityOf(validated, samplesName(runs.front().summary.task));
    HtmlTable shares({tr("Run"), tr("Right"), tr("Of"), tr("Share"), tr("95 % interval")});
    for (const ui::AccuracyRow& row : check.runs)
        shares.add(
            {safe(row.name), ui::formatExact(row.right), ui::formatExact(row.all),
             ui::formatPercent(row.all > 0 ? static_cast<double>(row.right) / static_cast<double>(row.all) : NAN),
             tr("%1 to %2").arg(ui::formatPercent(row.low), ui::formatPercent(row.high))});
    QString content = shares.html();
    if (!check.tests.isEmpty()) {
        HtmlTable tests({tr("Against %1").arg(safe(check.referenceName)), tr("Difference"), tr("Right alone"), tr("p"),
                         tr("Verdict")});
        for (const ui::DifferenceTest& test : check.tests)
            tests.add({safe(test.name),
                       tr("%1 (%2 to %3)")
                           .arg(ui::formatPercent(test.difference), ui::formatPercent(test.low),
                                ui::formatPercent(test.high)),
                       tr("%1 to %2").arg(test.onlyOther).arg(test.onlyReference), ui::formatNumber(test.corrected),
                       safe(verdict(test, check.referenceName))});
        content += tests.html() + element("p",
                                          tr("McNemar's exact test on the same samples, corrected for the number of "
                                             "comparisons (Holm); intervals of the paired bootstrap."),
                                          QStringLiteral("class=\"muted\""));
    }
    return section(tr("Is it real?"), content);
}

QString settings(const Runs& runs, const ReportLook& look) {
    std::vector<engine::Experiment> experiments;
    QStringList head{tr("Setting")};
    for (const ReportRun& run : runs)
        if (!run.imported) {
            experiments.push_back(run.experiment);
            head << nameOf(run, look);
        }
    if (experiments.empty())
        return {};
    QString content;
    if (experiments.size() > 1) {
        HtmlTable table(head);
        for (const auto& difference : engine::differences(experiments)) {
            QStringList row{safe(difference.label)};
            for (const auto& value : difference.values)
                row << safe(value);
            table.add(row);
        }
        content = table.html();
    }
    HtmlTable all(head);
    for (const engine::Parameter& parameter : engine::experimentParameters()) {
        QStringList row{safe(parameter.label)};
        for (const auto& experiment : experiments)
            row << safe(engine::parameterValue(experiment, parameter.key));
        all.add(row);
    }
    content += element("details", element("summary", tr("All settings")) + all.html());
    return section(experiments.size() > 1 ? tr("Settings that differ") : tr("Settings"), content);
}

QString classes(const Runs& runs, const ReportLook& look) {
    QString content;
    for (const ReportRun& run : runs) {
        if (run.scores.classes.isEmpty())
            continue;
        HtmlTable table({tr("Class"), tr("Precision"), tr("Recall"), tr("F1"), tr("Samples")});
        for (const ui::ClassScore& score : run.scores.classes)
            table.add({safe(score.name), ui::formatPercent(score.precision), ui::formatPercent(score.recall),
                       ui::formatPercent(score.f1), ui::formatExact(score.support)});
        content += element("details", element("summary", nameOf(run, look)) + table.html());
    }
    return content.isEmpty() ? QString() : section(tr("Classes"), content);
}

QString notes(const Runs& runs, const ReportLook& look) {
    QString content;
    for (const ReportRun& run : runs) {
        QString text = safe(run.summary.note).replace(QLatin1Char('\n'), QLatin1String("<br>"));
        for (const std::string& tag : run.summary.tags)
            text += QStringLiteral(" <span class=\"tag\">%1</span>").arg(safe(tag));
        if (!run.summary.failure.empty())
            text += element("p", safe(run.summary.failure));
        if (!text.trimmed().isEmpty())
            content += element("h3", nameOf(run, look)) + element("p", text);
    }
    return content.isEmpty() ? QString() : section(tr("Notes"), content);
}

QString style(const ReportLook& look) {
    return QStringLiteral("body{background:%1;color:%2;font:14px/1.5 Inter,system-ui,sans-serif;margin:0 auto;"
                          "max-width:1200px;padding:24px}"
                          "section,figure{background:%3;border:1px solid %4;border-radius:8px;padding:16px;"
                          "margin:0 0 12px}h1{font-size:22px}h2{font-size:16px;margin:0 0 8px}h3{font-size:14px}"
                          ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:12px}"
                          "figure{margin:0;padding:8px}svg{width:100%;height:auto}.ink{fill:%5;font-size:12px}"
                          ".title{fill:%2;font-size:13px;font-weight:600}.axis{stroke:%4}.wide{overflow-x:auto}"
                          "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
                          "th,td{padding:4px 12px 4px 0;border-bottom:1px solid %4;text-align:left;"
                          "overflow-wrap:anywhere}"
                          ".number{text-align:right;white-space:nowrap}.muted,th{color:%5}summary{cursor:pointer}"
                          ".swatch{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:8px}"
                          ".tag{border:1px solid %4;border-radius:4px;padding:0 6px}")
        .arg(look.ground.name(), look.text.name(), look.surface.name(), look.border.name(), look.muted.name());
}

} // namespace

ReportRun readReportRun(const std::filesystem::path& folder) {
    const engine::RunReader reader(folder);
    RunCurves curves({}, {});
    curves.read(reader);
    ReportRun made;
    made.summary = reader.summary();
    made.experiment = reader.experiment();
    made.imported = made.summary.device == engine::kImportedDevice;
    made.curves = curves.curves();
    for (const auto& name : reader.classNames())
        made.classes.append(words(name));
    auto samples = reader.samples(telling(made.summary, RunIs::Over));
    made.scores = scoresOf(confusionOf(samples, static_cast<int>(made.classes.size())), made.classes);
    made.validated = std::make_shared<const ValidatedRun>(ValidatedRun{words(made.summary.id), words(made.summary.name),
                                                                       std::max(1, made.summary.colour),
                                                                       reader.classNames(), std::move(samples)});
    return made;
}

QString reportHtml(const Runs& runs, const ReportLook& look, double now) {
    const QString title =
        runs.size() == 1 ? words(runs.front().summary.name) : tr("Comparison of %1 runs").arg(runs.size());
    const QString when =
        QLocale().toString(QDateTime::fromSecsSinceEpoch(static_cast<qint64>(now)), QLocale::ShortFormat);
    const QString head = QStringLiteral("<meta charset=\"utf-8\"><meta name=\"viewport\" "
                                        "content=\"width=device-width\"><title>%1</title><style>%2</style>")
                             .arg(safe(title), style(look));
    const QString body = element("h1", safe(title)) +
                         element("p", safe(tr("Written by Thaw, %1").arg(when)), QStringLiteral("class=\"muted\"")) +
                         results(runs, look) + curves(runs, look) + reality(runs) + settings(runs, look) +
                         classes(runs, look) + notes(runs, look);
    return QStringLiteral("<!doctype html>\n") + element("html", element("head", head) + element("body", body));
}

} // namespace app
