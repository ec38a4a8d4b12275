#pragma once

#include "engine/api/devices.h"
#include "engine/device/computedevice.h"
#include "engine/runs/runrecorder.h"
#include "engine/train/step.h"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace engine {

// Writes what each step measured, and what its device's memory and sensors say meanwhile, into the run's series. The
// trainer's thread; writer and device outlive it.
class StepRecord final {
public:
    // `metrics`: what the task measures of each step.
    StepRecord(RunRecorder& writer, const ComputeDevice& device, std::vector<std::string> metrics);

    // The stages' own factors on the learning rate, from now on.
    void setStageFactors(std::map<std::string, double> factors) { m_stageFactors = std::move(factors); }
    void add(const StepResult& step);

    [[nodiscard]] double samplesPerSecond() const { return m_samplesPerSecond; } // recent; 0 before the first step
    [[nodiscard]] double firstStepSeconds() const { return m_firstStepSeconds; }

private:
    using Clock = std::chrono::steady_clock;
    void addMemory(std::int64_t step);
    void addSensors(std::int64_t step);

    RunRecorder& m_writer;
    std::vector<std::string> m_metrics;
    const ComputeDevice& m_device;
    std::unique_ptr<DeviceSampler> m_sensors; // of a GPU
    Clock::time_point m_sensorsRead;
    std::string m_memorySeries;
    double m_memoryBytes = 0;
    Clock::time_point m_memoryRead;
    std::map<std::string, double> m_stageFactors;
    double m_samplesPerSecond = 0;
    double m_firstStepSeconds = 0;
};

} // namespace engine
