#pragma once

#include "ui/setup/settingcard.h"
#include "ui/setup/setupdata.h"

namespace ui {

class DeviceTile;
class FieldGrid;

// Devices: tiles to tick. GPUs train together; the CPU trains alone.
class DeviceCard final : public SettingCard {
    Q_OBJECT
public:
    explicit DeviceCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
    void setDevices(const QList<DeviceRow>& devices);

private:
    void choose(const QString& id);
    QList<DeviceRow> m_devices;
    QList<DeviceTile*> m_tiles;
    FieldGrid* m_grid;
};

} // namespace ui
