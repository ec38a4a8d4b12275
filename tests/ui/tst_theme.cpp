#include "ui/theme.h"

#include <QApplication>
#include <QFontInfo>
#include <QFontMetrics>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace ui;

class TestTheme : public QObject {
    Q_OBJECT

    static double luminance(const QColor& color) {
        const auto linear = [](double part) {
            return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
    }
    static double contrast(const QColor& a, const QColor& b) {
        const double x = luminance(a);
        const double y = luminance(b);
        return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
    }

private Q_SLOTS:
    void init() { theme().setAppearance(Appearance::Light); }

    void textsAreReadableOnEveryGround_data() {
        QTest::addColumn<int>("appearance");
        QTest::newRow("light") << int(Appearance::Light);
        QTest::newRow("dark") << int(Appearance::Dark);
    }
    void textsAreReadableOnEveryGround() {
        QFETCH(int, appearance);
        theme().setAppearance(static_cast<Appearance>(appearance));
        for (const Role ground : {Role::Window, Role::Surface, Role::Raised, Role::Field, Role::Sunken}) {
            QVERIFY(contrast(color(Role::Text), color(ground)) >= 7);
            QVERIFY(contrast(color(Role::Muted), color(ground)) >= 5.0);
            for (const Role ink : {Role::AccentText, Role::FrozenText, Role::ThawedText, Role::SuccessText,
                                   Role::WarningText, Role::DangerText})
                QVERIFY2(contrast(color(ink), color(ground)) >= 4.5,
                         qPrintable(QStringLiteral("role %1 on %2: %3")
                                        .arg(int(ink))
                                        .arg(int(ground))
                                        .arg(contrast(color(ink), color(ground)))));
        }
        QVERIFY(contrast(color(Role::OnAccent), color(Role::Accent)) >= 4.5);
        QVERIFY(contrast(color(Role::OnAccent), color(Role::AccentHover)) >= 4.5);
        QVERIFY(contrast(color(Role::TooltipText), color(Role::TooltipGround)) >= 7);
        for (const auto& [ink, tint] :
             {std::pair{Role::SuccessText, Role::SuccessTint}, std::pair{Role::WarningText, Role::WarningTint},
              std::pair{Role::DangerText, Role::DangerTint}, std::pair{Role::AccentText, Role::AccentTint}})
            QVERIFY(contrast(color(ink), color(tint)) >= 4.5);
    }
    void runColoursStandOffTheSurface() {
        for (int i = 1; i <= 10; ++i)
            QVERIFY2(contrast(runColor(i), color(Role::Surface)) >= 2.95, qPrintable(QString::number(i)));
        theme().setAppearance(Appearance::Dark);
        for (int i = 1; i <= 10; ++i)
            QVERIFY2(contrast(runColor(i), color(Role::Surface)) >= 4.4, qPrintable(QString::number(i)));
    }
    void coloursRepeatAfterTen() {
        QCOMPARE(runColor(11), runColor(1));
        QCOMPARE(runColor(20), runColor(10));
        QCOMPARE(runColor(0), color(Role::Muted));
    }
    void aSwitchIsToldOnceAndChangesPaletteAndIcons() {
        QSignalSpy spy(&theme(), &Theme::changed);
        const QImage light = ui::icon(QStringLiteral("play"), 16, Role::Text).pixmap(16, 16).toImage();
        theme().setAppearance(Appearance::Dark);
        theme().setAppearance(Appearance::Dark);
        QCOMPARE(spy.count(), 1);
        QCOMPARE(QApplication::palette().color(QPalette::Window), color(Role::Window));
        QVERIFY(ui::icon(QStringLiteral("play"), 16, Role::Text).pixmap(16, 16).toImage() != light);
    }
    void disabledTextLooksDisabled() {
        QVERIFY(QApplication::palette().color(QPalette::Disabled, QPalette::ButtonText) !=
                QApplication::palette().color(QPalette::Active, QPalette::ButtonText));
    }
    void ourFontsAreUsedAndDigitsAreTabular() {
        QCOMPARE(QFontInfo(ui::font(FontRole::Body)).family(), QStringLiteral("Inter Tabular"));
        QCOMPARE(QFontInfo(ui::font(FontRole::Mono)).family(), QStringLiteral("JetBrains Mono"));
        for (const FontRole role : {FontRole::Body, FontRole::Value, FontRole::Strong, FontRole::PageTitle}) {
            const QFontMetricsF metrics(ui::font(role));
            const double zero = metrics.horizontalAdvance(QStringLiteral("00000000"));
            for (int digit = 1; digit <= 9; ++digit)
                QVERIFY(std::abs(metrics.horizontalAdvance(QString::number(digit).repeated(8)) - zero) < 0.2);
        }
        QVERIFY(QFontMetricsF(ui::font(FontRole::Strong)).horizontalAdvance(QStringLiteral("measure")) >
                QFontMetricsF(ui::font(FontRole::Body)).horizontalAdvance(QStringLiteral("measure")));
    }
    void iconsAreSharpAtTwiceTheScale() {
        const QPixmap picture = theme().pixmap(QStringLiteral("search"), 16, color(Role::Text), 2);
        QCOMPARE(picture.size(), QSize(32, 32));
        QCOMPARE(picture.devicePixelRatio(), 2.0);
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestTheme test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_theme.moc"
