#include "engine/export/modelcard.h"

#include "engine/api/comparison.h"
#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/api/metrics.h"
#include "engine/base/utf8.h"
#include "engine/export/confusionpicture.h"
#include "engine/task/task.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostRows = 1000; // of a table that a person may still look through
constexpr const char* kConfusionFile = "confusion.svg";
constexpr std::size_t kMostConfused = 20; // classes of a table that is as wide as it is high

// Within a table's cell or a line: whatever the name holds, it stays in its place.
std::string cell(const std::string& text) {
    std::string safe;
    for (const char letter : utf8FromBytes(text)) {
        if (letter == '|' || letter == '\\' || letter == '`' || letter == '*' || letter == '_' || letter == '<')
            safe += '\\';
        safe += letter == '\n' || letter == '\r' || letter == '\t' ? ' ' : letter;
    }
    return safe;
}

std::string dataWords(const Experiment& experiment, const ModelDescription& description) {
    std::string text = fmt::format("## Data\n\n{}: `{}`.\n", taskOf(description.task).info().label,
                                   experiment.data.path.filename().string());
    std::map<std::string, ClassCount> counts;
    try {
        for (const ClassCount& one : listData(experiment).classes)
            counts.emplace(one.name, one);
    } catch (const Error&) {
        text += "The pictures are not where they were trained on, so that they are not counted here.\n";
    }
    text += "\n| number | class | training | validation |\n|---:|---|---:|---:|\n";
    for (std::size_t i = 0; i < std::min(kMostRows, description.classes.size()); ++i) {
        const auto found = counts.find(description.classes[i]);
        const auto number = [&](std::int64_t ClassCount::*count) {
            return found == counts.end() ? std::string("–") : std::to_string(found->second.*count);
        };
        text += fmt::format("| {} | {} | {} | {} |\n", i, cell(description.classes[i]), number(&ClassCount::train),
                            number(&ClassCount::validation));
    }
    if (description.classes.size() > kMostRows)
        text += fmt::format("\nconfig.json has all {} classes.\n", description.classes.size());
    return text;
}

// "91.3 % (88.0 % to 93.8 %)": of shares of samples the interval in which the true one lies with 95 % confidence.
std::string valueWords(const MetricInfo& metric, double value, std::int64_t samples) {
    std::string text = metricWords(metric, value);
    if (metric.name == "accuracy" && samples > 0 && std::isfinite(value)) {
        const Interval interval = wilsonInterval(std::llround(value * static_cast<double>(samples)), samples);
        text += fmt::format(" ({} to {})", metricWords(metric, interval.low), metricWords(metric, interval.high));
    }
    return text;
}

// Where each picture has one class, and they are not too many.
std::optional<ConfusionCounts> confusionOf(const std::vector<SampleResult>& samples,
                                           const ModelDescription& description) {
    const std::size_t classes = description.classes.size();
    if (!taskOf(description.task).info().exclusive || samples.empty() || classes > kMostConfusionClasses)
        return {};
    ConfusionCounts confusion{.classes = description.classes, .counts = std::vector<std::int64_t>(classes * classes)};
    for (const SampleResult& sample : samples)
        if (sample.label >= 0 && sample.predicted >= 0)
            ++confusion.counts.at(static_cast<std::size_t>(sample.label) * classes +
                                  static_cast<std::size_t>(sample.predicted));
    return confusion;
}

// Rows: the true class; columns: the answer.
std::string confusionTable(const ConfusionCounts& confusion) {
    if (confusion.classes.size() > kMostConfused)
        return {};
    std::string text = "\n| true \\ answer |", line = "|---|";
    for (const std::string& name : confusion.classes) {
        text += fmt::format(" {} |", cell(name));
        line += "---:|";
    }
    text += "\n" + line + "\n";
    for (std::size_t row = 0; row < confusion.classes.size(); ++row) {
        text += fmt::format("| {} |", cell(confusion.classes[row]));
        for (std::size_t column = 0; column < confusion.classes.size(); ++column)
            text += fmt::format(" {} |", confusion.at(row, column));
        text += "\n";
    }
    return text;
}

// The table and, in `files`, the picture.
std::string confusionWords(const ConfusionCounts& confusion, std::map<std::string, std::string>& files) {
    files[kConfusionFile] = confusionPicture(confusion);
    return fmt::format("\n![Confusion matrix: rows are the true class, columns the answer]({})\n", kConfusionFile) +
           confusionTable(confusion);
}

std::string metricsWords(const fs::path& run, const ExportFacts& facts, const ModelDescription& description,
                         std::map<std::string, std::string>& files) {
    const RunReader reader(run);
    const std::vector<SampleResult> answers = reader.samples(facts.epoch);
    const std::int64_t samples = std::ssize(answers);
    std::string rows;
    for (const MetricInfo& metric : metrics()) {
        const Series& series = reader.series(validationSeries(metric.name));
        for (std::size_t i = 0; i < series.step.size(); ++i)
            if (series.step[i] == facts.step)
                rows += fmt::format("| {} | {} |\n", metric.label, valueWords(metric, series.value[i], samples));
    }
    if (rows.empty())
        return "## How good it is\n\nIt was not validated at this step.\n";
    const auto confusion = confusionOf(answers, description);
    return fmt::format("## How good it is\n\nOn {} validation samples after epoch {} (step {}); in brackets where the "
                       "true value lies with 95 % confidence.\n\n| metric | value |\n|---|---|\n{}",
                       samples, facts.epoch, facts.step, rows) +
           (confusion ? confusionWords(*confusion, files) : std::string());
}

std::string trainingWords(const Experiment& experiment, const ModelDescription& description) {
    const BackboneInfo& info = findBackbone(description.backbone);
    const fs::path weights = experiment.model.weights;
    std::string text = fmt::format("## How it was trained\n\nBackbone {} ({}). ", cell(info.name), info.source);
    text += weights == "none" ? "It began from random parameters.\n"
                              : fmt::format("It began from the weights `{}`; licence of the usual ones: {}.\n",
                                            weights.filename().string(), info.licence);
    text += fmt::format("{}, learning rate {:g}, {} schedule, {} epochs of batches of {}.\n\n| from epoch | trained |\n"
                        "|---:|---|\n",
                        experiment.train.optimizer, experiment.train.learningRate, experiment.train.schedule,
                        experiment.train.epochs, experiment.train.batchSize);
    try {
        for (const FreezeOutcome& phase :
             resolveFreeze(experiment.freeze, experiment.train.epochs, description.backbone,
                           static_cast<int>(description.classes.size())))
            text += fmt::format("| {} | {} of {} parameters |\n", phase.fromEpoch, phase.trainableParameters,
                                phase.trainableParameters + phase.frozenParameters);
    } catch (const Error& error) {
        text += fmt::format("| – | {} |\n", cell(error.what()));
    }
    if (experiment.freeze.loraRank > 0)
        text += "\nIts low-rank adapters are worked into the parameters.\n";
    return text;
}

std::string openingWords(const ExportFacts& facts, const ExportReport& report) {
    const ExportFormatInfo& format = exportFormat(facts.format);
    std::string text =
        fmt::format("## Use\n\n{} {}\n\n```python\n{}\n```\n\n", format.opens, format.loses, report.opening);
    for (const std::string& note : report.notes)
        text += note + "\n";
    return text + "\nThe programs `predict.*` say what it sees in pictures. `config.json` has the "
                  "classes and how pictures are prepared; `certificate.json` how far its answers are from the run's.\n";
}

} // namespace

std::map<std::string, std::string> modelCard(const fs::path& run, const ExportFacts& facts,
                                             const ModelDescription& description, const ExportReport& report) {
    std::map<std::string, std::string> files;
    std::string text = fmt::format("# {}\n\nA classifier of pictures, exported by Thaw from the run {}.\n\n",
                                   cell(facts.name.empty() ? facts.run : facts.name), cell(facts.run));
    text += openingWords(facts, report);
    std::error_code code;
    if (fs::exists(run / "experiment.toml", code)) { // else it is a checkpoint alone
        const Experiment experiment = readExperiment(run / "experiment.toml");
        text += "\n" + dataWords(experiment, description) + "\n" + metricsWords(run, facts, description, files) + "\n" +
                trainingWords(experiment, description);
    }
    files["README.md"] = text;
    return files;
}

} // namespace engine
