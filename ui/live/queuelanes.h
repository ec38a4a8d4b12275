#pragma once

#include <QList>
#include <QString>
#include <QWidget>

namespace ui {

// A stretch of a device's time.
struct QueueStretch {
    QString id;   // of the run; empty: somebody else's
    QString name; // "gradual, 4 GPUs", "python of anna"
    int colour = 0;
    double from = 0, to = 0; // seconds from now
    bool known = false;      // how long it is
    QString tip;
};

// What the devices do, and what comes next.
struct LiveQueue {
    struct Lane {
        QString device; // "cuda:0"
        QList<QueueStretch> stretches;
    };
    QList<Lane> lanes; // empty: there is nothing to show
    bool held = false; // nothing begins
    QString words;     // "3 wait", "Held: nothing begins"
};

// A lane a device, time to the right: the run that is trained there, then those that wait for it.
class QueueLanesView final : public QWidget {
    Q_OBJECT
public:
    explicit QueueLanesView(QWidget* parent = nullptr);
    void setLanes(const QList<LiveQueue::Lane>& lanes);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

Q_SIGNALS:
    void opened(const QString& id); // a click on its block

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool event(QEvent* event) override; // tooltips

private:
    [[nodiscard]] int labelWidth() const;
    [[nodiscard]] QRect boxOf(int lane, const QueueStretch& stretch) const;
    [[nodiscard]] const QueueStretch* at(const QPoint& place) const;
    void paintStretch(QPainter& painter, const QRect& box, const QueueStretch& stretch) const;
    QList<LiveQueue::Lane> m_lanes;
    double m_seconds = 60; // that the width stands for
};

// The lanes with what is said of the queue, and the button that holds it.
class QueueView final : public QWidget {
    Q_OBJECT
public:
    explicit QueueView(QWidget* parent = nullptr);
    void setQueue(const LiveQueue& queue);

Q_SIGNALS:
    void opened(const QString& id);
    void heldChanged(bool held);

private:
    QueueLanesView* m_lanes;
    class Label* m_words;
    class Button* m_hold;
    bool m_held = false;
};

} // namespace ui
