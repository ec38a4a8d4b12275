#pragma once

#include <QProxyStyle>

namespace ui {

// Fusion with our fields, combos, spin boxes, checks, radios, sliders, headers and rows. A field's dynamic property
// "problem" ("error" or "warning") gives it the outline of that problem; "bare" takes its frame
// away, "quiet" shows it only under the mouse and with the focus, "sunken" makes it a search field.
class ThawStyle final : public QProxyStyle {
    Q_OBJECT
public:
    ThawStyle();
    void polish(QWidget* widget) override;
    using QProxyStyle::polish;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget,
                  QStyleHintReturn* data) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                           const QWidget* widget) const override;
    QRect subControlRect(ComplexControl control, const QStyleOptionComplex* option, SubControl sub,
                         const QWidget* widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter,
                       const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter,
                            const QWidget* widget) const override;
};

// The check of lists and tables, 14 px, in any colour (a run's): filled with a white tick, or an outline.
void drawCheck(QPainter& painter, const QRectF& rect, const QColor& color, Qt::CheckState state, bool enabled);

} // namespace ui
