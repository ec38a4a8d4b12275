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
    const QColor fill = color(Role::Accent);
    const auto bar = [&](double from, double to, const QColor& ink) {
        if (to - from < 0.5)
            return;
        painter.setBrush(ink);
        painter.drawRoundedRect(QRectF(from, 0, to - from, m_height), radius, radius);
    };
    if (std::isnan(m_fraction)) {
        bar(0, width(), track);
        const double length = width() * 0.28;
        const double from = (width() - length) * (0.5 - 0.5 * std::cos(2 * M_PI * m_tick / kFrames));
        bar(from, from + length, fill);
        return;
    }
    bar(0, width(), track);
    bar(0, width() * std::clamp(m_fraction, 0.0, 1.0), fill);
}

} // namespace ui
