#pragma once

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

// Optimizer steps over one made-up batch that lies on the device already: what training reaches where data costs
// nothing.
struct TrainBench {
    std::string device = "auto"; // as [devices] use
    std::string backbone = "resnet50";
    std::filesystem::path weights; // empty: random parameters
    int classes = 1000;
    int batch = 32;
    int imageSize = 0;              // pixels; 0: the backbone's own
    std::string precision = "auto"; // fp32 | bf16 | auto
    std::string freeze = "none";    // a preset of FreezeSettings
    std::string optimizer = "sgd";
    double learningRate = 0.01;
    std::string graphs = "on";        // on | off: whether a GPU repeats the whole step as one graph
    std::string kernels = "by-trial"; // by-trial | by-rule: how the GPU's libraries choose them
    int warmUp = 10;                  // steps before the clock runs
    int steps = 20;                   // of one repeat
    int repeats = 5;
    int profiled = 0; // steps after the repeats in which a GPU's kernels are timed one by one
};

struct KernelTime {
    std::string name;
    double ms = 0;    // of all of its calls in one step
    double count = 0; // calls in one step
};

struct TrainBenchResult {
    std::string device;
    std::string deviceName;
    std::string precision;
    int ranks = 1;
    double samplesPerSecond = 0;     // median of the repeats, of all ranks
    std::vector<double> repeats;     // samples per second of each
    std::vector<double> losses;      // of the warm-up steps: another program's must be the same
    double firstStepSeconds = 0;     // from the call to the end of the first step on the device
    std::uint64_t peakBytes = 0;     // of the device
    std::vector<KernelTime> kernels; // the longest first
};

// What so many ranks of this machine reach together.
struct ScalingRow {
    int ranks = 1;
    TrainBenchResult result;
    double efficiency = 1; // of one rank's rate times the ranks
};
// benchTrain() with 1, 2, 4 … and `most` ranks, each with a batch and a device of its own (0: as many as there are
// GPUs, or two on a CPU). Blocks. Throws Error, Error(Stopped) once it is asked to stop.
[[nodiscard]] std::vector<ScalingRow> benchScaling(const TrainBench& each, int most = 0,
                                                   const std::stop_token& stop = {});

// Started as one of several ranks, by torchrun, mpirun or srun, it steps together with the others, and its result is
// that of all. Pixels are at::randn, labels at::randint, both from the CPU's generator with seed 7, so that Python can
// draw the same. Blocks. Throws Error.
[[nodiscard]] TrainBenchResult benchTrain(const TrainBench& bench);

} // namespace engine
