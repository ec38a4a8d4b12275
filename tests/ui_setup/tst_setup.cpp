#include "tests/ui_setup/setupbench.h"
#include "ui/controls/button.h"
#include "ui/controls/numberfield.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/setup/backbonemodel.h"
#include "ui/setup/backbonetable.h"
#include "ui/setup/classtable.h"
#include "ui/setup/layermodel.h"
#include "ui/theme.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDropEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QShortcut>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

#include <algorithm>

using namespace ui;

class TestSetup final : public QObject, private SetupBench {
    Q_OBJECT
    void drop(const QString& path) {
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_page.get(), &enter);
        QDropEvent event(QPointF(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_page.get(), &event);
    }

private Q_SLOTS:
    void init() { begin(); }
    void cleanup() { end(); }

    void whatIsDraggedOverSetupIsSaidWhereItCanBeLetGo() {
        const QTemporaryDir own;
        QMimeData mime;
        mime.setUrls({QUrl::fromLocalFile(own.path())});
        QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_page.get(), &enter);
        QVERIFY(enter.isAccepted());
        const QString offer = text("Drop it to train on ") + QFileInfo(own.path()).fileName();
        const auto shown = [&] {
            const auto labels = m_page->findChildren<QLabel*>();
            return std::ranges::any_of(labels,
                                       [&](const QLabel* one) { return one->isVisible() && one->text() == offer; });
        };
        QVERIFY(shown());
        QDragLeaveEvent leave;
        QApplication::sendEvent(m_page.get(), &leave);
        QVERIFY(!shown());
        drop(own.path());
        QCOMPARE(lastEdit(), QStringList({text("data.path"), own.path()}));
        QVERIFY(!shown());
    }

    void ofAPathTooLongForItsFieldTheFileIsSeen() {
        const auto* line = find<QLineEdit>("field:data.path");
        const QString path = text("/a/long/way/").repeated(30) + text("ants-and-bees");
        m_page->setValue(text("data.path"), path);
        QVERIFY(line->fontMetrics().horizontalAdvance(path) > line->width());
        const QImage ends = find<QLineEdit>("field:data.path")->grab().toImage();
        m_page->setValue(text("data.path"), text("/b") + path.mid(2)); // differs where nobody sees it
        QCOMPARE(find<QLineEdit>("field:data.path")->grab().toImage(), ends);
        m_page->setValue(text("data.path"), path.chopped(4) + text("wasp"));
        QVERIFY(find<QLineEdit>("field:data.path")->grab().toImage() != ends);
    }

    void namesThatDifferAtTheirEndsAreToldApart() {
        const auto drawn = [this](const char* end) {
            DataState state = fake::data();
            state.classes = {{text("a class with a name that is much too long for it ") + text(end), 5, 5, {}, true}};
            m_page->setData(state);
            return find<ClassTable>("classes")->grab().toImage();
        };
        QVERIFY(drawn("one") != drawn("two"));
        QCOMPARE(drawn("one"), drawn("one"));
    }

    void aClassIsOpenedByAClickAndByKeys() {
        DataState state = fake::data();
        state.classes = {{text("ants"), 5, 5, {}, true},
                         {text("bees"), 5, 5, {}, true},
                         {text("wasps"), 0, 0, text("empty"), false}};
        m_page->setData(state);
        auto* table = find<ClassTable>("classes");
        QSignalSpy opened(m_page.get(), &SetupPage::classOpened);
        const auto row = [](int index) { return QPoint(30, 20 + 12 + 24 * index); };
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, row(1));
        QTRY_COMPARE(opened.count(), 1);
        QCOMPARE(opened.last().first().toInt(), 1);
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, row(2)); // no class
        QCOMPARE(opened.count(), 1);
        QTest::keyClick(table, Qt::Key_Home);
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(opened.last().first().toInt(), 0);
        QTest::keyClick(table, Qt::Key_Down);
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(opened.last().first().toInt(), 1);
        QTest::keyClick(table, Qt::Key_End);
        QTest::keyClick(table, Qt::Key_Return);
        QCOMPARE(opened.count(), 3);
    }

    void changedLabelsCanBeReviewedWhereThereAreSome() {
        const auto* button = find<Button>("changesButton");
        QVERIFY(!button->isVisible());
        m_page->setChangedLabels(2);
        QVERIFY(button->isVisible());
        QCOMPARE(button->text(), text("Review 2 changes…"));
        QSignalSpy asked(m_page.get(), &SetupPage::changesRequested);
        find<Button>("changesButton")->click();
        QCOMPARE(asked.count(), 1);
        m_page->setChangedLabels(0);
        QVERIFY(!button->isVisible());
    }

    void everySettingHasAField() {
        for (const auto& spec : fake::fieldSpecs()) {
            const QStringList drawn{text("data.kind"),     text("data.validation_share"), text("model.backbone"),
                                    text("freeze.preset"), text("freeze.cache"),          text("devices.use")};
            auto* editor = m_page->findChild<QWidget*>(text("field:") + spec.key);
            QVERIFY2(drawn.contains(spec.key) != (editor != nullptr), qPrintable(spec.key));
            if (editor) {
                QVERIFY2(editor->toolTip().contains(spec.help), qPrintable(spec.key));
                QVERIFY2(editor->toolTip().contains(spec.usual), qPrintable(spec.key));
            }
        }
    }
    void everyInputSaysWhatItIsFor() {
        const QStringList freeze{text("blockSearch"), text("stages")}; // said by the words beside them
        for (auto* widget : m_page->findChildren<QWidget*>()) {
            const bool input = qobject_cast<QLineEdit*>(widget) || qobject_cast<QComboBox*>(widget) ||
                               qobject_cast<QAbstractSpinBox*>(widget) || qobject_cast<QPlainTextEdit*>(widget);
            if (!input || qobject_cast<QAbstractSpinBox*>(widget->parentWidget()) ||
                freeze.contains(widget->objectName()))
                continue;
            QVERIFY2(!widget->toolTip().isEmpty(), qPrintable(widget->objectName() + widget->accessibleName()));
        }
        for (const auto* button : m_page->findChildren<IconButton*>()) {
            QVERIFY(!button->toolTip().isEmpty());
            QVERIFY(!button->accessibleName().isEmpty());
        }
    }
    void valuesFromOutsideTellNobody() {
        m_page->setValue(text("train.epochs"), text("9"));
        m_page->setValue(text("train.learning_rate"), text("0.0003"));
        m_page->setValue(text("train.optimizer"), text("sgd"));
        m_page->setValue(text("freeze.preset"), text("last-stages:2"));
        m_page->setValue(text("model.backbone"), text("resnet18"));
        m_page->setValue(text("data.leave_out"), text("a.jpg"));
        QCOMPARE(find<QSpinBox>("field:train.epochs")->value(), 9);
        QCOMPARE(find<NumberField>("field:train.learning_rate")->value(), 0.0003);
        QCOMPARE(find<QComboBox>("field:train.optimizer")->currentText(), text("SGD"));
        QCOMPARE(find<QSpinBox>("stages")->value(), 2);
        QCOMPARE(find<BackboneTable>("backbones")->chosen(), text("resnet18"));
        QCOMPARE(m_page->value(text("train.epochs")), text("9"));
        QCOMPARE(m_edits->count(), 0);
    }
    void typedValuesLeaveAsKeyAndText() {
        auto* epochs = find<QSpinBox>("field:train.epochs");
        epochs->setFocus();
        epochs->selectAll();
        QTest::keyClicks(epochs, text("12"));
        QCOMPARE(m_edits->count(), 0); // not yet: it is being typed
        QTest::keyClick(epochs, Qt::Key_Return);
        QCOMPARE(lastEdit(), QStringList({text("train.epochs"), text("12")}));

        auto* rate = find<NumberField>("field:train.learning_rate");
        rate->setFocus();
        rate->selectAll();
        QTest::keyClicks(rate, text("3e-4"));
        QTest::keyClick(rate, Qt::Key_Return);
        QCOMPARE(lastEdit().at(0), text("train.learning_rate"));
        QCOMPARE(lastEdit().at(1).toDouble(), 3e-4);

        auto* name = find<QLineEdit>("field:experiment.name");
        name->setFocus();
        name->selectAll();
        QTest::keyClicks(name, text("first light"));
        QTest::keyClick(name, Qt::Key_Return);
        QCOMPARE(lastEdit(), QStringList({text("experiment.name"), text("first light")}));
    }
    void undoIsTheExperimentsButWhileATextIsTyped() {
        QShortcut undo(QKeySequence(Qt::CTRL | Qt::Key_Z), m_page.get());
        QSignalSpy undone(&undo, &QShortcut::activated);
        m_page->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_page.get()));
        for (const char* name : {"field:train.learning_rate", "field:train.epochs", "field:experiment.name"}) {
            auto* field = find<QWidget>(name);
            field->setFocus();
            QTest::keyClicks(field, text("1"));
            QTest::keyClick(field, Qt::Key_Z, Qt::ControlModifier);
            QVERIFY2(undone.isEmpty(), name);
            QTest::keyClicks(field, text("2"));
            QTest::keyClick(field, Qt::Key_Return);
            field->setFocus();
            QTest::keyClick(field, Qt::Key_Z, Qt::ControlModifier);
            QVERIFY2(undone.count() == 1, name);
            undone.clear();
        }
    }
    void zeroIsShownAsWhatItMeans() {
        m_page->setValue(text("train.early_stopping_patience"), text("0"));
        QCOMPARE(find<QSpinBox>("field:train.early_stopping_patience")->text(), text("Never"));
    }
    void aSeedLargerThanASpinBoxHoldsIsKept() {
        m_page->setValue(text("experiment.seed"), text("20261123141502"));
        QCOMPARE(find<QLineEdit>("field:experiment.seed")->text(), text("20261123141502"));
    }
    void theWheelOverAFieldDoesNotChangeIt() {
        auto* epochs = find<QSpinBox>("field:train.epochs");
        m_page->setFocus();
        const int before = epochs->value();
        QWheelEvent wheel(QPointF(5, 5), epochs->mapToGlobal(QPointF(5, 5)), {}, {0, 120}, Qt::NoButton, Qt::NoModifier,
                          Qt::NoScrollPhase, false);
        QApplication::sendEvent(epochs, &wheel);
        QCOMPARE(epochs->value(), before);
        QCOMPARE(m_edits->count(), 0);
    }
    void seldomNeededSettingsWaitBehindAButton() {
        auto* momentum = find<QWidget>("field:train.momentum");
        QVERIFY(!momentum->isVisible());
        QTest::mouseClick(find<QAbstractButton>("more:train"), Qt::LeftButton);
        QVERIFY(momentum->isVisible());
    }
    void showFieldUnfoldsWhatHidesIt() {
        m_page->showField(text("train.momentum"));
        auto* momentum = find<QWidget>("field:train.momentum");
        QVERIFY(momentum->isVisible());
        QCOMPARE(m_page->focusWidget(), momentum);
    }

    void withoutAFolderThePageAsksForOne() {
        DataState none;
        none.sampleName = text("parts under inspection");
        m_page->setData(none);
        QVERIFY(!find<QWidget>("folderButton")->isVisible());
        QSignalSpy sample(m_page.get(), &SetupPage::sampleRequested);
        auto* button = find<QAbstractButton>("sampleButton");
        QVERIFY(button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(sample.count(), 1);
        none.sampleName.clear();
        m_page->setData(none);
        QVERIFY(!button->isVisible());
    }
    void aDroppedFolderBecomesTheDataPath() {
        const QTemporaryDir folder;
        drop(folder.path());
        QCOMPARE(lastEdit(), QStringList({text("data.path"), folder.path()}));
    }
    void aDroppedWeightsFileBecomesTheWeights() {
        const QTemporaryDir folder;
        QFile file(folder.filePath(text("resnet18.safetensors")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        drop(file.fileName());
        QCOMPARE(lastEdit(), QStringList({text("model.weights"), file.fileName()}));
        drop(folder.filePath(text("notes.txt")));
        QCOMPARE(m_edits->count(), 1);
    }
    void theFolderButtonOpensADialogWhoseAnswerIsTheDataPath() {
        const QTemporaryDir folder;
        QTest::mouseClick(find<QAbstractButton>("folderButton"), Qt::LeftButton);
        auto* dialog = find<QFileDialog>("folderDialog");
        QVERIFY(dialog);
        Q_EMIT dialog->fileSelected(folder.path());
        QCOMPARE(lastEdit(), QStringList({text("data.path"), folder.path()}));
        dialog->close();
    }
    void validationIsAFolderOrAShare() {
        auto* choice = find<QComboBox>("validationChoice");
        QCOMPARE(choice->currentText(), text("Its own folder, val"));
        DataState state = fake::data();
        state.validationFolder.clear();
        m_page->setData(state);
        QCOMPARE(choice->currentText(), text("Hold back 20 %"));
        choice->setFocus();
        QTest::keyClick(choice, Qt::Key_Down);
        QCOMPARE(lastEdit(), QStringList({text("data.validation_share"), text("0.25")}));
    }
    void oneOfManyClassesCanBeScrolledTo() {
        DataState state = fake::data();
        for (int i = 0; i < 200; ++i)
            state.classes.append({text("class %1").arg(i), i, 1});
        m_page->setData(state);
        QVERIFY(find<ClassTable>("classes")->height() < 200);
        QVERIFY(!m_page->grab().isNull());
    }

    void whatOfTheFolderIsNotUsedIsSaidBesideTheClasses() {
        DataState state = fake::data();
        auto* notes = find<QLabel>("dataNotes");
        m_page->setData(state);
        QVERIFY(notes->isHidden());
        const QImage before = find<ClassTable>("classes")->grab().toImage();
        state.classes[0].note = text("8 .tif");
        state.classes.append({text("wasps"), 0, 0, text("empty"), false});
        state.notes = {text("Not used: pred, 3 pictures (not sorted into classes)."), text("b"), text("c"), text("d")};
        m_page->setData(state);
        QVERIFY(!notes->isHidden());
        QVERIFY(notes->text().startsWith(state.notes.first()));
        QVERIFY(notes->text().endsWith(text("1 more")));
        QVERIFY(notes->toolTip().endsWith(text("d")));
        QVERIFY(find<ClassTable>("classes")->grab().toImage() != before);
    }

    void findingsAreSaidAtTheFieldAndTheirFixesAsked() {
        QSignalSpy fixes(m_page.get(), &SetupPage::fixRequested);
        auto* batch = find<QWidget>("field:train.batch_size");
        m_page->setFindings({{text("data"), FindingSeverity::Warning, text("1 file is not a picture."), {}, {}},
                             {text("train.batch_size"), FindingSeverity::Problem, text("Needs 9.8 GB."),
                              text("48 is the largest batch that fits."), text("Use 48")}});
        QCOMPARE(batch->property("problem").toString(), text("error"));
        auto* fix = find<Button>("fix:train.batch_size");
        QVERIFY(fix);
        QTest::mouseClick(fix, Qt::LeftButton);
        QCOMPARE(fixes.count(), 1);
        QCOMPARE(fixes.last().at(0).toInt(), 1);
        const auto buttons = m_page->findChildren<Button*>();
        for (auto* button : buttons) // the one beside the field
            if (button->isVisible() && button->text() == text("Use 48") && button != fix)
                QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(fixes.count(), 2);
        m_page->setFindings({});
        QVERIFY(batch->property("problem").toString().isEmpty());
    }
    void aCheckThatNamesALongFileIsNotCut() {
        FieldFinding copies;
        copies.key = text("data.path");
        copies.severity = FindingSeverity::Warning;
        copies.message = text("1 picture is the copy of another.");
        copies.detail =
            text("train/bees/") + text("0123456789").repeated(9) + text(".jpg is the same file as another.");
        copies.fixLabel = text("Leave it out");
        const auto back = qScopeGuard([this, size = m_page->size()] { m_page->resize(size); });
        m_page->resize(1400, 900); // with the panel
        m_page->setFindings({copies});
        // Those of the findings before go with the next turn of the loop.
        QTRY_VERIFY(find<Button>("fix:data.path") && find<Button>("fix:data.path")->isVisible());
        const auto* fix = find<Button>("fix:data.path");
        const QWidget* area = fix->parentWidget();
        while (area && !qobject_cast<const QScrollArea*>(area))
            area = area->parentWidget();
        QVERIFY(area);
        QTRY_VERIFY(fix->mapTo(area, QPoint(fix->width(), 0)).x() <= area->width());
    }

    void aFindingInAHiddenSettingShowsIt() {
        auto* momentum = find<QWidget>("field:train.momentum");
        QVERIFY(!momentum->isVisible());
        m_page->setFindings(
            {{text("train.momentum"), FindingSeverity::Warning, text("Momentum is high."), {}, text("Use 0.9")}});
        QVERIFY(momentum->isVisible());
    }
    void nothingIsCutOffInNarrowWindows() {
        const FieldFinding high{.key = text("train.learning_rate"),
                                .severity = FindingSeverity::Warning,
                                .message = text("The learning rate is high"),
                                .detail = {},
                                .fixLabel = text("Use 0.0001")};
        m_page->setFindings({high});
        for (const int width : {950, 1126, 1208, 1600}) { // of windows from 1024 pixels on
            for (const char* preset : {"none", "head-only", "last-stages:2", "gradual", "fine-tune"}) {
                m_page->setValue(text("freeze.preset"), text(preset));
                m_page->resize(width, 830);
                QTest::qWait(20);
                for (const auto* area : m_page->findChildren<QScrollArea*>())
                    if (area->isVisible() && area->widget())
                        QVERIFY2(area->widget()->width() <= area->viewport()->width(),
                                 qPrintable(QStringLiteral("%1, %2: %3 of %4")
                                                .arg(width)
                                                .arg(text(preset))
                                                .arg(area->widget()->width())
                                                .arg(area->viewport()->width())));
            }
        }
    }
    void trainAsksOnlyWhereItCan() {
        QSignalSpy trains(m_page.get(), &SetupPage::trainRequested);
        auto* train = find<QAbstractButton>("trainButton");
        QTest::mouseClick(train, Qt::LeftButton);
        QCOMPARE(trains.count(), 1);
        SummaryState summary;
        summary.trainLabel = text("Queue");
        m_page->setSummary(summary);
        QCOMPARE(train->text(), text("Queue"));
        QTest::mouseClick(train, Qt::LeftButton);
        QCOMPARE(trains.count(), 1);
    }

    void theBackboneTableIsAModel() {
        BackboneModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setBackbones(fake::backbones());
        QCOMPARE(model.rowOf(text("resnet50")), 3);
        model.setBackbones(fake::backbones().mid(1));
        QCOMPARE(model.rowCount(), 4);
    }
    void arrowKeysChooseAmongTheSuggestedBackbones() {
        auto* table = find<BackboneTable>("backbones");
        QCOMPARE(table->chosen(), text("tf_efficientnet_lite0"));
        table->setFocus();
        QCOMPARE(m_edits->count(), 0);
        QTest::keyClick(table, Qt::Key_Down);
        QCOMPARE(lastEdit(), QStringList({text("model.backbone"), text("resnet18")}));
        QCOMPARE(table->model()->rowCount(), 3);
        m_page->setValue(text("model.backbone"), text("resnet50")); // not suggested, but chosen
        QCOMPARE(table->model()->rowCount(), 4);
    }
    void allBackbonesAreSearchedAndFilteredInADialog() {
        QTest::mouseClick(find<QAbstractButton>("allBackbonesButton"), Qt::LeftButton);
        auto* table = find<BackboneTable>("allBackbones");
        QVERIFY(table);
        const auto rows = [table] { return table->model()->rowCount(); };
        QCOMPARE(rows(), 5);
        find<QComboBox>("sizeFilter")->setCurrentIndex(1); // under 6 M
        QCOMPARE(rows(), 3);
        find<QCheckBox>("hereFilter")->click();
        QCOMPARE(rows(), 2);
        auto* family = find<QComboBox>("familyFilter");
        family->setCurrentIndex(family->findText(text("ResNet")));
        QCOMPARE(rows(), 0);
        family->setCurrentIndex(0);
        find<QCheckBox>("hereFilter")->click();
        auto* search = find<QLineEdit>("backboneSearch");
        QTest::keyClicks(search, text("mobile v3"));
        QCOMPARE(rows(), 1);
        QCOMPARE(m_edits->count(), 0);
        table->selectRow(0);
        QCOMPARE(m_edits->count(), 0); // not before it is used
        qobject_cast<QDialog*>(table->window())->accept();
        QCOMPARE(lastEdit(), QStringList({text("model.backbone"), text("mobilenet_v3_large")}));
    }
    void theDialogShowsLayersAndMappingOfTheOneThatIsChosen() {
        QSignalSpy wanted(m_page.get(), &SetupPage::backboneDetailsWanted);
        QTest::mouseClick(find<QAbstractButton>("allBackbonesButton"), Qt::LeftButton);
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted.last().at(0).toString(), text("tf_efficientnet_lite0"));
        auto* table = find<BackboneTable>("allBackbones");
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Down);
        QVERIFY(wanted.count() == 2 && wanted.last().at(0).toString() == table->chosen());
        auto* layers = find<QTreeView>("layers");
        m_page->setBackboneDetails(fake::details(text("densenet121"))); // came too late
        QCOMPARE(layers->model()->rowCount(), 0);
        m_page->setBackboneDetails(fake::details(table->chosen()));
        QVERIFY(layers->isVisible());
        QCOMPARE(layers->model()->rowCount(), 3);

        auto* tabs = find<SegmentedControl>("detailTabs");
        QTest::mouseClick(tabs, Qt::LeftButton, {}, tabs->segmentRect(1).center());
        auto* tensors = find<QTableView>("tensors");
        QVERIFY(tensors->isVisible());
        QCOMPARE(tensors->model()->rowCount(), 4);
        auto* match = find<QComboBox>("matchFilter");
        match->setCurrentIndex(match->findData(text("matched")));
        QCOMPARE(tensors->model()->rowCount(), 2);
        QTest::keyClicks(find<QLineEdit>("tensorSearch"), text("layer1"));
        QCOMPARE(tensors->model()->rowCount(), 1);
    }
    void theLayersAreAModel() {
        LayerModel model;
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setLayers(fake::details({}).layers);
        const QModelIndex stage = model.index(1, 0);
        QCOMPARE(model.rowCount(stage), 1);
        QCOMPARE(model.index(0, 0, stage).data().toString(), text("layer1.0"));
        QCOMPARE(model.index(0, LayerModel::Compute).data().toString(), text("0.24 GFLOP"));
        QCOMPARE(model.index(0, LayerModel::Activations).data().toString(), text("3.2 MB"));
    }
    void aSuggestionSaysWhy() {
        auto* table = find<BackboneTable>("backbones");
        const QModelIndex why = table->model()->index(0, BackboneModel::Reason);
        QVERIFY(why.data().toString().contains(text("its size")));
        m_page->resize(1400, 900);
        QTRY_VERIFY(!table->isColumnHidden(BackboneModel::Reason));
        m_page->resize(700, 900); // what a narrow window leaves out is in the tooltip
        QTRY_VERIFY(table->isColumnHidden(BackboneModel::Reason));
        QVERIFY(table->model()->index(0, 0).data(Qt::ToolTipRole).toString().contains(text("most accurate")));
    }
    void speedsThatNobodyMeasuredSayAbout() {
        BackboneModel model;
        model.setBackbones(fake::backbones());
        QCOMPARE(model.index(0, BackboneModel::Speed).data().toString(), text("about 191 img/s"));
        QCOMPARE(model.index(2, BackboneModel::Speed).data().toString(), text("402 img/s"));
    }
    void weightsAreBundledOrAFileOrNone() {
        auto* kind = find<SegmentedControl>("weightsKind");
        auto* path = find<QLineEdit>("field:model.weights");
        QCOMPARE(kind->current(), 0);
        QVERIFY(path->text().isEmpty());
        QTest::mouseClick(kind, Qt::LeftButton, {}, kind->segmentRect(2).center());
        QCOMPARE(lastEdit(), QStringList({text("model.weights"), text("none")}));
        path->setFocus();
        QTest::keyClicks(path, text("/tmp/squeezenet.pth"));
        QTest::keyClick(path, Qt::Key_Return);
        QCOMPARE(lastEdit(), QStringList({text("model.weights"), text("/tmp/squeezenet.pth")}));
        QCOMPARE(kind->current(), 1);
    }
    void whateverEndingWeightsHaveTheirDialogShowsThem() {
        find<Button>("weightsButton")->click();
        auto* dialog = find<QFileDialog>("weightsDialog");
        QVERIFY(dialog);
        const QString filter = dialog->nameFilters().first();
        for (const char* ending : {"safetensors", "pth", "pt", "th", "bin", "ckpt"})
            QVERIFY2(filter.contains(text("*.") + text(ending)), ending);
        dialog->close();
    }

    void aProgramOfOnesOwnIsChosenAsAFileAndAnOutput() {
        auto* output = find<QLineEdit>("programOutput");
        QVERIFY(output->isHidden() || !output->isVisible());
        m_page->setValue(text("model.weights"), text("/tmp/squeezenet.pth"));
        QTest::mouseClick(find<Button>("programButton"), Qt::LeftButton);
        auto* dialog = find<QFileDialog>("programDialog");
        Q_EMIT dialog->fileSelected(text("/tmp/nets#1/net.pt"));
        dialog->close();
        QCOMPARE(m_edits->at(m_edits->count() - 2).at(1).toString(), text("torchscript:/tmp/nets#1/net.pt"));
        QCOMPARE(lastEdit(), QStringList({text("model.weights"), text("bundled")})); // of another network before
        QVERIFY(output->isVisible());
        output->setFocus();
        QTest::keyClicks(output, text("layer4"));
        QTest::keyClick(output, Qt::Key_Return);
        QCOMPARE(lastEdit(), QStringList({text("model.backbone"), text("torchscript:/tmp/nets#1/net.pt#layer4")}));
        m_page->setValue(text("model.backbone"), text("resnet18"));
        QVERIFY(!output->isVisible());
    }
};

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    Theme::install(application);
    TestSetup test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_setup.moc"
