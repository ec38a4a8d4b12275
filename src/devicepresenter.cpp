#include "src/devicepresenter.h"

#include "engine/api/devices.h"
#include "src/runcontroller.h"
#include "src/values.h"
#include "ui/format.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QStorageInfo>
#include <QTimer>

#include <cmath>
#include <mutex>

namespace app {
namespace {

constexpr int kIntervalMs = 1000;
constexpr qsizetype kHistory = 60;

std::optional<double> known(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

// A computer without one lacks nothing.
bool hasNvidiaCard() {
    const QDir cards(QStringLiteral("/sys/bus/pci/devices"));
    for (const auto& card : cards.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile vendor(cards.filePath(card + QStringLiteral("/vendor")));
        QFile kind(cards.filePath(card + QStringLiteral("/class")));
        if (vendor.open(QIODevice::ReadOnly) && kind.open(QIODevice::ReadOnly) &&
            vendor.readAll().trimmed() == "0x10de" && kind.readAll().startsWith("0x03")) // a display or 3D controller
            return true;
    }
    return false;
}

} // namespace

// Reads sensors and disk in the thread it was moved to.
class DeviceWatcher final : public QObject {
    Q_OBJECT
public:
    void begin() {
        for (const auto& device : engine::devices())
            m_names.insert(words(device.id), words(device.name));
        if (m_names.size() < 2)
            m_absence = words(engine::gpuAbsenceReason());
        m_hasCard = hasNvidiaCard();
        auto* timer = new QTimer(this);
        connect(timer, &QTimer::timeout, this, &DeviceWatcher::sample);
        timer->start(kIntervalMs);
        sample();
    }
    // These two from any thread.
    void setFolder(const QString& folder) {
        const std::scoped_lock lock(m_mutex);
        m_folder = folder;
    }
    [[nodiscard]] ui::StripReading reading() const {
        const std::scoped_lock lock(m_mutex);
        return m_reading;
    }

Q_SIGNALS:
    void sampled(); // reading() is new

private:
    void sample() {
        ui::StripReading reading;
        for (const auto& one : m_sampler.sample()) {
            const QString id = words(one.id);
            ui::DeviceReading device;
            device.id = id;
            device.name = m_names.value(id, id);
            device.use = known(one.utilisation);
            device.usedBytes = static_cast<double>(one.usedBytes);
            device.totalBytes = static_cast<double>(one.totalBytes);
            device.temperature = known(one.celsius);
            device.power = known(one.watts);
            device.tip =
                one.processBytes > 0
                    ? tr("%1: Thaw uses %2 of its memory").arg(device.name, ui::formatBytes(double(one.processBytes)))
                    : device.name;
            reading.devices.append(device);
        }
        reading.notice = m_absence.isEmpty() ? QString() : tr("No GPU");
        reading.noticeTip = m_absence;
        reading.noticeWarns = m_hasCard;
        if (const QString folder = presentFolder(); !folder.isEmpty())
            if (const QStorageInfo disk(folder); disk.isValid())
                reading.freeDiskBytes = static_cast<double>(disk.bytesAvailable());
        {
            const std::scoped_lock lock(m_mutex);
            m_reading = std::move(reading);
        }
        Q_EMIT sampled();
    }
    // The folder may not be there yet; its disk is.
    QString presentFolder() const {
        QString folder;
        {
            const std::scoped_lock lock(m_mutex);
            folder = m_folder;
        }
        while (!folder.isEmpty() && !QFileInfo::exists(folder))
            folder = folder.contains(QLatin1Char('/')) ? folder.section(QLatin1Char('/'), 0, -2) : QString();
        return folder;
    }
    engine::DeviceSampler m_sampler;
    QHash<QString, QString> m_names;
    QString m_absence;
    bool m_hasCard = false;
    mutable std::mutex m_mutex;
    QString m_folder;           // under m_mutex
    ui::StripReading m_reading; // under m_mutex
};

DevicePresenter::DevicePresenter(ui::DeviceStrip& strip, const RunController& controller, QObject* parent)
    : QObject(parent), m_strip(strip), m_controller(controller), m_watcher(new DeviceWatcher) {
    m_thread.setObjectName(QStringLiteral("devices"));
    m_watcher->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_watcher, &DeviceWatcher::begin);
    connect(&m_thread, &QThread::finished, m_watcher, &QObject::deleteLater);
    connect(m_watcher, &DeviceWatcher::sampled, this, &DevicePresenter::take);
    connect(&controller, &RunController::changed, this, &DevicePresenter::show);
    m_thread.start(QThread::LowPriority);
}

DevicePresenter::~DevicePresenter() {
    m_thread.quit();
    m_thread.wait();
}

void DevicePresenter::setFolder(const QString& folder) { m_watcher->setFolder(folder); }

void DevicePresenter::take() {
    m_reading = m_watcher->reading();
    for (auto& device : m_reading.devices) {
        auto& history = m_history[device.id];
        if (device.use)
            history.append(static_cast<float>(*device.use));
        if (history.size() > kHistory)
            history.removeFirst();
        device.history = history;
    }
    show();
}

void DevicePresenter::show() {
    const auto waiting = m_controller.runQueue().waiting().size();
    const auto progress = m_controller.progress();
    m_reading.queueAction = m_controller.queueStands() ? tr("Start queue") : QString();
    if (waiting > 0)
        m_reading.queue = waiting == 1 ? tr("Queue: 1 waiting") : tr("Queue: %1 waiting").arg(waiting);
    else if (m_controller.busy() && progress && std::isfinite(progress->leftSeconds))
        m_reading.queue = tr("Done about %1")
                              .arg(QDateTime::currentDateTime()
                                       .addSecs(static_cast<qint64>(progress->leftSeconds))
                                       .toString(QStringLiteral("HH:mm")));
    else
        m_reading.queue = m_controller.busy() ? tr("1 run is running") : tr("Queue is empty");
    m_strip.setReading(m_reading);
}

} // namespace app

#include "devicepresenter.moc"
