#include "ui/theme.h"

#include "resources/resources.h"
#include "ui/heatramp.h"
#include "ui/thawstyle.h"

#include <QApplication>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QPainter>
#include <QPalette>
#include <QToolTip>
#include <QVariant>
#include <QWidget>

#include <algorithm>
#include <array>

namespace ui {
namespace {

constexpr auto kProperty = "thawTheme";

struct Token {
    QRgb light;
    QRgb dark;
};

// In the order of Role.
constexpr std::array<Token, static_cast<std::size_t>(Role::Count)> kTokens{{
    {0xFFF3F4F6, 0xFF121417}, // Window
    {0xFFFFFFFF, 0xFF191C20}, // Surface
    {0xFFFFFFFF, 0xFF22262B}, // Raised
    {0xFFFFFFFF, 0xFF14161A}, // Field
    {0xFFECEEF1, 0xFF0E1012}, // Sunken
    {0xFFE9EBEF, 0xFF262A30}, // Hover
    {0xFFDEE1E6, 0xFF2C3138}, // Border
    {0xFFBCC2CB, 0xFF454C56}, // Control
    {0xFF1A1D21, 0xFFE8EAED}, // Text
    {0xFF59616C, 0xFF9DA5B0}, // Muted
    {0xFF8B939E, 0xFF6B737E}, // Faint
    {0xFF4149C3, 0xFF5B63E3}, // Accent
    {0xFF363DAA, 0xFF525AD6}, // AccentHover
    {0xFFFFFFFF, 0xFFFFFFFF}, // OnAccent
    {0xFF4149C3, 0xFFA3A8FF}, // AccentText
    {0xFFECEDFA, 0xFF26294A}, // AccentTint
    {0xFF2A7196, 0xFF83C5E3}, // FrozenText
    {0xFFB9DBEA, 0xFF2B5B73}, // FrozenFill
    {0xFFE8F3F8, 0xFF1A2B35}, // FrozenTint
    {0xFFB4491A, 0xFFF3A06C}, // ThawedText
    {0xFFF0965F, 0xFFC4632F}, // ThawedFill
    {0xFFFCEFE7, 0xFF35231A}, // ThawedTint
    {0xFF1D7A4B, 0xFF55C48D}, // SuccessText
    {0xFFE5F4EC, 0xFF17301F}, // SuccessTint
    {0xFF8A5A00, 0xFFE3B341}, // WarningText
    {0xFFFBF1DB, 0xFF33290F}, // WarningTint
    {0xFFBE2D45, 0xFFF4798C}, // DangerText
    {0xFFFBE9EC, 0xFF3B1B22}, // DangerTint
    {0xFF23272D, 0xFF2E333A}, // TooltipGround
    {0xFFF3F4F6, 0xFFE8EAED}, // TooltipText
    {0xFFECEEF1, 0xFF23272C}, // ChartGrid
    {0xFFC3C8D0, 0xFF3D444D}, // ChartAxis
    {0xFF59616C, 0xFF9DA5B0}, // ChartCrosshair
    {0xFFF3F4F6, 0xFF1E2226}, // ChartBand
    {0xFF989DA4, 0xFF6B7179}, // NeutralStrong
    {0xFFC7C9CD, 0xFF464B51}, // NeutralSoft
}};

// From what speaks for nothing to what speaks most, over a picture in grey.
constexpr std::array<QRgb, 5> kPictureHeat{0xff223c6e, 0xff206e96, 0xff5aaa8c, 0xffdcc85a, 0xfff07832};

// Any two stay apart in normal, protan, deutan and tritan vision.
constexpr std::array<Token, 10> kRuns{{
    {0xFF1597FE, 0xFF4DC4E3},
    {0xFF9C5F24, 0xFFC5AF47},
    {0xFF92134F, 0xFFF522C1},
    {0xFF879C06, 0xFFAEEA48},
    {0xFF6D3791, 0xFFA959FE},
    {0xFF148784, 0xFF38F2FB},
    {0xFFEF1E79, 0xFFEB8098},
    {0xFF383ACD, 0xFF9692FD},
    {0xFF274110, 0xFF209B3A},
    {0xFFC86BC3, 0xFFF3CBB5},
}};

QColor pick(const Token& token, bool dark) { return QColor::fromRgb(dark ? token.dark : token.light); }

QPalette paletteOf(const Theme& theme) {
    QPalette palette;
    const auto set = [&](QPalette::ColorRole role, Role normal, Role disabled) {
        palette.setColor(QPalette::Active, role, theme.color(normal));
        palette.setColor(QPalette::Inactive, role, theme.color(normal));
        palette.setColor(QPalette::Disabled, role, theme.color(disabled));
    };
    set(QPalette::Window, Role::Window, Role::Window);
    set(QPalette::WindowText, Role::Text, Role::Faint);
    set(QPalette::Base, Role::Surface, Role::Surface);
    set(QPalette::AlternateBase, Role::Surface, Role::Surface);
    set(QPalette::Text, Role::Text, Role::Faint);
    set(QPalette::PlaceholderText, Role::Faint, Role::Faint);
    set(QPalette::Button, Role::Raised, Role::Raised);
    set(QPalette::ButtonText, Role::Text, Role::Faint);
    set(QPalette::BrightText, Role::DangerText, Role::Faint);
    set(QPalette::Highlight, Role::Accent, Role::Control);
    set(QPalette::HighlightedText, Role::OnAccent, Role::Surface);
    set(QPalette::Link, Role::AccentText, Role::Faint);
    set(QPalette::LinkVisited, Role::AccentText, Role::Faint);
    set(QPalette::ToolTipBase, Role::TooltipGround, Role::TooltipGround);
    set(QPalette::ToolTipText, Role::TooltipText, Role::TooltipText);
    set(QPalette::Light, Role::Raised, Role::Raised);
    set(QPalette::Midlight, Role::Border, Role::Border);
    set(QPalette::Mid, Role::Border, Role::Border);
    set(QPalette::Dark, Role::Control, Role::Border);
    set(QPalette::Shadow, Role::Control, Role::Border);
    return palette;
}

// What palette and proxy style cannot say: menus, tooltips, scroll bars, splitters.
QString styleSheetOf(const Theme& theme) {
    QString sheet = QStringLiteral(R"(
QToolTip { background: @TooltipGround; color: @TooltipText; border: 1px solid @TooltipGround; padding: 6px 8px; }
QMenu { background: @Raised; border: 1px solid @Control; padding: 4px; }
QMenu::item { height: 28px; padding: 0 20px 0 8px; border-radius: 4px; color: @Text; }
QMenu::item:selected { background: @Hover; }
QMenu::item:disabled { color: @Faint; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: @Border; margin: 4px 8px; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @Control; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @Faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page { background: none; border: none; width: 0; height: 0; }
QSplitter::handle { background: @Border; }
)");
    static const QList<std::pair<QLatin1String, Role>> kNames{{QLatin1String("@TooltipGround"), Role::TooltipGround},
                                                              {QLatin1String("@TooltipText"), Role::TooltipText},
                                                              {QLatin1String("@Raised"), Role::Raised},
                                                              {QLatin1String("@Control"), Role::Control},
                                                              {QLatin1String("@Text"), Role::Text},
                                                              {QLatin1String("@Hover"), Role::Hover},
                                                              {QLatin1String("@Faint"), Role::Faint},
                                                              {QLatin1String("@Border"), Role::Border}};
    for (const auto& [name, role] : kNames)
        sheet.replace(name, theme.color(role).name());
    return sheet;
}

} // namespace

Theme& Theme::install(QApplication& application) {
    if (auto* existing = application.property(kProperty).value<QObject*>())
        return *static_cast<Theme*>(existing);
    initThawResources();
    for (const auto* file : {"InterTabular-Regular.otf", "InterTabular-Medium.otf", "InterTabular-SemiBold.otf",
                             "JetBrainsMono-Regular.ttf"})
        QFontDatabase::addApplicationFont(QStringLiteral(":/thaw/fonts/") + QLatin1String(file));
    auto* made = new Theme(application);
    application.setProperty(kProperty, QVariant::fromValue<QObject*>(made));
    application.setStyle(new ThawStyle);
    application.installEventFilter(made);
    made->apply();
    return *made;
}

Theme::Theme(QApplication& application)
    : QObject(&application),
      m_appearance(application.palette().window().color().lightness() < 128 ? Appearance::Dark : Appearance::Light) {}

void Theme::setAppearance(Appearance appearance) {
    if (appearance == m_appearance)
        return;
    m_appearance = appearance;
    apply();
    Q_EMIT changed();
}

void Theme::apply() {
    QApplication::setFont(font(FontRole::Body));
    QApplication::setPalette(paletteOf(*this));
    QToolTip::setFont(font(FontRole::Label));
    QToolTip::setPalette(paletteOf(*this));
    qApp->setStyleSheet(styleSheetOf(*this));
}

QColor Theme::color(Role role) const { return pick(kTokens[static_cast<std::size_t>(role)], dark()); }

QColor Theme::runColor(int number) const {
    if (number < 1)
        return color(Role::Muted);
    return pick(kRuns[static_cast<std::size_t>(number - 1) % kRuns.size()], dark());
}

QFont Theme::font(FontRole role) const {
    struct Face {
        int pixels;
        QFont::Weight weight;
    };
    const auto face = [role]() -> Face {
        switch (role) {
        case FontRole::PageTitle:
            return {20, QFont::DemiBold};
        case FontRole::SectionTitle:
            return {15, QFont::DemiBold};
        case FontRole::Body:
            return {13, QFont::Normal};
        case FontRole::Value:
            return {13, QFont::Medium};
        case FontRole::Strong:
            return {13, QFont::DemiBold};
        case FontRole::Label:
            return {12, QFont::Normal};
        case FontRole::Head:
            return {12, QFont::Medium};
        case FontRole::ChartTitle:
            return {12, QFont::DemiBold};
        case FontRole::Small:
            return {11, QFont::Normal};
        case FontRole::SmallMedium:
            return {11, QFont::Medium};
        case FontRole::SmallStrong:
            return {11, QFont::DemiBold};
        case FontRole::Mono:
            return {12, QFont::Normal};
        case FontRole::MonoSmall:
            return {11, QFont::Normal};
        }
        return {13, QFont::Normal};
    }();
    const bool mono = role == FontRole::Mono || role == FontRole::MonoSmall;
    QFont made(mono ? QStringLiteral("JetBrains Mono") : QStringLiteral("Inter Tabular"));
    made.setPixelSize(face.pixels);
    made.setWeight(face.weight);
    made.setStyleHint(mono ? QFont::Monospace : QFont::SansSerif);
    made.setHintingPreference(mono ? QFont::PreferVerticalHinting : QFont::PreferNoHinting);
    if (!mono && face.pixels <= 12)
        made.setLetterSpacing(QFont::AbsoluteSpacing, 0.1);
    return made;
}

bool Theme::eventFilter(QObject* watched, QEvent* event) {
    bool keyboard = m_keyboardFocus;
    // A shortcut sends no key press of its own.
    if (event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride) {
        const auto key = static_cast<QKeyEvent*>(event)->key();
        if (key != Qt::Key_Control && key != Qt::Key_Shift && key != Qt::Key_Alt && key != Qt::Key_Meta)
            keyboard = true;
    } else if (event->type() == QEvent::MouseButtonPress) {
        keyboard = false;
    }
    if (keyboard != m_keyboardFocus) {
        m_keyboardFocus = keyboard;
        if (QWidget* focused = QApplication::focusWidget())
            focused->update();
    }
    return QObject::eventFilter(watched, event);
}

Theme& theme() {
    auto* object = qApp->property(kProperty).value<QObject*>();
    Q_ASSERT_X(object, "ui::theme", "Theme::install was not called");
    return *static_cast<Theme*>(object);
}

bool keyboardFocusVisible() { return theme().m_keyboardFocus; }

void drawOutline(QPainter& painter, const QRectF& rect, const QColor& color, qreal width, qreal radius,
                 const QColor& fill) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(width > 0 ? QPen(color, width) : QPen(Qt::NoPen));
    painter.setBrush(fill);
    const qreal inset = width / 2;
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius - inset, radius - inset);
    painter.restore();
}

QColor pictureHeat(double share) {
    const double place = std::clamp(share, 0.0, 1.0) * (kPictureHeat.size() - 1);
    const auto from = std::min(static_cast<std::size_t>(place), kPictureHeat.size() - 2);
    const QColor low(kPictureHeat.at(from)), high(kPictureHeat.at(from + 1));
    const double part = place - static_cast<double>(from);
    const auto mixed = [part](int a, int b) { return static_cast<int>(a + (b - a) * part); };
    return {mixed(low.red(), high.red()), mixed(low.green(), high.green()), mixed(low.blue(), high.blue())};
}

} // namespace ui
