#include "src/gpuwatch.h"

#include <utility>

namespace app {
namespace {

constexpr int kGpuLookMs = 2000;

} // namespace

GpuWatch::GpuWatch(QObject* parent) : QObject(parent) {
    m_timer.setInterval(kGpuLookMs);
    connect(&m_timer, &QTimer::timeout, this, &GpuWatch::look);
}

void GpuWatch::watch(bool looked) {
    if (looked == m_timer.isActive() || (looked && m_none))
        return;
    if (!looked) {
        m_timer.stop();
        return;
    }
    m_timer.start();
    look();
}

void GpuWatch::look() {
    if (m_reading)
        return;
    m_reading = true;
    m_background.run([] { return engine::lookAtGpus(); },
                     [this](Outcome<engine::GpuMachine> outcome) {
                         m_reading = false;
                         auto* machine = std::get_if<0>(&outcome);
                         m_none = !machine || machine->gpus.empty();
                         if (m_none) {
                             m_timer.stop();
                             return;
                         }
                         m_machine = std::move(*machine);
                         Q_EMIT changed();
                     });
}

} // namespace app
