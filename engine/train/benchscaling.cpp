#include "engine/api/bench.h"
#include "engine/api/devices.h"
#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/train/rankprocesses.h"

#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr auto kLook = std::chrono::milliseconds(100);

std::vector<std::string> wordsFor(const TrainBench& bench) {
    std::vector<std::string> words{"--json",
                                   "bench",
                                   "train",
                                   "--device",
                                   bench.device,
                                   "--backbone",
                                   bench.backbone,
                                   "--classes",
                                   std::to_string(bench.classes),
                                   "--batch",
                                   std::to_string(bench.batch),
                                   "--image-size",
                                   std::to_string(bench.imageSize),
                                   "--precision",
                                   bench.precision,
                                   "--freeze",
                                   bench.freeze,
                                   "--optimizer",
                                   bench.optimizer,
                                   "--learning-rate",
                                   fmt::format("{}", bench.learningRate),
                                   "--graphs",
                                   bench.graphs,
                                   "--kernels",
                                   bench.kernels,
                                   "--warm-up",
                                   std::to_string(bench.warmUp),
                                   "--steps",
                                   std::to_string(bench.steps),
                                   "--repeats",
                                   std::to_string(bench.repeats)};
    if (!bench.weights.empty())
        words.insert(words.end(), {"--weights", bench.weights.string()});
    return words;
}

TrainBenchResult answerIn(const fs::path& log) {
    const std::string text = readFile(log);
    const auto begin = text.find('{');
    const auto answer =
        begin == std::string::npos ? nlohmann::json() : nlohmann::json::parse(text.substr(begin), nullptr, false);
    if (!answer.is_object() || !answer.contains("samples_per_s"))
        throw Error(ErrorKind::Device, fmt::format("A rank of the bench failed: {}", text), "");
    TrainBenchResult result{.device = answer.at("device"), .deviceName = answer.at("device_name")};
    result.precision = answer.at("precision");
    result.ranks = answer.at("ranks");
    result.samplesPerSecond = answer.at("samples_per_s");
    result.repeats = answer.at("repeats").get<std::vector<double>>();
    result.losses = answer.at("losses").get<std::vector<double>>();
    result.firstStepSeconds = answer.at("first_step_s");
    result.peakBytes = answer.at("peak_bytes");
    return result;
}

// A folder that is gone with the object.
class Scratch final {
public:
    Scratch() {
        std::string name = (fs::temp_directory_path() / "thaw-scaling-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr)
            throw Error(ErrorKind::DiskFull,
                        fmt::format("No folder could be made in {}.", fs::temp_directory_path().string()),
                        "Free some space there.");
        m_path = name;
    }
    ~Scratch() {
        std::error_code code;
        fs::remove_all(m_path, code);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const fs::path& path() const { return m_path; }

private:
    fs::path m_path;
};

TrainBenchResult resultOf(const TrainBench& each, int ranks, const std::stop_token& stop) {
    const Scratch scratch;
    RankProcesses processes(wordsFor(each), ranks, scratch.path());
    bool failed = false;
    while (processes.anyLeft()) {
        while (const auto end = processes.ended(kLook))
            failed = failed || end->signal != 0 || end->exitCode != 0;
        if (failed || stop.stop_requested())
            processes.kill();
    }
    if (stop.stop_requested())
        throw Error(ErrorKind::Stopped, "The bench was stopped.");
    return answerIn(scratch.path() / "rank-0.log");
}

} // namespace

std::vector<ScalingRow> benchScaling(const TrainBench& each, int most, const std::stop_token& stop) {
    constexpr int kRanksOfCpu = 2;
    const int gpus = each.device == "cpu" ? 0 : static_cast<int>(devices().size()) - 1;
    if (most <= 0)
        most = gpus > 0 ? gpus : kRanksOfCpu;
    if (gpus > 0 && most > gpus)
        throw Error(ErrorKind::BadInput, fmt::format("{} ranks need as many GPUs, and there are {}.", most, gpus),
                    "Ask for fewer, or name the CPU with --device.");
    std::vector<ScalingRow> rows;
    for (int ranks = 1; ranks <= most; ranks = ranks < most ? std::min(most, 2 * ranks) : most + 1) {
        ScalingRow row{.ranks = ranks, .result = resultOf(each, ranks, stop)};
        row.efficiency =
            rows.empty() ? 1 : row.result.samplesPerSecond / (ranks * rows.front().result.samplesPerSecond);
        rows.push_back(std::move(row));
    }
    return rows;
}

} // namespace engine
