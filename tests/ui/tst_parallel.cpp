// Parallel coordinates: what is kept by dragging on axes, and what is made of it.
#include "ui/compare/parallelpanel.h"
#include "ui/compare/parallelview.h"
#include "ui/controls/button.h"
#include "ui/theme.h"

#include <QApplication>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace ui;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

// Four runs: rates 1e-4 … 1e-1, two presets, an accuracy that only one of them has not.
ParallelRuns fourRuns() {
    return {
        .ids = {text("a"), text("b"), text("c"), text("d")},
        .names = {text("one"), text("two"), text("three"), text("four")},
        .colours = {1, 2, 3, 4},
        .axes = {{.name = text("Learning rate"), .values = {1e-4, 1e-3, 1e-2, 1e-1}, .steps = {}, .logarithmic = true},
                 {.name = text("Preset"), .values = {0, 1, 0, 1}, .steps = {text("head-only"), text("none")}},
                 {.name = text("Best accuracy"),
                  .values = {0.5, 0.9, 1.0, std::nan("")},
                  .steps = {},
                  .unit = ChartUnit::Percent}}};
}

} // namespace

class TestParallel final : public QObject {
    Q_OBJECT

    std::unique_ptr<ParallelPanel> m_panel;
    [[nodiscard]] ParallelView* view() const { return m_panel->findChild<ParallelView*>(); }
    [[nodiscard]] Button* button(const char* name) const { return m_panel->findChild<Button*>(text(name)); }
    [[nodiscard]] QString words() const { return m_panel->findChild<QLabel*>(text("parallelWords"))->text(); }
    // The places of an axis: 0 below, 1 above.
    [[nodiscard]] QPoint at(int axis, double place) const {
        const QSize size = view()->size();
        return {64 + (size.width() - 128) * axis / 2, qRound(size.height() - 14 - place * (size.height() - 40))};
    }
    void drag(int axis, double from, double to) const {
        QTest::mousePress(view(), Qt::LeftButton, {}, at(axis, from));
        QTest::mouseMove(view(), at(axis, (from + to) / 2));
        QTest::mouseMove(view(), at(axis, to));
        QTest::mouseRelease(view(), Qt::LeftButton, {}, at(axis, to));
    }

private Q_SLOTS:
    void init() {
        m_panel = std::make_unique<ParallelPanel>();
        m_panel->resize(900, 320);
        m_panel->setRuns(fourRuns());
        m_panel->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
    }
    void cleanup() { m_panel.reset(); }

    void withoutABrushAllRunsAreKept() {
        QCOMPARE(view()->inside().size(), 4);
        QVERIFY(!button("tickOnly")->isVisible());
        QVERIFY(!button("clearBrushes")->isVisible());
    }

    void draggingOnAnAxisKeepsTheRunsThatPassThere() {
        drag(0, 0.9, 0.2); // from above: 1e-2 and 1e-3, evenly apart on a logarithmic axis
        QTRY_COMPARE(view()->inside(), QStringList({text("b"), text("c")}));
        QTRY_COMPARE(words(), text("2 of 4 runs"));
        QCOMPARE(button("tickOnly")->text(), text("Tick only these 2"));
        drag(1, 0.5, 1); // and those of one preset
        QTRY_COMPARE(view()->inside(), QStringList(text("b")));
        QSignalSpy only(m_panel.get(), &ParallelPanel::tickOnlyRequested);
        button("tickOnly")->click();
        QCOMPARE(only.first().first().toStringList(), QStringList(text("b")));
    }

    void aRunWithoutAValueIsOutsideOfItsAxis() {
        drag(2, 0, 1);
        QTRY_COMPARE(view()->inside(), QStringList({text("a"), text("b"), text("c")}));
    }

    void aClickOrAKeyTakesABrushAway() {
        drag(0, 0.9, 1);
        drag(1, 0.9, 1);
        QTRY_COMPARE(view()->inside(), QStringList(text("d")));
        QTest::mouseClick(view(), Qt::LeftButton, {}, at(0, 0.5));
        QTRY_COMPARE(view()->inside(), QStringList({text("b"), text("d")}));
        QTest::keyClick(view(), Qt::Key_Escape);
        QCOMPARE(view()->inside().size(), 4);
        drag(1, 0.9, 1);
        QTRY_VERIFY(button("clearBrushes")->isVisible());
        button("clearBrushes")->click();
        QCOMPARE(view()->inside().size(), 4);
    }

    void anAxisIsTurnedOverWithItsBrush() {
        drag(0, 0.9, 1);
        QTRY_COMPARE(view()->inside(), QStringList(text("d")));
        QTest::mouseDClick(view(), Qt::LeftButton, {}, QPoint(at(0, 1).x(), 6));
        QTRY_COMPARE(view()->inside(), QStringList(text("d")));
        drag(0, 0.9, 1); // now the least lies above
        QTRY_COMPARE(view()->inside(), QStringList(text("a")));
    }

    void theLineUnderTheMouseIsLiftedAndAPressChoosesItsRun() {
        const QImage before = view()->grab().toImage();
        const QPoint between = (at(0, 0) + at(1, 0)) / 2; // of the first run, which is below at both
        QTest::mouseMove(view(), between);
        QTRY_VERIFY(view()->grab().toImage() != before);
        QSignalSpy pressed(m_panel.get(), &ParallelPanel::runActivated);
        QTest::mouseClick(view(), Qt::LeftButton, {}, between);
        QCOMPARE(pressed.count(), 1);
        QCOMPARE(pressed.first().first().toString(), text("a"));
    }

    void otherRunsKeepTheBrushOtherAxesDoNot() {
        drag(1, 0.9, 1);
        QTRY_COMPARE(view()->inside().size(), 2);
        ParallelRuns runs = fourRuns();
        runs.colours[0] = 7;
        m_panel->setRuns(runs);
        QCOMPARE(view()->inside().size(), 2);
        runs.axes.removeFirst();
        m_panel->setRuns(runs);
        QCOMPARE(view()->inside().size(), 4);
    }

    void anythingIsDrawn() {
        m_panel->setRuns({});
        QVERIFY(!view()->grab().isNull());
        ParallelRuns one = fourRuns();
        one.axes = {one.axes.first()};
        one.axes.first().values = {1e-3, 1e-3, 1e-3, 1e-3};
        m_panel->setRuns(one);
        QVERIFY(!view()->grab().isNull());
        QCOMPARE(view()->inside().size(), 4);
    }
};

int main(int count, char** arguments) {
    QApplication application(count, arguments);
    ui::Theme::install(application);
    TestParallel test;
    return QTest::qExec(&test, count, arguments);
}
#include "tst_parallel.moc"
