#include "ui/frame/devicestrip.h"

#include "ui/controls/sparkline.h"
#include "ui/format.h"

#include <QHelpEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <functional>
#include <iterator>

namespace ui {
namespace {

constexpr int kMostSingle = 3;
constexpr int kSpark = 66;
constexpr int kMeter = 72;

// What gives way when the strip is narrow, in this order.
struct Detail {
    bool power = true;
    bool disk = true;
    bool temperature = true;
    bool spark = true;
    bool meter = true;
};

// Walks from left to right; draws only where `painter` is given, so that the same code measures.
class Walker {
public:
    Walker(QPainter* painter, int height, qreal scale) : m_painter(painter), m_height(height), m_scale(scale) {}

    int x = 20;

    void text(const QString& words, FontRole face, Role ink, int gap) {
        const QFont font = ui::font(face);
        const int wide = QFontMetrics(font).horizontalAdvance(words);
        if (m_painter) {
            m_painter->setFont(font);
            m_painter->setPen(color(ink));
            m_painter->drawText(QRect(x, 1, wide + 2, m_height - 1), Qt::AlignVCenter, words);
        }
        x += wide + gap;
    }
    // Right aligned in a fixed width, so that what follows does not jump with the number.
    void number(const QString& words, const QString& widest, FontRole face, int gap) {
        const QFont font = ui::font(face);
        const int wide = QFontMetrics(font).horizontalAdvance(widest);
        if (m_painter) {
            m_painter->setFont(font);
            m_painter->setPen(color(Role::Text));
            m_painter->drawText(QRect(x, 1, wide + 2, m_height - 1), Qt::AlignVCenter | Qt::AlignRight, words);
        }
        x += wide + gap;
    }
    void icon(const QString& name, Role ink, int gap) {
        if (m_painter)
            m_painter->drawPixmap(x, (m_height - 14) / 2 + 1, theme().pixmap(name, 14, color(ink), m_scale));
        x += 14 + gap;
    }
    void spark(const QList<float>& values, int gap) {
        if (m_painter)
            drawSparkline(*m_painter, QRect(x, (m_height - 20) / 2, kSpark, 20), values);
        x += kSpark + gap;
    }
    void meter(double fraction, int gap) {
        if (m_painter) {
            const QRectF box(x, m_height / 2.0 - 2.5, kMeter, 6);
            drawOutline(*m_painter, box, Qt::transparent, 0, 3, color(Role::Sunken));
            const double wide = std::clamp(fraction, 0.0, 1.0) * kMeter;
            if (wide > 1)
                drawOutline(*m_painter, QRectF(box.left(), box.top(), std::max(6.0, wide), 6), Qt::transparent, 0, 3,
                            color(fraction > 0.95  ? Role::DangerText
                                  : theme().dark() ? Role::AccentText
                                                   : Role::Accent));
        }
        x += kMeter + gap;
    }
    void divider() {
        if (m_painter)
            m_painter->fillRect(QRect(x, 10, 1, m_height - 20), color(Role::Border));
        x += 18;
    }

private:
    QPainter* m_painter;
    int m_height;
    qreal m_scale;
};

void walkDevice(Walker& walker, const DeviceReading& device, const Detail& detail) {
    walker.text(device.name, FontRole::ChartTitle, Role::Text, 8);
    walker.text(device.id, FontRole::MonoSmall, Role::Muted, 10);
    if (detail.spark)
        walker.spark(device.history, 12);
    walker.number(device.use ? formatPercent(*device.use, 0) : missing(), QStringLiteral("100 %"), FontRole::Head, 12);
    if (device.totalBytes > 0) {
        if (detail.meter)
            walker.meter(device.usedBytes / device.totalBytes, 9);
        walker.text(formatBytesOf(device.usedBytes, device.totalBytes), FontRole::Head, Role::Text, 16);
    }
    if (device.temperature && detail.temperature) {
        walker.icon(QStringLiteral("thermometer"), Role::Muted, 4);
        walker.text(QStringLiteral("%1 °C").arg(qRound(*device.temperature)), FontRole::Head, Role::Text, 16);
    }
    if (device.power && detail.power) {
        walker.icon(QStringLiteral("zap"), Role::Muted, 3);
        walker.text(QStringLiteral("%1 W").arg(qRound(*device.power)), FontRole::Head, Role::Text, 16);
    }
}

bool isCpu(const DeviceReading& device) { return device.id == u"cpu"; }

// Many GPUs are one device with the sum of what they have; the processor stands for itself.
QList<DeviceReading> crowdOf(const StripReading& reading) {
    QList<DeviceReading> crowd;
    std::ranges::copy_if(reading.devices, std::back_inserter(crowd), std::not_fn(isCpu));
    return crowd;
}

QString crowdWords(const QList<DeviceReading>& crowd) {
    return QStringLiteral("%1 × %2").arg(crowd.size()).arg(crowd.first().name);
}

int walkAll(QPainter* painter, const StripReading& reading, const Detail& detail, int height, qreal scale,
            QList<QRect>* devices, QRect* notice) {
    Walker walker(painter, height, scale);
    if (reading.devices.size() > kMostSingle) {
        const int from = walker.x;
        double use = 0;
        double used = 0;
        double total = 0;
        const QList<DeviceReading> crowd = crowdOf(reading);
        for (const auto& device : crowd) {
            use += device.use.value_or(0) / static_cast<double>(crowd.size());
            used += device.usedBytes;
            total += device.totalBytes;
        }
        walker.text(crowdWords(crowd), FontRole::ChartTitle, Role::Text, 10);
        walker.number(formatPercent(use, 0), QStringLiteral("100 %"), FontRole::Head, 12);
        if (total > 0) {
            walker.meter(used / total, 9);
            walker.text(formatBytesOf(used, total), FontRole::Head, Role::Text, 10);
        }
        walker.icon(QStringLiteral("chevron-up"), Role::Muted, 16);
        if (devices)
            devices->append(QRect(from, 0, walker.x - from, height));
        walker.divider();
    }
    for (const auto& device : reading.devices) {
        if (reading.devices.size() > kMostSingle && !isCpu(device))
            continue;
        const int from = walker.x;
        walkDevice(walker, device, detail);
        if (devices)
            devices->append(QRect(from, 0, walker.x - from - 8, height));
        walker.divider();
    }
    if (!reading.notice.isEmpty()) {
        const int from = walker.x;
        if (reading.noticeWarns)
            walker.icon(QStringLiteral("triangle-alert"), Role::WarningText, 6);
        walker.text(reading.notice, FontRole::Head, reading.noticeWarns ? Role::WarningText : Role::Muted, 16);
        if (notice)
            *notice = QRect(from, 0, walker.x - from - 8, height);
    }
    if (reading.freeDiskBytes >= 0 && detail.disk) {
        walker.icon(QStringLiteral("hard-drive"), Role::Muted, 6);
        walker.text(DeviceStrip::tr("%1 free").arg(formatBytes(reading.freeDiskBytes)), FontRole::Head, Role::Text, 16);
    }
    return walker.x;
}

} // namespace

DeviceStrip::DeviceStrip(QWidget* parent) : QWidget(parent) {
    setFixedHeight(metric::kStripHeight + 1); // the line above it
    setAccessibleName(tr("Devices"));
}

void DeviceStrip::setReading(const StripReading& reading) {
    m_reading = reading;
    const bool many = reading.devices.size() > kMostSingle;
    QStringList said;
    if (many)
        said.append(crowdWords(crowdOf(reading)));
    for (const auto& device : reading.devices)
        if (!many || isCpu(device))
            said.append(device.name);
    said.append(reading.queue);
    setAccessibleDescription(said.join(QStringLiteral(", ")));
    update();
}

void DeviceStrip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Window));
    painter.fillRect(QRect(0, 0, width(), 1), color(Role::Border));
    const int room = width() - queueWidth() - 16;
    Detail detail;
    const qreal scale = devicePixelRatioF();
    for (bool Detail::*part : {&Detail::power, &Detail::disk, &Detail::temperature, &Detail::spark, &Detail::meter}) {
        if (walkAll(nullptr, m_reading, detail, height(), scale, nullptr, nullptr) <= room)
            break;
        detail.*part = false;
    }
    m_deviceRects.clear();
    m_noticeRect = {};
    painter.save();
    painter.setClipRect(QRect(0, 0, room + 12, height()));
    walkAll(&painter, m_reading, detail, height(), scale, &m_deviceRects, &m_noticeRect);
    painter.restore();
    paintQueue(painter);
}

int DeviceStrip::queueWidth() const {
    const int words = QFontMetrics(ui::font(FontRole::Head)).horizontalAdvance(m_reading.queue);
    const int action = QFontMetrics(ui::font(FontRole::ChartTitle)).horizontalAdvance(m_reading.queueAction);
    return words + (action > 0 ? action + 12 : 0);
}

void DeviceStrip::paintQueue(QPainter& painter) {
    const QRect box(width() - queueWidth() - 16, 1, queueWidth() + 2, height() - 1);
    painter.setFont(ui::font(FontRole::Head));
    const bool busy = m_reading.queue.contains(QLatin1Char(':'));
    painter.setPen(color(busy ? Role::Text : Role::Muted));
    painter.drawText(box, Qt::AlignVCenter, m_reading.queue);
    m_actionRect = {};
    if (m_reading.queueAction.isEmpty())
        return;
    painter.setFont(ui::font(FontRole::ChartTitle));
    painter.setPen(color(Role::AccentText));
    const int wide = painter.fontMetrics().horizontalAdvance(m_reading.queueAction);
    m_actionRect = QRect(width() - 16 - wide, 0, wide + 2, height());
    painter.drawText(m_actionRect, Qt::AlignVCenter, m_reading.queueAction);
}

void DeviceStrip::mousePressEvent(QMouseEvent* event) {
    if (m_actionRect.contains(event->pos())) {
        Q_EMIT queueClicked();
        return;
    }
    if (m_reading.devices.size() > kMostSingle && !m_deviceRects.isEmpty() &&
        m_deviceRects.first().contains(event->pos())) {
        QMenu list(this);
        for (const auto& device : m_reading.devices)
            list.addAction(QStringLiteral("%1   %2   %3   %4")
                               .arg(device.id, device.name, device.use ? formatPercent(*device.use, 0) : missing(),
                                    formatBytesOf(device.usedBytes, device.totalBytes)));
        list.exec(mapToGlobal(QPoint(20, -list.sizeHint().height())));
    }
}

bool DeviceStrip::event(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        QList<DeviceReading> shown = m_reading.devices;
        if (shown.size() > kMostSingle) { // behind the crowd
            shown.removeIf(std::not_fn(isCpu));
            shown.prepend({});
        }
        for (int i = 0; i < m_deviceRects.size() && i < shown.size(); ++i)
            if (m_deviceRects.at(i).contains(help->pos()) && !shown.at(i).tip.isEmpty()) {
                QToolTip::showText(help->globalPos(), shown.at(i).tip, this);
                return true;
            }
        if (m_noticeRect.contains(help->pos()) && !m_reading.noticeTip.isEmpty())
            QToolTip::showText(help->globalPos(), m_reading.noticeTip, this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

} // namespace ui
