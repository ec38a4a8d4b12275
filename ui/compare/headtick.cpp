#include "ui/compare/headtick.h"

#include "ui/thawstyle.h"
#include "ui/theme.h"

#include <QPainter>

namespace ui {

HeadTick::HeadTick(QWidget* parent) : QAbstractButton(parent) {
    setObjectName(QStringLiteral("tickAll"));
    setFocusPolicy(Qt::TabFocus);
    setCursor(Qt::ArrowCursor);
    resize(sizeHint());
    setTicks(0, 0);
}

void HeadTick::setTicks(int ticked, int of) {
    m_state = ticked == 0 ? Qt::Unchecked : ticked < of ? Qt::PartiallyChecked : Qt::Checked;
    setEnabled(of > 0);
    setToolTip(m_state == Qt::Checked ? tr("Untick all %1 (Ctrl A, then Space)").arg(of)
                                      : tr("Tick all %1 that match (Ctrl A, then Space)").arg(of));
    setAccessibleName(toolTip());
    update();
}

void HeadTick::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor ink = color(m_state == Qt::Unchecked ? Role::Faint : Role::Accent);
    drawCheck(painter, QRectF(2, 2, 14, 14), ink, m_state, isEnabled());
    if (hasFocus() && keyboardFocusVisible())
        drawOutline(painter, rect(), color(Role::AccentText), 2, metric::kTagRadius);
}

} // namespace ui
