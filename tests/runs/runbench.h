#pragma once

#include "engine/api/error.h"
#include "engine/api/run.h"
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/runs/runsummary.h"
#include "engine/runs/runwriter.h"
#include "tests/runs/checkpointfiles.h"

#include <QTemporaryDir>
#include <QTest>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace tests {

using namespace engine;
namespace fs = std::filesystem;

inline Experiment named(const std::string& name) {
    Experiment experiment;
    experiment.name = name;
    return experiment;
}

inline RunStart twoEpochs() {
    RunStart start;
    start.classes = {"ant", "bee"};
    start.device = "cpu";
    start.parameters = 100;
    start.trainableParameters = 10;
    start.epochs = 2;
    start.steps = 20;
    return start;
}

template <typename Action>
std::optional<Error> errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return {};
}

// A folder of runs for each test.
class RunBench {
protected:
    QTemporaryDir m_temporary;
    fs::path m_runs;

    void begin() {
        m_runs = fs::path(m_temporary.path().toStdString()) / QTest::currentTestFunction() / "runs";
        fs::remove_all(m_runs);
    }
    [[nodiscard]] fs::path newRun(const std::string& name = "Ants & bees") const {
        return createRun(named(name), m_runs);
    }

    // A run that wrote ten steps and a checkpoint and then lost its process.
    [[nodiscard]] fs::path interruptedRun() const {
        const fs::path folder = newRun();
        RunWriter writer(folder);
        writer.started(twoEpochs(), -1);
        for (int step = 1; step <= 10; ++step)
            writer.scalar("train/loss", step, 1.0 / step);
        writer.epochDone(1, 10, {{"validation/accuracy", 0.75}}, true);
        writeCheckpointFiles(writer.checkpointFolder(10),
                             {.step = 10, .epoch = 1, .bestEpoch = 1, .bestAccuracy = 0.75});
        writer.checkpointDone(10);
        writer.scalar("train/loss", 11, 7);
        writer.flush();
        return folder;
    }

    // As if nothing had happened to it for a while.
    static fs::path longAgo(const fs::path& folder) {
        const auto then = fs::file_time_type::clock::now() - std::chrono::hours(1);
        for (const auto& entry : fs::recursive_directory_iterator(folder))
            if (!entry.is_symlink())
                fs::last_write_time(entry.path(), then);
        fs::last_write_time(folder, then);
        return folder;
    }
};

} // namespace tests
