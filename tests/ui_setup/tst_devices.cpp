// Devices in Setup: which are used together, ranks of the CPU, and the scaling probe.
#include "tests/ui_setup/setupbench.h"
#include "ui/setup/devicetile.h"
#include "ui/setup/scalingdialog.h"
#include "ui/theme.h"

#include <QApplication>
#include <QLabel>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTest>

#include <memory>

using namespace ui;

class TestDevices final : public QObject, private SetupBench {
    Q_OBJECT

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { end(); }

    void onlyDevicesOfOneKindAreUsedTogether() {
        const auto row = [](const char* id, bool used) { return DeviceRow{text(id), text(id), {}, used}; };
        m_page->setDevices({row("cuda:0", true), row("cuda:1", false), row("cpu", false)});
        QTest::mouseClick(find<DeviceTile>("device:cuda:1"), Qt::LeftButton);
        QCOMPARE(lastEdit(), QStringList({text("devices.use"), text("cuda:0,cuda:1")}));
        QTest::mouseClick(find<DeviceTile>("device:cpu"), Qt::LeftButton);
        QCOMPARE(lastEdit(), QStringList({text("devices.use"), text("cpu")}));
        const auto before = m_edits->count();
        QTest::mouseClick(find<DeviceTile>("device:cuda:0"), Qt::LeftButton); // the last one stays
        QCOMPARE(m_edits->count(), before);
    }
    void gpusSayWhoUsesThemAndWhyOneWillNotDo() {
        fake::fillGpus(*m_page, 4);
        const auto said = [this](const char* tile) { return find<DeviceTile>(tile)->accessibleDescription(); };
        QVERIFY(said("device:cuda:0").startsWith(text("used, ")) && said("device:cuda:0").endsWith(text("Free")));
        QVERIFY(said("device:cuda:3").contains(text("python of anna")));
        QVERIFY(said("device:cuda:3").endsWith(text("Needs 130 GB; python of anna")));
        QTest::mouseClick(find<DeviceTile>("device:cuda:3"), Qt::LeftButton); // it is not barred
        QCOMPARE(lastEdit(), QStringList({text("devices.use"), text("cuda:0,cuda:1,cuda:3")}));
        auto* tile = find<DeviceTile>("device:cuda:1");
        tile->setFocus();
        QTest::keyClick(tile, Qt::Key_Space);
        QCOMPARE(lastEdit(), QStringList({text("devices.use"), text("cuda:0")}));
    }
    void linksAreDrawnWhereTheTilesStandInARowElseSaid() {
        fake::fillGpus(*m_page, 4);
        auto* links = find<QWidget>("deviceLinks");
        auto* words = find<QLabel>("linkWords");
        QTRY_VERIFY(links->isVisibleTo(m_page.get()));
        QVERIFY(!words->isVisibleTo(m_page.get()));
        QVERIFY(links->accessibleDescription().contains(text("NVLink, 450 GB/s")));
        fake::fillGpus(*m_page, 8); // two columns
        QTRY_VERIFY(words->isVisibleTo(m_page.get()));
        QVERIFY(!links->isVisibleTo(m_page.get()));
        fake::fillGpus(*m_page, 1); // with nobody
        QTRY_VERIFY(!words->isVisibleTo(m_page.get()) && !links->isVisibleTo(m_page.get()));
    }
    void theNextFreeOnesAreAskedForByTheirNumber() {
        fake::fillGpus(*m_page, 4);
        auto* next = find<QSpinBox>("nextFree");
        QVERIFY(next->isVisibleTo(m_page.get()));
        QCOMPARE(next->text(), text("The ticked ones"));
        next->setFocus();
        QTest::keyClick(next, Qt::Key_Up);
        QTest::keyClick(next, Qt::Key_Up);
        QCOMPARE(lastEdit(), QStringList({text("devices.use"), text("next:2")}));
        const auto before = m_edits->count();
        fake::fillGpus(*m_page, 4, 3); // from a file, say
        QCOMPARE(next->value(), 3);
        QCOMPARE(m_edits->count(), before);
        next->setValue(0);
        QCOMPARE(lastEdit(), QStringList({text("devices.use"), text("cuda:0,cuda:1")}));
        m_page->setLinks({}, {.gpus = 1, .nextFree = 0});
        QVERIFY(!next->isVisibleTo(m_page.get()));
    }
    void theCpuTrainsAsSeveralRanks() {
        DeviceRow cpu{text("cpu"), text("EPYC"), {}, true};
        cpu.mostRanks = 8;
        m_page->setDevices({cpu});
        auto* ranks = find<QSpinBox>("cpuRanks");
        QVERIFY(ranks->isVisibleTo(m_page.get()));
        QVERIFY(!find<QLabel>("together")->isVisibleTo(m_page.get()));
        ranks->setFocus();
        QTest::keyClick(ranks, Qt::Key_Up);
        QCOMPARE(lastEdit(), QStringList({text("devices.use"), text("cpu,cpu")}));
        const auto before = m_edits->count();
        cpu.ranks = 3; // from a file, say
        m_page->setDevices({cpu}, text("4 × 3 ranks = 12 pictures a step."));
        QCOMPARE(ranks->value(), 3);
        QCOMPARE(m_edits->count(), before); // what is shown edits nothing
        QVERIFY(find<QLabel>("together")->isVisibleTo(m_page.get()));
        cpu.used = false; // a GPU is
        m_page->setDevices({DeviceRow{text("cuda:0"), text("H200"), {}, true}, cpu});
        QVERIFY(!ranks->isVisibleTo(m_page.get()));
    }
    void theScalingProbeSaysWhatIsWorthIt() {
        QSignalSpy asked(m_page.get(), &SetupPage::scalingRequested);
        QTest::mouseClick(find<QAbstractButton>("scalingButton"), Qt::LeftButton);
        QCOMPARE(asked.count(), 1);
        ScalingDialog dialog(m_page.get());
        ScalingState state{.what = text("resnet50, 32 pictures a rank"),
                           .offer = text("Steps with 1 to 2 ranks."),
                           .unit = text("pictures/s"),
                           .points = {},
                           .advice = {},
                           .problem = {}};
        dialog.setState(state);
        dialog.show();
        auto* measure = dialog.findChild<QAbstractButton*>(text("scalingMeasure"));
        auto* advice = dialog.findChild<QLabel*>(text("scalingAdvice"));
        QCOMPARE(advice->text(), state.offer);
        QSignalSpy measured(&dialog, &ScalingDialog::measureRequested);
        QTest::keyClick(&dialog, Qt::Key_Return);
        QCOMPARE(measured.count(), 1);
        state.measuring = true;
        dialog.setState(state);
        QVERIFY(!measure->isEnabled());
        state.measuring = false;
        state.points = {{1, 100, 1}, {2, 120, 0.6}};
        state.advice = text("Use 1.");
        dialog.setState(state);
        QCOMPARE(advice->text(), text("Use 1."));
        QCOMPARE(measure->text(), text("Again"));
        QVERIFY(dialog.findChild<QWidget*>(text("scalingChart"))
                    ->accessibleDescription()
                    .contains(text("2 ranks: 120 pictures/s, 60 %")));
        state.problem = text("A rank failed.");
        dialog.setState(state);
        QCOMPARE(advice->text(), text("A rank failed."));
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestDevices test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_devices.moc"
