#include "ui/setup/devicecard.h"

#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"
#include "ui/setup/devicetile.h"
#include "ui/setup/fieldgrid.h"
#include "ui/setup/fieldset.h"

#include <QBoxLayout>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>

namespace ui {
namespace {

const auto kUse = QStringLiteral("devices.use");

QString kindOf(const QString& id) { return id.section(QLatin1Char(':'), 0, 0); }

} // namespace

DeviceCard::DeviceCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("devices")}, tr("Devices"), QStringLiteral("cpu"), parent),
      m_grid(new FieldGrid(2)),
      m_ranks(new QSpinBox),
      m_ranksField(new LabeledField(tr("Ranks on the CPU"), m_ranks)),
      m_together(new Label({}, FontRole::Label, Role::Muted)) {
    auto* probe = new Button(tr("Scaling probe"), Button::Kind::Ghost);
    probe->setObjectName(QStringLiteral("scalingButton"));
    probe->setSmall();
    probe->setToolTip(tr("Measures how much faster several ranks of this machine are than one"));
    card()->addHeaderWidget(probe);
    connect(probe, &Button::clicked, this, &DeviceCard::scalingRequested);
    m_ranks->setObjectName(QStringLiteral("cpuRanks"));
    m_ranks->setMinimum(1);
    m_ranksField->setHelp(tr("Ranks on the CPU"),
                          tr("Processes that train together and share its cores: what several GPUs do, to be tried "
                             "without them. It is no faster than one.\nUsual: 1"));
    m_together->setObjectName(QStringLiteral("together"));
    m_together->setWordWrap(true);
    connect(m_ranks, &QSpinBox::valueChanged, this, [this](int ranks) {
        this->fields()->edit(kUse, QStringList(ranks, QStringLiteral("cpu")).join(QLatin1Char(',')));
    });
}

void DeviceCard::build() {
    body()->addWidget(m_grid);
    auto* ranks = new FieldGrid(4);
    ranks->add(m_ranksField);
    body()->addWidget(ranks);
    body()->addWidget(m_together);
    addProblemLine(kUse);
    addMore({kUse});
}

void DeviceCard::setDevices(const QList<DeviceRow>& devices, const QString& together) {
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
    const auto cpu = std::ranges::find(devices, QStringLiteral("cpu"), &DeviceRow::id);
    m_ranksField->setVisible(cpu != devices.end() && cpu->used);
    if (cpu != devices.end()) {
        const QSignalBlocker blocker(m_ranks);
        m_ranks->setMaximum(cpu->mostRanks);
        m_ranks->setValue(cpu->ranks);
    }
    m_together->setText(together);
    m_together->setVisible(!together.isEmpty());
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
