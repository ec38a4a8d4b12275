#include "tests/ui/fakesetup.h"
#include "ui/theme.h"
#include "ui/try/resultmodel.h"
#include "ui/try/resulttable.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMimeData>
#include <QSignalSpy>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <utility>

using namespace ui;

class TestTry : public QObject {
    Q_OBJECT
    static QString text(const char* words) { return QString::fromUtf8(words); }
    template <typename Widget>
    Widget* find(const char* name) const {
        return m_page->findChild<Widget*>(text(name));
    }
    void drop(const QStringList& paths) {
        QMimeData mime;
        QList<QUrl> urls;
        for (const auto& path : paths)
            urls.append(QUrl::fromLocalFile(path));
        mime.setUrls(urls);
        QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_page.get(), &enter);
        QDropEvent event(QPointF(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_page.get(), &event);
    }
    std::unique_ptr<TryPage> m_page;

private Q_SLOTS:
    void init() {
        m_page = std::make_unique<TryPage>();
        m_page->resize(1100, 800);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
    }
    void cleanup() { m_page.reset(); }

    void withoutAModelThePageSaysHowToGetOne() {
        QVERIFY(!find<QWidget>("results")->isVisible());
        QSignalSpy setup(m_page.get(), &TryPage::setupRequested);
        for (auto* button : m_page->findChildren<QAbstractButton*>())
            if (button->isVisible())
                QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(setup.count(), 1);
    }
    void whatSpeaksForTheAnswerIsLaidOverThePicture() {
        fake::fillTry(*m_page);
        const QString file = m_page->currentFile();
        auto* view = find<QWidget>("seen");
        auto* box = find<QCheckBox>("heatMap");
        QImage grey(64, 64, QImage::Format_RGB32);
        grey.fill(QColor(120, 120, 120));
        m_page->setSeen(file, grey, text("64 × 64, centre"));
        QTRY_COMPARE(view->width(), view->height()); // as wide as its picture
        const QImage plain = view->grab().toImage();
        QSignalSpy wanted(m_page.get(), &TryPage::heatWanted);
        m_page->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
        m_page->setFocus();
        QTest::keyClick(m_page.get(), Qt::Key_H);
        QTRY_VERIFY(box->isChecked());
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted.first().first().toString(), file);
        QCOMPARE(view->grab().toImage(), plain); // until it is there
        m_page->setHeat(text("another"), {.width = 1, .height = 1, .values = {1}, .words = {}});
        QCOMPARE(view->grab().toImage(), plain);
        m_page->setHeat(file, {.width = 2, .height = 2, .values = {0, 1, 0, 0}, .words = text("what speaks for ants")});
        const QImage hot = view->grab().toImage();
        QVERIFY(hot != plain);
        const auto at = [&](double x, double y) {
            return hot.pixelColor(static_cast<int>(hot.width() * x), static_cast<int>(hot.height() * y));
        };
        const double side = static_cast<double>(std::min(hot.width(), hot.height()));
        const double halfX = side / hot.width() / 2, halfY = side / hot.height() / 2;
        const QColor warm = at(0.5 + halfX * 0.8, 0.5 - halfY * 0.8), cold = at(0.5 - halfX * 0.8, 0.5 + halfY * 0.8);
        QVERIFY(warm.red() > warm.blue() + 60);
        QVERIFY(cold.blue() > cold.red());
        QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
        QTRY_COMPARE(view->grab().toImage(), plain);
    }
    void attentionIsChosenBesideTheHeatMap() {
        fake::fillTry(*m_page);
        auto* method = find<QComboBox>("heatMethod");
        auto* box = find<QCheckBox>("heatMap");
        QVERIFY(!method->isVisible());
        QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
        QTRY_VERIFY(method->isVisible());
        QVERIFY(!m_page->showsAttention());
        m_page->setHeat(m_page->currentFile(), {.width = 1, .height = 1, .values = {1}, .words = {}});
        QSignalSpy wanted(m_page.get(), &TryPage::heatWanted);
        method->setFocus();
        QTest::keyClick(method, Qt::Key_Down);
        QTRY_COMPARE(wanted.count(), 1);
        QVERIFY(m_page->showsAttention());
        QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
        QTRY_VERIFY(!method->isVisible());
    }
    void theResultsAreAModel() {
        ResultModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        const auto results = fake::tryResults();
        model.setResults(results.mid(0, 2));
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        model.setResults(results); // more of the same
        QCOMPARE(resets.count(), 0);
        QCOMPARE(model.rowCount(), 6);
        model.setResults({});
        QCOMPARE(model.rowCount(), 0);
    }
    void droppedAndChosenFilesAreAskedFor() {
        fake::fillTry(*m_page);
        QSignalSpy files(m_page.get(), &TryPage::filesChosen);
        drop({text("/tmp/a.jpg"), text("/tmp/b.jpg")});
        QCOMPARE(files.last().at(0).toStringList(), QStringList({text("/tmp/a.jpg"), text("/tmp/b.jpg")}));
        QTest::mouseClick(find<QAbstractButton>("openPictures"), Qt::LeftButton);
        auto* dialog = find<QFileDialog>("picturesDialog");
        QVERIFY(dialog);
        Q_EMIT dialog->filesSelected({text("/tmp/c.jpg")});
        QCOMPARE(files.last().at(0).toStringList(), QStringList{text("/tmp/c.jpg")});
        dialog->close();
    }
    void aPastedPictureIsAskedFor() {
        fake::fillTry(*m_page);
        QSignalSpy pasted(m_page.get(), &TryPage::imagePasted);
        QImage picture(8, 8, QImage::Format_RGB32);
        picture.fill(Qt::red);
        QApplication::clipboard()->setImage(picture);
        find<QWidget>("results")->setFocus();
        QTest::keyClick(find<QWidget>("results"), Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(pasted.count(), 1);
    }
    void theFirstResultIsCurrentAndArrowsMoveOn() {
        QSignalSpy current(m_page.get(), &TryPage::currentChanged);
        fake::fillTry(*m_page);
        const auto results = fake::tryResults();
        QCOMPARE(current.count(), 1);
        QCOMPARE(m_page->currentFile(), results.first().file);
        QCOMPARE(find<QLabel>("answer")->text(), text("The model says bees"));
        QTest::keyClick(find<ResultTable>("results"), Qt::Key_Down);
        QCOMPARE(m_page->currentFile(), results.at(1).file);
        QCOMPARE(find<QLabel>("answer")->text(), text("The model says ants"));
        QTest::keyClick(find<ResultTable>("results"), Qt::Key_End, Qt::ControlModifier);
        QCOMPARE(find<QLabel>("answer")->text(), results.last().problem);
    }
    void whereEachLabelIsAQuestionOfItsOwnNoneIsNext() {
        fake::fillTry(*m_page);
        auto results = fake::tryResults();
        const auto saysNext = [this] {
            for (const auto* label : m_page->findChildren<QLabel*>())
                if (label->text().startsWith(text("next: ")))
                    return true;
            return false;
        };
        QVERIFY(saysNext());
        results.first().exclusive = false;
        m_page->setResults(results);
        QCOMPARE(m_page->currentFile(), results.first().file);
        QVERIFY(!saysNext());
    }
    void moreResultsKeepTheCurrentOne() {
        fake::fillTry(*m_page);
        auto results = fake::tryResults();
        QTest::keyClick(find<ResultTable>("results"), Qt::Key_Down);
        QSignalSpy current(m_page.get(), &TryPage::currentChanged);
        results.prepend(results.last());
        results.first().file = text("/home/ada/new/first.jpg");
        m_page->setResults(results);
        QCOMPARE(m_page->currentFile(), results.at(2).file);
        QCOMPARE(find<ResultTable>("results")->currentIndex().row(), 2);
        QCOMPARE(current.count(), 0);
    }
    void choosingAModelAsksForIt() {
        fake::fillTry(*m_page);
        QSignalSpy chosen(m_page.get(), &TryPage::modelChosen);
        auto* models = find<QComboBox>("modelChoice");
        models->setFocus();
        QTest::keyClick(models, Qt::Key_Down);
        QCOMPARE(chosen.last().at(0).toString(), text("r3"));
        QCOMPARE(m_page->model(), text("r3"));
        m_page->setModels({{text("r0"), text("new"), {}}, {text("r3"), text("head only"), {}}});
        QCOMPARE(m_page->model(), text("r3")); // stays, wherever it is in the list
        QCOMPARE(chosen.count(), 1);
    }
    void theTableAndTheCommandAreCopied() {
        fake::fillTry(*m_page);
        QTest::mouseClick(find<QAbstractButton>("copyCommand"), Qt::LeftButton);
        QCOMPARE(QApplication::clipboard()->text(),
                 text("thaw predict runs/20261123-140201-gradual-thaw photo.jpg --json"));
        QTest::mouseClick(find<QAbstractButton>("copyTable"), Qt::LeftButton);
        const QStringList lines = QApplication::clipboard()->text().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 7);
        QVERIFY(lines.at(1).contains(text("bees\t0.9960")));
    }
    void clearAsksAndAnEmptyListIsADropField() {
        fake::fillTry(*m_page);
        QSignalSpy cleared(m_page.get(), &TryPage::cleared);
        QTest::mouseClick(find<QAbstractButton>("clear"), Qt::LeftButton);
        QCOMPARE(cleared.count(), 1);
        m_page->setResults({});
        QVERIFY(m_page->currentFile().isEmpty());
        QVERIFY(find<QWidget>("dropField")->isVisible());
        QVERIFY(!find<QWidget>("results")->isVisible());
    }
    void anUnreadableFileIsNamedAndItsWordsHaveTheWholeRow() {
        fake::fillTry(*m_page);
        auto results = fake::tryResults();
        results.last().file = text("/home/ada/notes.txt");
        results.last().problem = text("is not a JPEG, PNG, WebP, BMP or GIF picture");
        m_page->setResults(results);
        m_page->setCurrentFile(text("/home/ada/notes.txt"));
        QCOMPARE(find<QLabel>("answer")->text(), text("notes.txt is not a JPEG, PNG, WebP, BMP or GIF picture"));
        auto* table = find<ResultTable>("results");
        const int row = static_cast<int>(results.size()) - 1;
        QCOMPARE(table->columnSpan(row, ResultModel::Prediction), 3);
        QCOMPARE(table->columnSpan(0, ResultModel::Prediction), 1);
        results.last().problem.clear(); // it was replaced by a picture
        m_page->setResults(results);
        QCOMPARE(table->columnSpan(row, ResultModel::Prediction), 1);
    }
    void aNarrowWindowSaysTheAnswerAboveThePictures() {
        fake::fillTry(*m_page);
        auto* above = find<QLabel>("compactAnswer");
        m_page->resize(1200, 800);
        QTRY_VERIFY(!above->isVisible());
        m_page->resize(950, 700);
        QTRY_VERIFY(above->isVisible());
        QCOMPARE(above->text(), text("The model says bees"));
        m_page->resize(1200, 800);
        QTRY_VERIFY(!above->isVisible());
    }
    void picturesStandBesideEachOtherWithoutEmptyRoomBetween() {
        fake::fillTry(*m_page);
        QImage tall(300, 400, QImage::Format_RGB32);
        tall.fill(Qt::red);
        m_page->resize(1280, 620);
        m_page->setPicture(m_page->currentFile(), tall);
        m_page->setSeen(m_page->currentFile(), tall, text("224 × 224"));
        auto* given = find<QWidget>("picture");
        auto* seen = find<QWidget>("seen");
        const auto leftOf = [this](const QWidget* view) { return view->mapTo(m_page.get(), QPoint(0, 0)).x(); };
        QTRY_VERIFY(std::abs(given->width() - given->height() * 3 / 4) <= 2 || given->width() == 160);
        QTRY_VERIFY(leftOf(seen) - (leftOf(given) + given->width()) <= 24);
    }
    void whatAnotherPictureLooksLikeIsIgnored() {
        fake::fillTry(*m_page);
        QImage picture(8, 8, QImage::Format_RGB32);
        picture.fill(Qt::red);
        auto* seen = find<QWidget>("seen");
        QImage before; // once the layout has come to rest
        const auto atRest = [&] {
            const QImage now = seen->grab().toImage();
            return now == std::exchange(before, now);
        };
        QTRY_VERIFY(atRest());
        m_page->setSeen(text("/somewhere/else.jpg"), picture, text("8 × 8"));
        QCOMPARE(seen->grab().toImage(), before);
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestTry test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_try.moc"
