#include "engine/train/steprecord.h"

#include "engine/api/metrics.h"

#include <cmath>
#include <fmt/format.h>

namespace engine {
namespace {

constexpr auto kSensorInterval = std::chrono::seconds(1);
constexpr auto kMemoryInterval = std::chrono::milliseconds(100); // reading it costs more than a small step

} // namespace

StepRecord::StepRecord(RunRecorder& writer, const ComputeDevice& device, std::vector<std::string> metrics)
    : m_writer(writer),
      m_metrics(std::move(metrics)),
      m_device(device),
      m_sensors(device.answersAtOnce() ? nullptr : std::make_unique<DeviceSampler>()),
      m_memorySeries("memory/" + device.info().id + "/used_bytes") {}

void StepRecord::add(const StepResult& step) {
    const std::int64_t at = step.number;
    m_writer.scalar("learning_rate", at, step.learningRate);
    for (const auto& [stage, factor] : m_stageFactors)
        m_writer.scalar("learning_rate/" + stage, at, step.learningRate * factor);
    if (step.samples > 0) {
        const double speed = static_cast<double>(step.samples) / step.seconds;
        if (m_samplesPerSecond == 0)
            m_firstStepSeconds = step.seconds;
        m_samplesPerSecond = m_samplesPerSecond == 0 ? speed : 0.9 * m_samplesPerSecond + 0.1 * speed;
        m_writer.scalar(trainSeries("loss"), at, step.loss);
        for (std::size_t i = 0; i < m_metrics.size(); ++i)
            m_writer.scalar(trainSeries(m_metrics[i]), at, step.metrics.at(i) / double(step.samples));
        m_writer.scalar("throughput/samples_per_s", at, speed);
    }
    addMemory(at);
    m_writer.scalar("step_time/data_ms", at, step.dataMs);
    m_writer.scalar("step_time/forward_ms", at, step.forwardMs);
    m_writer.scalar("step_time/backward_ms", at, step.backwardMs);
    m_writer.scalar("step_time/optimizer_ms", at, step.optimizerMs);
    m_writer.scalar("step_time/other_ms", at, step.otherMs);
    addSensors(at);
}

void StepRecord::addMemory(std::int64_t step) {
    if (const auto now = Clock::now(); now - m_memoryRead > kMemoryInterval) {
        m_memoryRead = now;
        m_memoryBytes = static_cast<double>(m_device.memory().used);
    }
    m_writer.scalar(m_memorySeries, step, m_memoryBytes);
}

void StepRecord::addSensors(std::int64_t step) {
    if (!m_sensors || Clock::now() - m_sensorsRead < kSensorInterval)
        return;
    m_sensorsRead = Clock::now();
    const std::string& id = m_device.info().id;
    for (const DeviceSample& sample : m_sensors->sample()) {
        if (sample.id != id)
            continue;
        const std::pair<const char*, double> values[] = {
            {"utilisation", sample.utilisation}, {"temperature", sample.celsius}, {"power", sample.watts}};
        for (const auto& [name, value] : values)
            if (std::isfinite(value))
                m_writer.scalar(fmt::format("device/{}/{}", id, name), step, value);
    }
}

} // namespace engine
