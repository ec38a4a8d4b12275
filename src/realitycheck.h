#pragma once

#include "engine/api/run.h"
#include "ui/compare/comparedata.h"

#include <QString>

#include <memory>
#include <string>
#include <vector>

namespace app {

// What a run answered to each sample of a validation.
struct ValidatedRun {
    QString id;
    QString name;
    int colour = 1;
    std::vector<std::string> classes;
    std::vector<engine::SampleResult> samples;
};

// Each run's accuracy, and each but the first held against the first. Any thread.
[[nodiscard]] ui::RealityCheck realityOf(const std::vector<std::shared_ptr<const ValidatedRun>>& runs,
                                         const QString& samples);

} // namespace app
