#pragma once

#include "engine/api/run.h"

#include <QString>

#include <filesystem>

// Small made-up runs and pictures for tests of the application.
namespace madeup {

struct RunWish {
    std::string name = "made up";
    int epochs = 4; // planned
    int done = 4;   // epochs recorded
    int stepsPerEpoch = 5;
    double accuracy = 0.9; // of the last recorded epoch; rises towards it
    engine::RunState end = engine::RunState::Finished;
};
// A run folder as training leaves it: series, events, samples, summary, checkpoints without a model.
std::filesystem::path run(const std::filesystem::path& runsFolder, const RunWish& wish);
// The same settings in every run but the learning rate.
std::filesystem::path run(const std::filesystem::path& runsFolder, const RunWish& wish, double learningRate);
// train/ and val/ with `classes` folders of small pictures.
void pictures(const QString& folder, int classes, int perClass);
// Sends settings and data of the program to a folder of the test; call before QApplication is used.
void ownSettings();

} // namespace madeup
