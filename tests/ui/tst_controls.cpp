#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/labeledfield.h"
#include "ui/controls/numberfield.h"
#include "ui/controls/questiondialog.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/controls/thumbnailgrid.h"
#include "ui/controls/toast.h"
#include "ui/theme.h"

#include <QApplication>
#include <QSignalSpy>
#include <QTest>

using namespace ui;

class TestControls : public QObject {
    Q_OBJECT
    static QString text(const char* words) { return QString::fromUtf8(words); }

private Q_SLOTS:
    void segmentsFollowTheKeyboard() {
        SegmentedControl control({text("None"), text("Head"), text("All")});
        control.setCurrent(0);
        QSignalSpy spy(&control, &SegmentedControl::chosen);
        QTest::keyClick(&control, Qt::Key_Right);
        QCOMPARE(control.current(), 1);
        QTest::keyClick(&control, Qt::Key_End);
        QCOMPARE(control.current(), 2);
        QTest::keyClick(&control, Qt::Key_Right); // already the last: nothing is told
        QCOMPARE(spy.count(), 2);
        QTest::keyClick(&control, Qt::Key_Home);
        QCOMPARE(control.currentText(), text("None"));
        QCOMPARE(spy.count(), 3);
    }
    void settingASegmentFromCodeTellsNobody() {
        SegmentedControl control({text("A"), text("B")});
        QSignalSpy spy(&control, &SegmentedControl::chosen);
        control.setCurrent(1);
        control.setCurrent(7);
        QCOMPARE(control.current(), -1);
        QCOMPARE(spy.count(), 0);
    }
    void clickingASegmentChoosesIt() {
        SegmentedControl control({text("None"), text("Everything")});
        control.setCurrent(0);
        control.resize(control.sizeHint());
        QTest::mouseClick(&control, Qt::LeftButton, {}, QPoint(control.width() - 10, 14));
        QCOMPARE(control.current(), 1);
    }
    void atMostThreeToastsAndErrorsStay() {
        QWidget window;
        window.resize(800, 600);
        ToastHost host(&window, 36);
        host.setLifeMs(30);
        host.show({Tone::Danger, text("It failed"), {}, {}, {}, {}});
        for (int i = 0; i < 5; ++i)
            host.show({Tone::Success, text("Done"), QString::number(i), {}, {}, {}});
        QCOMPARE(host.count(), ToastHost::kMost);
        QTRY_COMPARE(host.count(), 1); // the error is left
        host.show({Tone::Danger, text("It failed again"), {}, {}, {}, {}});
        QTest::qWait(60);
        QCOMPARE(host.count(), 2);
    }
    void anErrorIsReadWhole() {
        QWidget window;
        window.resize(800, 600);
        ToastHost host(&window, 36);
        const QString path = QStringLiteral("/a/folder/that/is/named/at/length").repeated(6);
        host.show({Tone::Success, QStringLiteral("Saved in %1").arg(path), path, {}, {}, {}});
        host.show({Tone::Danger,
                   QStringLiteral("%1 cannot be written.").arg(path),
                   QStringLiteral("Choose another folder for the runs."),
                   {},
                   {},
                   {}});
        const auto toasts = window.findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly);
        QCOMPARE(toasts.size(), 2);
        QCOMPARE(toasts.first()->height(), metric::kToastHeight);
        QVERIFY(toasts.last()->height() > metric::kToastHeight);
        QVERIFY(!toasts.first()->geometry().intersects(toasts.last()->geometry()));
    }
    void aToastsButtonActsAndClosesIt() {
        QWidget window;
        window.resize(800, 600);
        ToastHost host(&window, 36);
        bool acted = false;
        host.show({Tone::Muted, text("Run deleted"), {}, text("Undo"), [&] { acted = true; }, {}});
        QTest::mouseClick(window.findChild<Button*>(), Qt::LeftButton);
        QVERIFY(acted);
        QCOMPARE(host.count(), 0);
    }
    void numberFieldsTakeFactorsAndForgetNonsense() {
        NumberField field;
        field.setRange(0, 1);
        field.setValue(1e-3);
        QCOMPARE(field.text(), text("1e-3"));
        QSignalSpy spy(&field, &NumberField::edited);
        field.selectAll();
        QTest::keyClicks(&field, text("/ 2"));
        QTest::keyClick(&field, Qt::Key_Return);
        QCOMPARE(field.value(), 5e-4);
        QCOMPARE(field.text(), text("5e-4"));
        field.selectAll();
        QTest::keyClicks(&field, text("fast"));
        QTest::keyClick(&field, Qt::Key_Return);
        QCOMPARE(field.value(), 5e-4);
        QCOMPARE(field.text(), text("5e-4"));
        field.selectAll();
        QTest::keyClicks(&field, text("7"));
        QTest::keyClick(&field, Qt::Key_Return);
        QCOMPARE(field.value(), 1.0); // the greatest that is allowed
        QCOMPARE(spy.count(), 2);
    }
    void problemsShowTheirSentenceAndFix() {
        auto* number = new NumberField;
        LabeledField field(text("Batch size"), number);
        QSignalSpy spy(&field, &LabeledField::fixRequested);
        field.setProblem(LabeledField::Problem::Error, text("Needs 9.8 GB."), text("Use 48"));
        field.show();
        auto* fix = field.findChild<Button*>();
        QVERIFY(fix->isVisible());
        QTest::mouseClick(fix, Qt::LeftButton);
        QCOMPARE(spy.count(), 1);
        QCOMPARE(number->property("problem").toString(), text("error"));
        field.setProblem(LabeledField::Problem::None);
        QVERIFY(!fix->isVisible());
        QVERIFY(number->property("problem").toString().isEmpty());
        QCOMPARE(number->accessibleName(), text("Batch size"));
    }
    void foldedCardsHideTheirBodyAndNameTheirChevron() {
        Card card(text("Data"));
        card.setFoldable();
        auto* body = new QWidget;
        card.setBody(body);
        card.show();
        QSignalSpy spy(&card, &Card::foldedChanged);
        auto* chevron = card.findChild<IconButton*>();
        QVERIFY(!chevron->accessibleName().isEmpty());
        QTest::mouseClick(chevron, Qt::LeftButton);
        QVERIFY(card.folded());
        QVERIFY(!body->isVisible());
        QCOMPARE(chevron->accessibleName(), text("Unfold Data"));
        QCOMPARE(spy.count(), 1);
    }
    void theSafeAnswerHasTheFocus() {
        QuestionDialog dialog({text("Stop?"), text("It is saved first."), text("Start the next run"), true,
                               text("Keep training"), text("Stop and save"), false});
        dialog.show();
        auto* focused = qobject_cast<Button*>(dialog.focusWidget());
        QVERIFY(focused);
        QCOMPARE(focused->text(), text("Keep training"));
        QVERIFY(dialog.optionTicked());
    }
    void returnGivesTheAnswerThatHasTheFocus() {
        for (const bool consequent : {false, true}) {
            QuestionDialog dialog({text("Stop?"), {}, {}, false, text("Keep training"), text("Stop and save"), false});
            dialog.show();
            QVERIFY(QTest::qWaitForWindowActive(&dialog));
            if (consequent)
                QTest::keyClick(&dialog, Qt::Key_Tab);
            QTest::keyClick(dialog.focusWidget(), Qt::Key_Return);
            QCOMPARE(dialog.result(), int(consequent ? QDialog::Accepted : QDialog::Rejected));
            QVERIFY(!dialog.isVisible());
        }
    }
    void picturesOpenByClickAndKey() {
        ThumbnailGrid grid;
        QImage image(40, 30, QImage::Format_RGB32);
        image.fill(Qt::red);
        grid.setColumns(2);
        grid.setThumbnails({{text("a"), image, {}, {}, {}}, {text("b"), image, {}, {}, {}}});
        grid.resize(204, grid.heightForWidth(204));
        QSignalSpy spy(&grid, &ThumbnailGrid::opened);
        QTest::mouseClick(&grid, Qt::LeftButton, {}, QPoint(150, 50));
        QCOMPARE(spy.takeFirst().at(0).toString(), text("b"));
        QTest::keyClick(&grid, Qt::Key_Left);
        QTest::keyClick(&grid, Qt::Key_Return);
        QCOMPARE(spy.takeFirst().at(0).toString(), text("a"));
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestControls test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_controls.moc"
