#pragma once

#include "engine/api/run.h"
#include "ui/mistakes/mistakedata.h"

#include <QString>
#include <QStringList>

#include <filesystem>
#include <string>
#include <vector>

// What a validation said about each sample, as the window shows it: mistakes, confusion, scores of classes.
namespace app {

// What people call a sample of this task: "picture", "pictures".
[[nodiscard]] QString sampleName(const std::string& task);
[[nodiscard]] QString samplesName(const std::string& task);

// The epoch whose answers stand for a run: the best, which is the model it leaves; of a run that is not over the last.
// 0: none was validated.
enum class RunIs { Live, Over };
[[nodiscard]] int telling(const engine::RunSummary& run, RunIs is);

// Row major, true × predicted; empty where no sample has exactly one class of these.
[[nodiscard]] QList<int> confusionOf(const std::vector<engine::SampleResult>& samples, int classes);
[[nodiscard]] ui::ClassScores scoresOf(const QList<int>& confusion, const QStringList& classes);
// Whether each sample may have several labels.
[[nodiscard]] bool giveSeveralLabels(const std::vector<engine::SampleResult>& samples);

// Wrong answers, or those of a choice (a right one where it says so): the surest first; where each label is a question
// of its own those of the greatest loss. Without their pictures; files as paths below `dataRoot`.
[[nodiscard]] QList<ui::Misclassified> mistakesOf(std::vector<engine::SampleResult> samples, const QStringList& classes,
                                                  const std::filesystem::path& dataRoot);
[[nodiscard]] QList<ui::Misclassified> chosenOf(std::vector<engine::SampleResult> samples, const QStringList& classes,
                                                const std::filesystem::path& dataRoot, ui::MistakeChoice choice);
// "bees taken for bumblebees: 6 pictures, the surest first"
[[nodiscard]] QString choiceWords(qsizetype count, const QStringList& classes, ui::MistakeChoice choice,
                                  const std::string& task);

} // namespace app
