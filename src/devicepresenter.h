#pragma once

#include "ui/frame/devicestrip.h"

#include <QHash>
#include <QObject>
#include <QThread>

namespace ui {
class DeviceStrip;
}

namespace app {

class RunController;
class DeviceWatcher;

// Feeds the strip: a thread of its own reads the sensors every second.
class DevicePresenter final : public QObject {
    Q_OBJECT
public:
    DevicePresenter(ui::DeviceStrip& strip, const RunController& controller, QObject* parent = nullptr);
    ~DevicePresenter() override;
    void setFolder(const QString& folder); // whose disk is watched

private:
    void take();
    void show();
    ui::DeviceStrip& m_strip;
    const RunController& m_controller;
    DeviceWatcher* m_watcher; // lives in m_thread
    ui::StripReading m_reading;
    QHash<QString, QList<float>> m_history; // by device, the last 60 s
    QThread m_thread;
};

} // namespace app
