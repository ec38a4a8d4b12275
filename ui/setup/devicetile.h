#pragma once

#include "ui/setup/setupdata.h"

#include <QAbstractButton>

namespace ui {

// A device to train on: tick, name, what it has.
class DeviceTile final : public QAbstractButton {
    Q_OBJECT
public:
    explicit DeviceTile(QWidget* parent = nullptr);
    void setDevice(const DeviceRow& device);
    [[nodiscard]] const QString& id() const { return m_device.id; }
    [[nodiscard]] QSize sizeHint() const override { return {220, 44}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 44}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    DeviceRow m_device;
};

} // namespace ui
