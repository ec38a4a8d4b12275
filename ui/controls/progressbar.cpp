#include "ui/controls/progressbar.h"

#include <QPainter>
#include <QPainterPath>
#include <QTimerEvent>

#include <cmath>

namespace ui {
namespace {

constexpr int kFrameMs = 125; // 8 frames a second
constexpr int kFrames = 24;

} // namespace

ProgressBar::ProgressBar(int height, QWidget* parent) : QWidget(parent), m_height(height) {
    setFixedHeight(height);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ProgressBar::setFraction(double fraction) {
    m_fraction = fraction;
    if (std::isnan(fraction)) {
        if (!m_timer.isActive())
            m_timer.start(kFrameMs, this);
    } else {
        m_timer.stop();
    }
    update();
}

void ProgressBar::setSegments(const QList<double>& lengths) {
    m_segments = lengths;
    update();
}

void ProgressBar::setTone(Role role) {
    m_role = role;
    update();
}

void ProgressBar::timerEvent(QTimerEvent* event) {
    if (event->timerId() != m_timer.timerId())
        return;
    m_tick = (m_tick + 1) % kFrames;
    update();
}

void ProgressBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const qreal radius = m_height / 2.0;
    const QColor track = color(theme().dark() ? Role::Sunken : Role::Hover);
    const QColor fill = color(m_role);
    const auto bar = [&](double from, double to, const QColor& ink, qreal corner) {
        if (to - from < 0.5)
            return;
        painter.setBrush(ink);
        painter.drawRoundedRect(QRectF(from, 0, to - from, m_height), corner, corner);
    };
    if (std::isnan(m_fraction)) {
        bar(0, width(), track, radius);
        const double length = width() * 0.28;
        const double from = (width() - length) * (0.5 - 0.5 * std::cos(2 * M_PI * m_tick / kFrames));
        bar(from, from + length, fill, radius);
        return;
    }
    double total = 0;
    for (const double length : m_segments)
        total += length;
    if (total <= 0) {
        bar(0, width(), track, radius);
        bar(0, width() * std::clamp(m_fraction, 0.0, 1.0), fill, radius);
        return;
    }
    const double done = std::clamp(m_fraction, 0.0, 1.0) * width();
    double x = 0;
    for (const double length : m_segments) {
        const double end = x + length / total * width();
        const double last = end < width() - 1 ? end - 2 : width();
        bar(x, last, track, 2);
        bar(x, std::min(done, last), fill, 2);
        x = end;
    }
}

} // namespace ui
