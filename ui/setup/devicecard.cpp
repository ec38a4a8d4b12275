#include "ui/setup/devicecard.h"

#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"
#include "ui/setup/devicegrid.h"
#include "ui/setup/devicetile.h"
#include "ui/setup/fieldgrid.h"
#include "ui/setup/fieldset.h"

#include <QBoxLayout>
#include <QSignalBlocker>
#include <QSpinBox>

#include <algorithm>
#include <iterator>

namespace ui {
namespace {

const auto kUse = QStringLiteral("devices.use");

QString kindOf(const QString& id) { return id.section(QLatin1Char(':'), 0, 0); }

} // namespace

DeviceCard::DeviceCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("devices")}, tr("Devices"), QStringLiteral("cpu"), parent),
      m_processor(new DeviceTile),
      m_grid(new DeviceGrid),
      m_ranks(new QSpinBox),
      m_ranksField(new LabeledField(tr("Ranks on the CPU"), m_ranks)),
      m_nextFree(new QSpinBox),
      m_nextField(new LabeledField(tr("Next free GPUs"), m_nextFree)),
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
    m_nextFree->setObjectName(QStringLiteral("nextFree"));
    m_nextFree->setSpecialValueText(tr("The ticked ones"));
    m_nextField->setHelp(tr("Next free GPUs"),
                         tr("So many that nobody uses when the run starts, whichever they are; of them those that are "
                            "linked best. In the queue the run waits until so many are free.\nUsual: the ticked ones"));
    m_together->setObjectName(QStringLiteral("together"));
    m_together->setWordWrap(true);
    connect(m_grid, &DeviceGrid::clicked, this, &DeviceCard::choose);
    connect(m_processor, &DeviceTile::clicked, this, [this] { choose(m_processor->id()); });
    connect(m_ranks, &QSpinBox::valueChanged, this, [this](int ranks) {
        this->fields()->edit(kUse, QStringList(ranks, QStringLiteral("cpu")).join(QLatin1Char(',')));
    });
    connect(m_nextFree, &QSpinBox::valueChanged, this, [this](int count) {
        QStringList ticked;
        for (const auto& device : m_devices)
            if (device.gpu && device.used)
                ticked.append(device.id);
        this->fields()->edit(kUse, count > 0          ? QStringLiteral("next:%1").arg(count)
                                   : ticked.isEmpty() ? QStringLiteral("auto")
                                                      : ticked.join(QLatin1Char(',')));
    });
}

void DeviceCard::build() {
    body()->addWidget(m_grid);
    auto* processor = new FieldGrid(2);
    processor->add(m_processor);
    body()->addWidget(processor);
    auto* fields = new FieldGrid(4);
    fields->add(m_nextField);
    fields->add(m_ranksField);
    body()->addWidget(fields);
    body()->addWidget(m_together);
    m_nextField->hide();
    m_grid->hide();
    addProblemLine(kUse);
    addMore({kUse});
}

void DeviceCard::setDevices(const QList<DeviceRow>& devices, const QString& together) {
    m_devices = devices;
    QList<DeviceRow> gpus;
    std::ranges::copy_if(devices, std::back_inserter(gpus), [](const DeviceRow& row) { return row.id != u"cpu"; });
    m_grid->setGpus(gpus);
    const auto used = std::ranges::count_if(devices, &DeviceRow::used);
    const auto cpu = std::ranges::find(devices, QStringLiteral("cpu"), &DeviceRow::id);
    m_processor->setVisible(cpu != devices.end());
    m_ranksField->setVisible(cpu != devices.end() && cpu->used);
    if (cpu != devices.end()) {
        m_processor->setDevice(*cpu);
        const QSignalBlocker blocker(m_ranks);
        m_ranks->setMaximum(cpu->mostRanks);
        m_ranks->setValue(cpu->ranks);
    }
    m_together->setText(together);
    m_together->setVisible(!together.isEmpty());
    const auto usedGpus = std::ranges::count_if(gpus, &DeviceRow::used);
    setSummary(devices.isEmpty()                 ? QString()
               : usedGpus > 0 && gpus.size() > 1 ? tr("%1 of %2 GPUs used").arg(usedGpus).arg(gpus.size())
                                                 : tr("%1 of %2 used").arg(used).arg(devices.size()));
}

void DeviceCard::setLinks(const DeviceLinks& links, const DeviceChoice& choice) {
    m_grid->setLinks(links);
    m_nextField->setVisible(choice.gpus > 1);
    const QSignalBlocker blocker(m_nextFree);
    m_nextFree->setRange(0, std::max(choice.gpus, choice.nextFree));
    m_nextFree->setValue(choice.nextFree);
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
