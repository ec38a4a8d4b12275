#pragma once

#include "ui/setup/setupdata.h"

#include <QAbstractButton>

namespace ui {

// A device to train on: tick, name, what it has; of a GPU also who uses it.
class DeviceTile final : public QAbstractButton {
    Q_OBJECT
public:
    // Full: four lines; low where there are many: two; a processor has two.
    enum class Size { Full, Low };
    explicit DeviceTile(QWidget* parent = nullptr);
    void setDevice(const DeviceRow& device, Size size = Size::Low);
    [[nodiscard]] const QString& id() const { return m_device.id; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintHead(QPainter& painter) const;
    void paintGpu(QPainter& painter) const;
    void paintLine(QPainter& painter, const QRect& box, const QString& words, Role role) const;
    DeviceRow m_device;
    Size m_size = Size::Low;
};

} // namespace ui
