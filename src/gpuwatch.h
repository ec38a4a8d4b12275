#pragma once

#include "engine/api/gpus.h"
#include "src/background.h"

#include <QObject>
#include <QTimer>

namespace app {

// What the GPUs are doing, read every two seconds in the background while somebody looks. A machine without GPUs is
// read once.
class GpuWatch final : public QObject {
    Q_OBJECT
public:
    explicit GpuWatch(QObject* parent = nullptr);
    void watch(bool looked);
    [[nodiscard]] const engine::GpuMachine& machine() const { return m_machine; }
    [[nodiscard]] bool atRest() { return m_background.idle(); }

Q_SIGNALS:
    void changed();

private:
    void look();
    engine::GpuMachine m_machine;
    QTimer m_timer;
    bool m_reading = false;
    bool m_none = false; // there are no GPUs
    Background m_background{1};
};

} // namespace app
