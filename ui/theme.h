#pragma once

#include <QColor>
#include <QFont>
#include <QIcon>
#include <QObject>
#include <QPixmap>
#include <QRectF>
#include <QString>

class QApplication;
class QPainter;

namespace ui {

// What a colour is for. Widgets name a role; the hex values live in one table in theme.cpp.
enum class Role {
    Window,
    Surface,
    Raised,
    Field,
    Sunken,
    Hover,
    Border,
    Control,
    Text,
    Muted,
    Faint,
    Accent,
    AccentHover,
    OnAccent,
    AccentText,
    AccentTint,
    FrozenText,
    FrozenFill,
    FrozenTint,
    ThawedText,
    ThawedFill,
    ThawedTint,
    SuccessText,
    SuccessTint,
    WarningText,
    WarningTint,
    DangerText,
    DangerTint,
    TooltipGround,
    TooltipText,
    ChartGrid,
    ChartAxis,
    ChartCrosshair,
    ChartBand,
    NeutralStrong,
    NeutralSoft, // bars that carry no state (share bars, phases that need no colour)
    Count
};

enum class FontRole {
    PageTitle,    // 20 / 600
    SectionTitle, // 15 / 600
    Body,         // 13 / 400
    Value,        // 13 / 500: values, names, buttons
    Strong,       // 13 / 600
    Label,        // 12 / 400: field labels, hints, table cells of dense tables
    Head,         // 12 / 500: table heads
    ChartTitle,   // 12 / 600
    Small,        // 11 / 400: axes, legends
    SmallMedium,  // 11 / 500: chips, list headers
    SmallStrong,  // 11 / 600
    Mono,         // 12: paths, block names, patterns
    MonoSmall     // 11: log
};

enum class Appearance { Light, Dark };

// Distances of the 4 px grid; heights and widths that several widgets share.
namespace metric {
inline constexpr int kPageMargin = 16;
inline constexpr int kPageTop = 12;
inline constexpr int kGap = 8;
inline constexpr int kCardPadding = 16;
inline constexpr int kChartPadding = 12;
inline constexpr int kFieldGap = 12;
inline constexpr int kControlHeight = 28;
inline constexpr int kSmallButtonHeight = 24;
inline constexpr int kTrainHeight = 40;
inline constexpr int kTopBarHeight = 44;
inline constexpr int kStripHeight = 36;
inline constexpr int kModeBarWidth = 72;
inline constexpr int kRunListWidth = 240;
inline constexpr int kPanelWidth = 320;
inline constexpr int kPanelWidthNarrow = 296;
inline constexpr int kLivePanelWidth = 280;
inline constexpr int kTableRow = 32;
inline constexpr int kTreeRow = 24;
inline constexpr int kTimelineRow = 20;
inline constexpr int kRunRow = 48;
inline constexpr int kMenuRow = 28;
inline constexpr int kToastHeight = 52;
inline constexpr int kCardRadius = 8;
inline constexpr int kControlRadius = 6;
inline constexpr int kTagRadius = 4;
} // namespace metric

// The one look of the program: tokens, palette, style sheet, fonts and icons. Made once by install(), owned by the
// application, reached by ui::theme(). Widgets that paint read colours in paintEvent, so a switch needs no wiring; what
// keeps a copy (a chart's pens, a label's palette) connects to changed().
class Theme final : public QObject {
    Q_OBJECT
public:
    // Registers the fonts, sets Fusion with our proxy style, follows the system's light or dark palette. Call it once,
    // before the first widget. Calling it again returns the same object.
    static Theme& install(QApplication& application);

    [[nodiscard]] Appearance appearance() const { return m_appearance; }
    [[nodiscard]] bool dark() const { return m_appearance == Appearance::Dark; }
    void setAppearance(Appearance appearance); // at once, everywhere

    [[nodiscard]] QColor color(Role role) const;
    // number ≥ 1; 11 to 20 repeat 1 to 10 and are drawn dashed. 0 gives Muted.
    [[nodiscard]] QColor runColor(int number) const;
    [[nodiscard]] int rawAlpha() const { return dark() ? 88 : 78; }
    [[nodiscard]] QFont font(FontRole role) const;
    // name: file name of resources/icons without ".svg"; size in logical pixels. Cached, sharp at any scale.
    [[nodiscard]] QPixmap pixmap(const QString& name, int size, const QColor& color, qreal scale = 0) const;
    [[nodiscard]] QIcon icon(const QString& name, int size = 16, Role role = Role::Muted) const;

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override; // key or mouse last: is the focus ring drawn

private:
    explicit Theme(QApplication& application);
    void apply();
    friend bool keyboardFocusVisible();
    Appearance m_appearance = Appearance::Light;
    bool m_keyboardFocus = false;
};

// The theme of the running application; install() must have been called.
[[nodiscard]] Theme& theme();

// Short forms for painting code.
[[nodiscard]] inline QColor color(Role role) { return theme().color(role); }
[[nodiscard]] inline QFont font(FontRole role) { return theme().font(role); }
[[nodiscard]] inline QIcon icon(const QString& name, int size = 16, Role role = Role::Muted) {
    return theme().icon(name, size, role);
}
[[nodiscard]] inline QColor runColor(int number) { return theme().runColor(number); }

// True while the last input was a key: the focus ring is drawn only then.
[[nodiscard]] bool keyboardFocusVisible();
// Draws the 2 px ring or the 1 px outline of a control inside `rect`.
void drawOutline(QPainter& painter, const QRectF& rect, const QColor& color, qreal width, qreal radius,
                 const QColor& fill = Qt::transparent);

} // namespace ui
