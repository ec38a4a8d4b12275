#include "ui/thawstyle.h"

#include "ui/theme.h"

#include <QAbstractItemView>
#include <QAbstractSpinBox>
#include <QCheckBox>
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSlider>
#include <QStyleOption>

namespace ui {
namespace {

void drawFieldFrame(QPainter& painter, const QRect& rect, const QStyleOption& option, const QWidget* widget,
                    bool focusRing) {
    const bool enabled = option.state & QStyle::State_Enabled;
    const QString problem = widget ? widget->property("problem").toString() : QString();
    QColor line = color(enabled ? Role::Control : Role::Border);
    qreal width = 1;
    if (enabled && (option.state & QStyle::State_MouseOver))
        line = color(Role::Faint);
    if (!problem.isEmpty())
        line = color(problem == QLatin1String("error") ? Role::DangerText : Role::WarningText);
    if (enabled && focusRing) {
        width = 2;
        if (problem.isEmpty())
            line = color(Role::AccentText);
    }
    const bool sunken = widget && widget->property("sunken").toBool(); // search fields: a ground instead of a line
    if (sunken && width < 2)
        width = 0;
    drawOutline(painter, rect, line, width, metric::kControlRadius,
                color(sunken    ? Role::Sunken
                      : enabled ? Role::Field
                                : Role::Window));
}

void drawIconAt(QPainter& painter, const QString& name, int size, const QPointF& middle, const QColor& ink) {
    const QPixmap picture = theme().pixmap(name, size, ink, painter.device()->devicePixelRatioF());
    painter.drawPixmap(QPointF(middle.x() - size / 2.0, middle.y() - size / 2.0), picture);
}

void drawRadio(QPainter& painter, const QStyleOption& option, bool ring) {
    const bool enabled = option.state & QStyle::State_Enabled;
    const bool on = option.state & QStyle::State_On;
    const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor fill = color(enabled ? Role::Accent : Role::Faint);
    painter.setPen(QPen(ring ? color(Role::AccentText) : on ? fill : color(Role::Faint), ring ? 2 : 1));
    painter.setBrush(on ? fill : color(Role::Field));
    painter.drawEllipse(box);
    if (on) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(color(Role::OnAccent));
        painter.drawEllipse(box.center(), 3, 3);
    }
    painter.restore();
}

void drawSlider(const QStyleOptionSlider& option, QPainter& painter, const QStyle& style, const QWidget* widget) {
    const QRect handle = style.subControlRect(QStyle::CC_Slider, &option, QStyle::SC_SliderHandle, widget);
    const bool enabled = option.state & QStyle::State_Enabled;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const QRectF track(option.rect.left(), option.rect.center().y() - 1, option.rect.width(), 4);
    painter.setBrush(color(Role::Border));
    painter.drawRoundedRect(track, 2, 2);
    painter.setBrush(color(enabled ? Role::Accent : Role::Faint));
    painter.drawRoundedRect(QRectF(track.left(), track.top(), handle.center().x() - track.left(), 4), 2, 2);
    const bool ring = (option.state & QStyle::State_HasFocus) && keyboardFocusVisible();
    painter.setPen(QPen(color(ring ? Role::AccentText : Role::Faint), ring ? 2 : 1));
    painter.setBrush(color(theme().dark() ? Role::Control : Role::Surface));
    painter.drawEllipse(QPointF(handle.center().x() + 0.5, track.center().y()), 6, 6);
    painter.restore();
}

} // namespace

void drawCheck(QPainter& painter, const QRectF& rect, const QColor& ink, Qt::CheckState state, bool enabled) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor fill = enabled ? ink : color(Role::Faint);
    painter.setPen(QPen(fill, 1.2));
    painter.setBrush(state == Qt::Unchecked ? QBrush(Qt::NoBrush) : QBrush(fill));
    painter.drawRoundedRect(rect.adjusted(0.6, 0.6, -0.6, -0.6), metric::kTagRadius - 0.6, metric::kTagRadius - 0.6);
    if (state != Qt::Unchecked) {
        // White on dark colours, near black on light ones: the tick stays ≥ 3:1.
        const bool light = 0.299 * fill.redF() + 0.587 * fill.greenF() + 0.114 * fill.blueF() > 0.62;
        painter.setPen(QPen(light ? QColor(0x12, 0x14, 0x17) : QColor(Qt::white), 1.8, Qt::SolidLine, Qt::RoundCap,
                            Qt::RoundJoin));
        const qreal u = rect.width() / 16;
        if (state == Qt::Checked)
            painter.drawPolyline(QPolygonF{QPointF(rect.left() + 4.2 * u, rect.top() + 8.3 * u),
                                           QPointF(rect.left() + 6.9 * u, rect.top() + 11 * u),
                                           QPointF(rect.left() + 11.8 * u, rect.top() + 5.4 * u)});
        else
            painter.drawLine(QPointF(rect.left() + 4.5 * u, rect.center().y()),
                             QPointF(rect.right() - 4.5 * u, rect.center().y()));
    }
    painter.restore();
}

ThawStyle::ThawStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

void ThawStyle::polish(QWidget* widget) {
    QProxyStyle::polish(widget);
    if (qobject_cast<QAbstractButton*>(widget) || qobject_cast<QComboBox*>(widget) ||
        qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QSlider*>(widget) || qobject_cast<QLineEdit*>(widget))
        widget->setAttribute(Qt::WA_Hover);
    if (qobject_cast<QAbstractSpinBox*>(widget))
        widget->setMinimumHeight(metric::kControlHeight);
    if (auto* text = qobject_cast<QPlainTextEdit*>(widget))
        text->viewport()->setAutoFillBackground(false);
}

int ThawStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const {
    switch (metric) {
    case PM_IndicatorWidth:
    case PM_IndicatorHeight:
    case PM_ExclusiveIndicatorWidth:
    case PM_ExclusiveIndicatorHeight:
        return 16;
    case PM_CheckBoxLabelSpacing:
    case PM_RadioButtonLabelSpacing:
        return 8;
    case PM_LayoutHorizontalSpacing:
    case PM_LayoutVerticalSpacing:
        return 8;
    case PM_SplitterWidth:
        return 1;
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical:
        return 0;
    case PM_SliderThickness:
    case PM_SliderControlThickness:
    case PM_SliderLength:
        return 14;
    case PM_FocusFrameHMargin:
    case PM_HeaderMarkSize:
        return 0;
    case PM_DefaultFrameWidth:
        if (qobject_cast<const QPlainTextEdit*>(widget))
            return 6; // the outline is round: the text keeps off its corners
        break;
    case PM_SmallIconSize:
        return 16;
    case PM_TreeViewIndentation:
        return 22;
    default:
        break;
    }
    return QProxyStyle::pixelMetric(metric, option, widget);
}

int ThawStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                         QStyleHintReturn* data) const {
    switch (hint) {
    case SH_EtchDisabledText:
    case SH_DitherDisabledText:
    case SH_ComboBox_Popup:
    case SH_Menu_SloppySubMenus:
        return 0;
    case SH_Widget_Animate:
    case SH_Widget_Animation_Duration:
        return 0;
    case SH_ToolTip_WakeUpDelay:
        return 500;
    case SH_ItemView_ShowDecorationSelected:
        return 1;
    case SH_Slider_AbsoluteSetButtons:
        return Qt::LeftButton;
    default:
        return QProxyStyle::styleHint(hint, option, widget, data);
    }
}

QSize ThawStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                                  const QWidget* widget) const {
    QSize made = QProxyStyle::sizeFromContents(type, option, size, widget);
    switch (type) {
    case CT_LineEdit:
    case CT_SpinBox:
        made.setHeight(metric::kControlHeight);
        break;
    case CT_ComboBox:
        made = QSize(size.width() + 36, metric::kControlHeight);
        break;
    case CT_PushButton:
        made.setHeight(metric::kControlHeight);
        break;
    case CT_CheckBox:
    case CT_RadioButton:
        made.setHeight(std::max(made.height(), 20));
        break;
    case CT_ItemViewItem:
        made.setHeight(std::max(made.height(), metric::kTreeRow));
        break;
    case CT_HeaderSection:
        made.setHeight(metric::kTableRow);
        break;
    default:
        break;
    }
    return made;
}

QRect ThawStyle::subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl sub,
                                const QWidget* widget) const {
    const QRect all = option->rect;
    if (control == CC_SpinBox) {
        constexpr int kButtons = 22;
        switch (sub) {
        case SC_SpinBoxUp:
            return {all.right() - kButtons, all.top() + 1, kButtons, all.height() / 2 - 1};
        case SC_SpinBoxDown:
            return {all.right() - kButtons, all.top() + all.height() / 2, kButtons, all.height() / 2 - 1};
        case SC_SpinBoxEditField:
            return all.adjusted(9, 1, -kButtons, -1);
        case SC_SpinBoxFrame:
            return all;
        default:
            break;
        }
    }
    if (control == CC_ComboBox) {
        switch (sub) {
        case SC_ComboBoxEditField:
            return all.adjusted(6, 1, -24, -1);
        case SC_ComboBoxArrow:
            return {all.right() - 24, all.top(), 24, all.height()};
        case SC_ComboBoxFrame:
        case SC_ComboBoxListBoxPopup:
            return all;
        default:
            break;
        }
    }
    if (control == CC_Slider && sub == SC_SliderGroove)
        return all;
    return QProxyStyle::subControlRect(control, option, sub, widget);
}

QRect ThawStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const {
    if (element == SE_LineEditContents) {
        if (widget && (widget->property("bare").toBool() || qobject_cast<QAbstractSpinBox*>(widget->parentWidget())))
            return option->rect;
        return option->rect.adjusted(8, 0, -6, 0);
    }
    if (element == SE_HeaderLabel)
        return option->rect;
    return QProxyStyle::subElementRect(element, option, widget);
}

void ThawStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                              const QWidget* widget) const {
    const bool focused = option->state & State_HasFocus;
    switch (element) {
    case PE_PanelLineEdit: {
        const bool inner = widget && qobject_cast<const QAbstractSpinBox*>(widget->parentWidget());
        const bool inCombo = widget && qobject_cast<const QComboBox*>(widget->parentWidget());
        const bool quiet =
            widget && widget->property("quiet").toBool() && !focused && !(option->state & State_MouseOver);
        if (!inner && !inCombo && !quiet && !(widget && widget->property("bare").toBool()))
            drawFieldFrame(*painter, option->rect, *option, widget, focused);
        return;
    }
    case PE_FrameLineEdit:
    case PE_FrameFocusRect:
        return;
    case PE_Frame:
        if (qobject_cast<const QPlainTextEdit*>(widget)) {
            drawFieldFrame(*painter, option->rect, *option, widget, focused);
            return;
        }
        break;
    case PE_IndicatorCheckBox:
    case PE_IndicatorItemViewItemCheck: {
        const auto state = option->state & State_NoChange ? Qt::PartiallyChecked
                           : option->state & State_On     ? Qt::Checked
                                                          : Qt::Unchecked;
        const bool enabled = option->state & State_Enabled;
        const QColor ink = state == Qt::Unchecked ? color(Role::Faint) : color(Role::Accent);
        if (state == Qt::Unchecked)
            drawOutline(*painter, option->rect, Qt::transparent, 0, metric::kTagRadius, color(Role::Field));
        drawCheck(*painter, option->rect, ink, state, enabled);
        if (focused && keyboardFocusVisible())
            drawOutline(*painter, option->rect, color(Role::AccentText), 2, metric::kTagRadius);
        return;
    }
    case PE_IndicatorRadioButton:
        drawRadio(*painter, *option, focused && keyboardFocusVisible());
        return;
    case PE_PanelItemViewRow:
        return;
    case PE_PanelItemViewItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option)) {
            if (item->state & State_Selected)
                painter->fillRect(item->rect, color(Role::AccentTint));
            else if (item->backgroundBrush.style() != Qt::NoBrush)
                painter->fillRect(item->rect, item->backgroundBrush);
            else if (item->state & State_MouseOver)
                painter->fillRect(item->rect, color(Role::Hover));
        }
        return;
    case PE_IndicatorBranch:
        if (option->state & State_Children)
            drawIconAt(*painter,
                       option->state & State_Open ? QStringLiteral("chevron-down") : QStringLiteral("chevron-right"),
                       14, QRectF(option->rect).center(), color(Role::Muted));
        return;
    case PE_IndicatorHeaderArrow:
        return; // drawn with the label
    default:
        break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

void ThawStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                            const QWidget* widget) const {
    switch (element) {
    case CE_PushButtonBevel:
        if (const auto* button = qstyleoption_cast<const QStyleOptionButton*>(option)) {
            const bool over = button->state & State_MouseOver;
            const bool ring = (button->state & State_HasFocus) && keyboardFocusVisible();
            drawOutline(*painter, button->rect, color(ring ? Role::AccentText : Role::Control), ring ? 2 : 1,
                        metric::kControlRadius, color(over ? Role::Hover : Role::Raised));
        }
        return;
    case CE_ItemViewItem:
        if (const auto* item = qstyleoption_cast<const QStyleOptionViewItem*>(option)) {
            QStyleOptionViewItem plain = *item;
            plain.palette.setColor(QPalette::HighlightedText, plain.palette.color(QPalette::Text));
            plain.palette.setColor(QPalette::Highlight, color(Role::AccentTint));
            QProxyStyle::drawControl(element, &plain, painter, widget);
            return;
        }
        break;
    case CE_HeaderSection:
        painter->fillRect(option->rect, color(Role::Surface));
        if (!widget || !widget->property("plain").toBool())
            painter->fillRect(QRect(option->rect.left(), option->rect.bottom(), option->rect.width(), 1),
                              color(Role::Border));
        return;
    case CE_HeaderEmptyArea:
        painter->fillRect(option->rect, color(Role::Surface));
        return;
    case CE_HeaderLabel:
        if (const auto* head = qstyleoption_cast<const QStyleOptionHeader*>(option)) {
            painter->save();
            painter->setFont(font(FontRole::Head));
            painter->setPen(color(Role::Muted));
            // The arrow hangs in the padding, so that heads and numbers end at the same place. A view may set the
            // padding of its cells ("cellPadding") and the indent of its first column ("firstIndent").
            const int padding = widget ? std::max(4, widget->property("cellPadding").toInt()) : 4;
            const int indent = head->section == 0 && widget ? widget->property("firstIndent").toInt() : 0;
            const QRect box = head->rect.adjusted(std::max(padding, indent), 0, -padding, 0);
            if (head->sortIndicator != QStyleOptionHeader::None) {
                const bool right = head->textAlignment & Qt::AlignRight;
                const int width = QFontMetrics(painter->font()).horizontalAdvance(head->text);
                const qreal x = right ? box.right() + 9 : box.left() + width + 9;
                // A falling column is sorted greatest first.
                drawIconAt(*painter,
                           head->sortIndicator == QStyleOptionHeader::SortUp ? QStringLiteral("arrow-down")
                                                                             : QStringLiteral("arrow-up"),
                           12, QPointF(x, box.center().y() + 1), color(Role::Muted));
            }
            painter->drawText(box, static_cast<int>(head->textAlignment) | Qt::AlignVCenter | Qt::TextSingleLine,
                              head->text);
            painter->restore();
            return;
        }
        break;
    case CE_ComboBoxLabel:
        if (const auto* combo = qstyleoption_cast<const QStyleOptionComboBox*>(option)) {
            if (combo->editable)
                return;
            painter->save();
            painter->setPen(color(option->state & State_Enabled ? Role::Text : Role::Faint));
            QRect box = subControlRect(CC_ComboBox, combo, SC_ComboBoxEditField, widget).adjusted(3, 0, 0, 0);
            if (!combo->currentIcon.isNull()) {
                combo->currentIcon.paint(painter, QRect(box.left(), box.center().y() - 7, 16, 16));
                box.setLeft(box.left() + 24);
            }
            painter->drawText(box, Qt::AlignVCenter | Qt::AlignLeft,
                              combo->fontMetrics.elidedText(combo->currentText, Qt::ElideRight, box.width()));
            painter->restore();
            return;
        }
        break;
    case CE_ShapedFrame:
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option))
            if (frame->frameShape == QFrame::HLine || frame->frameShape == QFrame::VLine) {
                painter->fillRect(frame->rect, color(Role::Border));
                return;
            }
        break;
    default:
        break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
}

void ThawStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                                   const QWidget* widget) const {
    const bool enabled = option->state & State_Enabled;
    const QColor ink = color(enabled ? Role::Muted : Role::Faint);
    switch (control) {
    case CC_ComboBox: {
        const bool ring = (option->state & State_HasFocus) && keyboardFocusVisible();
        drawFieldFrame(*painter, option->rect, *option, widget, ring);
        drawIconAt(*painter, QStringLiteral("chevron-down"), 14,
                   QPointF(option->rect.right() - 11, QRectF(option->rect).center().y()), ink);
        return;
    }
    case CC_SpinBox: {
        drawFieldFrame(*painter, option->rect, *option, widget, option->state & State_HasFocus);
        if (const auto* spin = qstyleoption_cast<const QStyleOptionSpinBox*>(option)) {
            if (spin->buttonSymbols == QAbstractSpinBox::NoButtons)
                return;
            const qreal x = option->rect.right() - 9;
            const qreal y = QRectF(option->rect).center().y();
            const auto inkOf = [&](QAbstractSpinBox::StepEnabledFlag flag, SubControl part) {
                if (!enabled || !(spin->stepEnabled & flag))
                    return color(Role::Faint);
                return color(spin->activeSubControls & part ? Role::Text : Role::Muted);
            };
            drawIconAt(*painter, QStringLiteral("chevron-up"), 12, QPointF(x, y - 5.5),
                       inkOf(QAbstractSpinBox::StepUpEnabled, SC_SpinBoxUp));
            drawIconAt(*painter, QStringLiteral("chevron-down"), 12, QPointF(x, y + 5.5),
                       inkOf(QAbstractSpinBox::StepDownEnabled, SC_SpinBoxDown));
        }
        return;
    }
    case CC_Slider:
        if (const auto* slider = qstyleoption_cast<const QStyleOptionSlider*>(option)) {
            drawSlider(*slider, *painter, *this, widget);
            return;
        }
        break;
    default:
        break;
    }
    QProxyStyle::drawComplexControl(control, option, painter, widget);
}

} // namespace ui
