#include "ui/setup/devicecard.h"

#include "ui/setup/devicetile.h"
#include "ui/setup/fieldgrid.h"
#include "ui/setup/fieldset.h"

#include <QBoxLayout>

#include <algorithm>

namespace ui {
namespace {

const auto kUse = QStringLiteral("devices.use");

QString kindOf(const QString& id) { return id.section(QLatin1Char(':'), 0, 0); }

} // namespace

DeviceCard::DeviceCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("devices")}, tr("Devices"), QStringLiteral("cpu"), parent),
      m_grid(new FieldGrid(2)) {}

void DeviceCard::build() {
    body()->addWidget(m_grid);
    addProblemLine(kUse);
    addMore({kUse});
}

void DeviceCard::setDevices(const QList<DeviceRow>& devices) {
    m_devices = devices;
    while (m_tiles.size() < devices.size()) {
        auto* tile = new DeviceTile;
        connect(tile, &DeviceTile::clicked, this, [this, tile] { choose(tile->id()); });
        m_tiles.append(tile);
        m_grid->add(tile);
    }
    int used = 0;
    for (int i = 0; i < m_tiles.size(); ++i) {
        m_tiles.at(i)->setVisible(i < devices.size());
        if (i >= devices.size())
            continue;
        m_tiles.at(i)->setDevice(devices.at(i));
        used += devices.at(i).used ? 1 : 0;
    }
    setSummary(devices.isEmpty() ? QString() : tr("%1 of %2 used").arg(used).arg(devices.size()));
}

// One device of another kind takes the place of the others; the last one stays.
void DeviceCard::choose(const QString& id) {
    QStringList used;
    for (const auto& device : m_devices)
        if ((device.used != (device.id == id)) && kindOf(device.id) == kindOf(id))
            used.append(device.id);
    if (!used.isEmpty())
        fields()->edit(kUse, used.join(QLatin1Char(',')));
}

} // namespace ui
