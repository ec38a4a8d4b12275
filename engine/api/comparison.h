#pragma once

#include "engine/api/run.h"

#include <span>
#include <string>
#include <vector>

namespace engine {

// Whether what two models differ by is more than chance, and how a model does on each class. All of it is pure
// arithmetic: any thread.

struct Interval {
    double low = 0;
    double high = 0;
};

// Where the true share lies with 95 % confidence if `right` of `all` were right: Wilson's score interval, as
// statsmodels' proportion_confint(method="wilson"). Of none: 0 to 1.
[[nodiscard]] Interval wilsonInterval(std::int64_t right, std::int64_t all);

// What two models answered on the same samples.
struct PairedAnswers {
    std::int64_t both = 0; // right
    std::int64_t onlyFirst = 0;
    std::int64_t onlySecond = 0;
    std::int64_t neither = 0;
    std::int64_t unmatched = 0; // samples that only one of them saw, or of which they were told different truths

    [[nodiscard]] std::int64_t all() const { return both + onlyFirst + onlySecond + neither; }
    [[nodiscard]] double difference() const; // of the shares of right answers, first − second; NaN of none
};
// Samples are the same where their files are; classes are the same where their names are.
[[nodiscard]] PairedAnswers pairAnswers(std::span<const SampleResult> first,
                                        const std::vector<std::string>& firstClasses,
                                        std::span<const SampleResult> second,
                                        const std::vector<std::string>& secondClasses);

// McNemar's exact test, two-sided: how often so uneven a split of the samples on which one alone is right comes by
// chance. As statsmodels' mcnemar(exact=True).
[[nodiscard]] double mcNemarExact(std::int64_t onlyFirst, std::int64_t onlySecond);

// The 95 % percentile interval of the difference over all that drawing the pairs anew can give: what a paired bootstrap
// comes to with ever more resamples, worked out exactly.
[[nodiscard]] Interval pairedBootstrap(const PairedAnswers& answers);

// p-values corrected for how many comparisons were made (Holm 1979), in the order given.
[[nodiscard]] std::vector<double> holmCorrected(std::span<const double> p);

// How one class fared in a confusion matrix. NaN: nothing to divide by.
struct ClassScore {
    double precision = 0; // of the answers that named it, so many were right
    double recall = 0;    // of its samples, so many were found
    double f1 = 0;
    std::int64_t support = 0; // its samples
    std::int64_t answers = 0; // that named it

    [[nodiscard]] bool neverRecognised() const { return support > 0 && recall == 0; }
};
// `counts`: row major, true class × predicted class. The numbers of scikit-learn's precision_recall_fscore_support.
[[nodiscard]] std::vector<ClassScore> classScores(std::span<const std::int64_t> counts, std::size_t classes);
// The mean over the classes that have one; NaN where none has.
[[nodiscard]] double macroF1(std::span<const ClassScore> scores);

} // namespace engine
