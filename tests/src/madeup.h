#pragma once

#include "engine/api/run.h"

#include <QString>

#include <filesystem>
#include <string>
#include <vector>

// Small made-up runs and pictures for tests of the application.
namespace madeup {

// A metric of the validation: its value after the last recorded epoch, and by how much each epoch before was further.
struct Measured {
    std::string metric;
    double last = 0;
    double further = 0;
};

struct RunWish {
    std::string name = "made up";
    int epochs = 4; // planned
    int done = 4;   // epochs recorded
    int stepsPerEpoch = 5;
    double accuracy = 0.9; // of the last recorded epoch; rises towards it
    engine::RunState end = engine::RunState::Finished;
    std::string task = "image-classification";
    std::vector<Measured> measured; // empty: the accuracy; else the first of them is what is monitored
};
// A run folder as training leaves it, each epoch better than those before: series, events, samples, summary,
// checkpoints without a model.
std::filesystem::path run(const std::filesystem::path& runsFolder, const RunWish& wish);
// The same settings in every run but the learning rate.
std::filesystem::path run(const std::filesystem::path& runsFolder, const RunWish& wish, double learningRate);
// train/ and val/ with `classes` folders of small pictures.
void pictures(const QString& folder, int classes, int perClass);
// Puts "mean_squared_error", a number, and "mean_error" in px into the table of metrics; the lower the better.
void errorMetrics();
// Sends settings and data of the program to a folder of the test; call before QApplication is used.
void ownSettings();

} // namespace madeup
