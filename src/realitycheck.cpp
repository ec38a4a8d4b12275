#include "src/realitycheck.h"

#include "engine/api/comparison.h"

#include <algorithm>

namespace app {
namespace {

constexpr double kSignificant = 0.05;

ui::AccuracyRow accuracyOf(const ValidatedRun& run) {
    const auto right = std::ranges::count_if(run.samples, [](const auto& sample) { return sample.right(); });
    const auto all = static_cast<std::int64_t>(run.samples.size());
    const engine::Interval interval = engine::wilsonInterval(right, all);
    return {run.id, run.name, run.colour, right, all, interval.low, interval.high};
}

ui::DifferenceTest testOf(const ValidatedRun& reference, const ValidatedRun& other) {
    const engine::PairedAnswers pairs =
        engine::pairAnswers(other.samples, other.classes, reference.samples, reference.classes);
    const engine::Interval interval = engine::pairedBootstrap(pairs);
    return {.id = other.id,
            .name = other.name,
            .colour = other.colour,
            .both = pairs.both,
            .onlyReference = pairs.onlySecond,
            .onlyOther = pairs.onlyFirst,
            .neither = pairs.neither,
            .unmatched = pairs.unmatched,
            .difference = pairs.difference(),
            .low = interval.low,
            .high = interval.high,
            .p = engine::mcNemarExact(pairs.onlyFirst, pairs.onlySecond)};
}

ui::DifferenceTest::Verdict verdictOf(const ui::DifferenceTest& test) {
    using Verdict = ui::DifferenceTest::Verdict;
    if (test.all() == 0)
        return Verdict::OtherData;
    if (test.corrected >= kSignificant)
        return Verdict::NotShown;
    return test.onlyOther > test.onlyReference ? Verdict::OtherBetter : Verdict::ReferenceBetter;
}

// Of the tests that could be made.
void correct(QList<ui::DifferenceTest>& tests) {
    std::vector<double> p;
    for (const ui::DifferenceTest& test : tests)
        if (test.all() > 0)
            p.push_back(test.p);
    const std::vector<double> corrected = engine::holmCorrected(p);
    std::size_t next = 0;
    for (ui::DifferenceTest& test : tests) {
        if (test.all() > 0)
            test.corrected = corrected[next++];
        test.verdict = verdictOf(test);
    }
}

} // namespace

ui::RealityCheck realityOf(const std::vector<std::shared_ptr<const ValidatedRun>>& runs, const QString& samples) {
    ui::RealityCheck made;
    made.samples = samples;
    if (runs.empty())
        return made;
    made.referenceId = runs.front()->id;
    made.referenceName = runs.front()->name;
    for (const auto& run : runs) {
        made.runs.append(accuracyOf(*run));
        if (run != runs.front())
            made.tests.append(testOf(*runs.front(), *run));
    }
    correct(made.tests);
    return made;
}

} // namespace app
