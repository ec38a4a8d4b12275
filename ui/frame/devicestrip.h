#pragma once

#include "ui/theme.h"

#include <QList>
#include <QWidget>

#include <optional>

namespace ui {

// What the strip shows of one device. Values that cannot be read are empty and not shown.
struct DeviceReading {
    QString name;              // "GTX 1650"
    QString id;                // "cuda:0"
    QList<float> history;      // use over the last 60 s, 0 to 1
    std::optional<double> use; // 0 to 1
    double usedBytes = 0;
    double totalBytes = 0;             // 0: not known
    std::optional<double> temperature; // °C
    std::optional<double> power;       // W
    QString tip;
};

struct StripReading {
    QList<DeviceReading> devices;
    double freeDiskBytes = -1; // < 0: not known
    QString notice;            // "No GPU", after the devices; empty: none
    QString noticeTip;         // the whole sentence
    bool noticeWarns = false;  // it is amber: something that should be there is not
    QString queue;             // "Queue is empty", "Queue: 2 waiting, done about 14:26"
    QString queueAction;       // "Start queue", behind it; empty: none
};

// The strip along the bottom that never leaves. When narrow, power and disk go first; more than 3 devices become one
// line.
class DeviceStrip final : public QWidget {
    Q_OBJECT
public:
    explicit DeviceStrip(QWidget* parent = nullptr);
    void setReading(const StripReading& reading);

Q_SIGNALS:
    void queueClicked(); // its action

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override;

private:
    StripReading m_reading;
    void paintQueue(QPainter& painter);
    [[nodiscard]] int queueWidth() const;
    QRect m_noticeRect;
    QRect m_actionRect;
    QList<QRect> m_deviceRects;
};

} // namespace ui
