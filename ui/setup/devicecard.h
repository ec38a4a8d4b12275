#pragma once

#include "ui/setup/settingcard.h"
#include "ui/setup/setupdata.h"

class QSpinBox;

namespace ui {

class DeviceGrid;
class DeviceTile;
class Label;
class LabeledField;

// Devices: tiles to tick, and what joins them. GPUs train together, those that are ticked or the next that are free;
// the CPU as one rank or several.
class DeviceCard final : public SettingCard {
    Q_OBJECT
public:
    explicit DeviceCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
    void setDevices(const QList<DeviceRow>& devices, const QString& together = {});
    void setLinks(const DeviceLinks& links, const DeviceChoice& choice);

Q_SIGNALS:
    void scalingRequested(); // the probe

private:
    void choose(const QString& id);
    QList<DeviceRow> m_devices;
    DeviceTile* m_processor;
    DeviceGrid* m_grid;         // GPUs
    QSpinBox* m_ranks;          // of the CPU
    LabeledField* m_ranksField; // around it
    QSpinBox* m_nextFree;
    LabeledField* m_nextField;
    Label* m_together;
};

} // namespace ui
