#pragma once

#include "ui/setup/settingcard.h"
#include "ui/setup/setupdata.h"

class QSpinBox;

namespace ui {

class DeviceTile;
class FieldGrid;
class Label;
class LabeledField;

// Devices: tiles to tick. GPUs train together; the CPU as one rank or several.
class DeviceCard final : public SettingCard {
    Q_OBJECT
public:
    explicit DeviceCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
    void setDevices(const QList<DeviceRow>& devices, const QString& together = {});

Q_SIGNALS:
    void scalingRequested(); // the probe

private:
    void choose(const QString& id);
    QList<DeviceRow> m_devices;
    QList<DeviceTile*> m_tiles;
    FieldGrid* m_grid;
    QSpinBox* m_ranks;          // of the CPU
    LabeledField* m_ranksField; // around it
    Label* m_together;
};

} // namespace ui
