// Training a run longer: what the dialog says before it is accepted.
#include "engine/api/parameter.h"
#include "src/extendpresenter.h"
#include "src/values.h"
#include "tests/src/madeup.h"
#include "ui/controls/button.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/theme.h"

#include <QLabel>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <numbers>

using namespace app;

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

// The dialog of a run of four epochs of five steps each.
struct ExtendBench {
    QTemporaryDir folder;
    QWidget window;
    engine::RunSummary run =
        engine::RunReader(madeup::run(toPath(folder.path()), {.name = "parts", .epochs = 4, .done = 4})).summary();
    ExtendPresenter* presenter = ExtendPresenter::open(window, run);
    ui::ExtendDialog* dialog = window.findChild<ui::ExtendDialog*>();

    [[nodiscard]] const ui::ScheduleSketch::Curves& curves() const {
        return dialog->findChild<ui::ScheduleSketch*>()->curves();
    }
    [[nodiscard]] bool offered() const { return dialog->findChild<ui::Button*>(text("extendTrain"))->isEnabled(); }
    [[nodiscard]] QString notes() const { return dialog->findChild<QLabel*>(text("extendNotes"))->text(); }
};

} // namespace

class TestExtend final : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        madeup::ownSettings();
        ui::Theme::install(*qApp);
    }

    void theCurveIsThatOfTheSchedule() {
        engine::Experiment experiment;
        experiment.train.epochs = 4;
        experiment.train.learningRate = 2;
        experiment.train.schedule = "cosine";
        const auto curve = rateCurve(experiment, 100, 0, 4, 5);
        QCOMPARE(curve.size(), 5);
        for (const QPointF& point : curve) {
            const double step = std::min(std::floor(point.x() * 100), 399.0);
            QVERIFY(std::abs(point.y() - (1 + std::cos(std::numbers::pi * step / 400))) < 1e-9);
        }
        const engine::Knobs half{{.fromStep = 200, .key = "train.learning_rate", .value = "1", .factor = 0.5}};
        const auto lowered = rateCurve(experiment, 100, 0, 4, 5, half);
        QCOMPARE(lowered[1].y(), curve[1].y());
        QCOMPARE(lowered[2].y(), curve[2].y() / 2);
        // Of a schedule in parts each begins with its own rate.
        experiment.train.epochs = 8;
        experiment.train.parts = {{0, 400, 2, "cosine", 0}, {400, 800, 0.5, "constant", 0}};
        const auto longer = rateCurve(experiment, 100, 4, 8, 3);
        QCOMPARE(longer.first().y(), 0.5);
        QCOMPARE(longer.last().y(), 0.5);
    }

    void itShowsHowTheLearningRateGoesOnAndWhatItCosts() {
        ExtendBench bench;
        QVERIFY(bench.dialog);
        QVERIFY(!bench.offered()); // not before it is known
        QTRY_VERIFY(bench.offered());
        QCOMPARE(bench.dialog->epochs(), 6);
        QCOMPARE(bench.curves().before.first().y(), 1e-3);
        QCOMPARE(bench.curves().after.first().x(), 4.0);
        QCOMPARE(bench.curves().after.last().x(), 6.0);
        QVERIFY(bench.curves().after.first().y() < 1e-4); // the cosine has ended: it does not jump
        QVERIFY(bench.notes().contains(text("goes on from where it stands")));
        bool said = false;
        for (const auto* label : bench.dialog->findChildren<QLabel*>())
            said = said || label->text().startsWith(text("2 epochs more"));
        QVERIFY(said);
    }

    void aNewScheduleIsShownBeforeItIsAccepted() {
        ExtendBench bench;
        QTRY_VERIFY(bench.offered());
        auto* schedule = bench.dialog->findChild<ui::SegmentedControl*>(text("extendSchedule"));
        QTest::mouseClick(schedule, Qt::LeftButton, {}, schedule->segmentRect(1).center());
        QTRY_VERIFY(bench.notes().contains(text("A new schedule begins")));
        QCOMPARE(bench.curves().after.first().y(), 1e-3);
        bench.dialog->findChild<QSpinBox*>(text("extendEpochs"))->setValue(9);
        QTRY_COMPARE(bench.curves().after.last().x(), 9.0);
        std::vector<engine::ChangedSetting> changes;
        double seconds = 0;
        QObject::connect(bench.presenter, &ExtendPresenter::accepted, &bench.window,
                         [&](const std::vector<engine::ChangedSetting>& all, double about) {
                             changes = all;
                             seconds = about;
                         });
        bench.dialog->findChild<ui::Button*>(text("extendTrain"))->click();
        QCOMPARE(changes.size(), std::size_t{2});
        QCOMPARE(changes[0].value, std::string("9"));
        QCOMPARE(changes[1].key, std::string("train.learning_rate"));
        QVERIFY(std::abs(seconds - bench.run.seconds / 4 * 5) < 1e-9);
    }
};

QTEST_MAIN(TestExtend)
#include "tst_extend.moc"
