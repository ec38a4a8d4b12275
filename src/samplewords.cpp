#include "src/samplewords.h"

#include "engine/api/comparison.h"
#include "engine/api/tasks.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

struct SampleWords {
    Q_DECLARE_TR_FUNCTIONS(Samples)
};

// Of wrong answers the surest are the worst; where each label is a question of its own, those of the greatest loss.
bool isWorse(const engine::SampleResult& a, const engine::SampleResult& b) {
    return a.predictedLabels && b.predictedLabels ? a.loss > b.loss : a.probability > b.probability;
}

QString nameOf(int label, const QStringList& classes) { return classes.value(label, QString::number(label)); }

QStringList namesWithout(const std::vector<int>& labels, const std::vector<int>& others, const QStringList& classes) {
    QStringList names;
    for (const int label : labels)
        if (std::ranges::find(others, label) == others.end())
            names.append(nameOf(label, classes));
    return names;
}

ui::Misclassified shownAs(const engine::SampleResult& sample, const QStringList& classes,
                          const std::filesystem::path& dataRoot) {
    ui::Misclassified made{words(dataRoot / sample.file),
                           {},
                           nameOf(sample.label, classes),
                           nameOf(sample.predicted, classes),
                           static_cast<double>(sample.probability),
                           {},
                           {}};
    if (sample.predictedLabels) {
        made.missed = namesWithout(sample.labels, *sample.predictedLabels, classes);
        made.wrong = namesWithout(*sample.predictedLabels, sample.labels, classes);
    }
    return made;
}

QList<ui::Misclassified> shownWorstFirst(std::vector<engine::SampleResult> samples, const QStringList& classes,
                                         const std::filesystem::path& dataRoot) {
    std::ranges::stable_sort(samples, isWorse);
    QList<ui::Misclassified> made;
    for (const engine::SampleResult& sample : samples)
        made.append(shownAs(sample, classes, dataRoot));
    return made;
}

bool isOf(const engine::SampleResult& sample, ui::MistakeChoice choice) {
    constexpr int kAny = ui::MistakeChoice::kAnyOther;
    if (sample.predictedLabels)
        return false;
    if (choice.truth != kAny && choice.predicted != kAny)
        return sample.label == choice.truth && sample.predicted == choice.predicted;
    const bool asked = choice.truth != kAny ? sample.label == choice.truth : sample.predicted == choice.predicted;
    return asked && sample.label != sample.predicted;
}

} // namespace

QString sampleName(const std::string& task) {
    for (const engine::TaskInfo& known : engine::tasks())
        if (known.name == task)
            return words(known.sample);
    return SampleWords::tr("sample");
}

QString samplesName(const std::string& task) {
    for (const engine::TaskInfo& known : engine::tasks())
        if (known.name == task)
            return words(known.samples);
    return SampleWords::tr("samples");
}

int telling(const engine::RunSummary& run, RunIs is) {
    return is == RunIs::Over && run.bestEpoch > 0 ? run.bestEpoch : run.epoch;
}

QList<int> confusionOf(const std::vector<engine::SampleResult>& samples, int classes) {
    QList<int> counts(qsizetype(classes) * classes, 0);
    bool any = false;
    for (const auto& sample : samples) {
        if (sample.label < 0 || sample.label >= classes || sample.predicted < 0 || sample.predicted >= classes)
            continue;
        ++counts[qsizetype(sample.label) * classes + sample.predicted];
        any = true;
    }
    return any ? counts : QList<int>();
}

ui::ClassScores scoresOf(const QList<int>& confusion, const QStringList& classes) {
    if (confusion.isEmpty())
        return {};
    const std::vector<std::int64_t> counts(confusion.begin(), confusion.end());
    const auto scores = engine::classScores(counts, static_cast<std::size_t>(classes.size()));
    ui::ClassScores made;
    made.macroF1 = engine::macroF1(scores);
    for (qsizetype i = 0; i < classes.size(); ++i) {
        const engine::ClassScore& score = scores[static_cast<std::size_t>(i)];
        made.classes.append({classes[i], score.precision, score.recall, score.f1, score.support});
        if (score.neverRecognised())
            made.neverRecognised.append(classes[i]);
    }
    return made;
}

bool giveSeveralLabels(const std::vector<engine::SampleResult>& samples) {
    return std::ranges::any_of(samples, [](const auto& sample) { return sample.predictedLabels.has_value(); });
}

QList<ui::Misclassified> mistakesOf(std::vector<engine::SampleResult> samples, const QStringList& classes,
                                    const std::filesystem::path& dataRoot) {
    std::erase_if(samples, [](const auto& sample) { return sample.right(); });
    return shownWorstFirst(std::move(samples), classes, dataRoot);
}

QList<ui::Misclassified> chosenOf(std::vector<engine::SampleResult> samples, const QStringList& classes,
                                  const std::filesystem::path& dataRoot, ui::MistakeChoice choice) {
    std::erase_if(samples, [choice](const auto& sample) { return !isOf(sample, choice); });
    return shownWorstFirst(std::move(samples), classes, dataRoot);
}

QString choiceWords(qsizetype count, const QStringList& classes, ui::MistakeChoice choice, const std::string& task) {
    constexpr int kAny = ui::MistakeChoice::kAnyOther;
    const QString amount =
        QStringLiteral("%1 %2").arg(ui::formatExact(count), count == 1 ? sampleName(task) : samplesName(task));
    const QString truth = nameOf(choice.truth, classes);
    const QString predicted = nameOf(choice.predicted, classes);
    QString words = SampleWords::tr("%1 taken for %2: %3").arg(truth, predicted, amount);
    if (choice.truth == kAny && choice.predicted == kAny)
        words = SampleWords::tr("Misclassified: %1").arg(amount);
    else if (choice.predicted == kAny)
        words = SampleWords::tr("%1 taken for another class: %2").arg(truth, amount);
    else if (choice.truth == kAny)
        words = SampleWords::tr("Of another class but taken for %1: %2").arg(predicted, amount);
    else if (choice.truth == choice.predicted)
        words = SampleWords::tr("%1, recognised: %2").arg(truth, amount);
    return count > 1 ? SampleWords::tr("%1, the surest first").arg(words) : words;
}

} // namespace app
