// Draws the pages with made-up data into PNG files, for eyes.
#include "tests/ui/fakedata.h"
#include "tests/ui/fakesetup.h"
#include "tests/ui/gallerystates.h"
#include "ui/charts/chart.h"
#include "ui/compare/comparepage.h"
#include "ui/controls/button.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/frame/exportdialog.h"
#include "ui/frame/mainframe.h"
#include "ui/live/livepage.h"
#include "ui/mistakes/changesdialog.h"
#include "ui/mistakes/classchooser.h"
#include "ui/mistakes/pictureviewer.h"
#include "ui/setup/blocktree.h"
#include "ui/setup/scalingdialog.h"
#include "ui/setup/thawtimeline.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMap>
#include <QMenu>
#include <QMouseEvent>
#include <QTimer>

#include <cmath>
#include <functional>

namespace {

QString text(const char* words) { return QString::fromUtf8(words); }

void addPage(ui::MainFrame& frame, const char* title, QWidget* page) {
    static const QMap<QString, QString> kIcons{{text("Setup"), text("sliders-horizontal")},
                                               {text("Live"), text("activity")},
                                               {text("Compare"), text("git-compare")},
                                               {text("Try"), text("scan-eye")}};
    const auto place = static_cast<int>(frame.pages().size());
    frame.addPage({text(title), text(title), kIcons.value(text(title)),
                   QKeySequence(Qt::CTRL | static_cast<Qt::Key>(Qt::Key_1 + place)),
                   text(title) == text("Compare") ? ui::RunListPlace::InPage : ui::RunListPlace::Beside},
                  page);
}

void settle(int ms = 150) {
    QEventLoop loop;
    QTimer::singleShot(ms, &loop, &QEventLoop::quit);
    loop.exec();
}

void fillLive(ui::LivePage& page, bool running) {
    page.setHeader(fake::header(running));
    page.setCurves(fake::curves(running ? 656 : 960));
    page.setFacts({{text("Device"), QString(), text("GTX 1650")},
                   {text("Speed"), QString(), text("191 img/s")},
                   {text("Parameters trained"), text("of 3.37 M"), text("3.12 M")},
                   {text("Best accuracy"), text("epoch 38"), text("95.4 %")},
                   {text("Checkpoints"), text("last at step 656"), text("3")}});
    page.setKnobs({.shown = running,
                   .learningRate = 1e-3,
                   .weightDecay = 0.01,
                   .augmentation = text("standard"),
                   .augmentations = {text("none"), text("light"), text("standard"), text("strong")},
                   .epoch = 41});
    page.setChanges({{text("sliders-horizontal"), ui::Tone::Accent, text("Thaw blocks.3 from epoch 46"),
                      text("Counts from epoch 42 on"), running ? text("Undo") : QString()},
                     {text("lock-open"), ui::Tone::Thawed, text("Phase 3 began"), text("Step 480 · 14:22:26")},
                     {text("lock-open"), ui::Tone::Thawed, text("Phase 2 began"), text("Step 160 · 14:22:05")}});
    page.setLog({{text("14:22:44"), text("epoch 41"), ui::Tone::None, text("accuracy 95.4 %  loss 0.139")},
                 {text("14:22:44"), text("freeze"), ui::Tone::Frozen, text("219 tensors unchanged")},
                 {text("14:22:42"), text("epoch 40"), ui::Tone::None, text("accuracy 94.8 %  loss 0.141")},
                 {text("14:22:36"), text("knob"), ui::Tone::Accent, text("Thaw blocks.3 from epoch 46")},
                 {text("14:22:36"), text("saved"), ui::Tone::None, text("checkpoint step 576, 38.5 MB")}});
    QList<ui::Misclassified> pictures;
    for (int i = 0; i < 5; ++i)
        pictures.append({text("a%1.jpg").arg(i), fake::picture(i), i % 2 ? text("ant") : text("bee"),
                         i % 2 ? text("bee") : text("ant"), 0.93 - 0.07 * i});
    ui::LiveMistakes mistakes{.epoch = 41, .best = false, .wrong = 9, .validated = 153, .samples = text("pictures")};
    mistakes.pictures = pictures;
    mistakes.confusion = fake::confusion().first();
    page.setMistakes(mistakes);
    page.setProof({ui::Tone::Success, text("5 blocks proved frozen"), text("219 tensors unchanged at step 656")});
    ui::ThawPlan plan = fake::thawPlan();
    plan.fixedEpochs = running ? 41 : 60;
    page.setThaw(plan, fake::cosine(60));
}

// Thirteen runs of a sweep, and twelve classes that they take for each other.
QList<ui::CompareRun> sweep() {
    QList<ui::CompareRun> made;
    const auto shapes = fake::compareRuns();
    for (int i = 0; i < 13; ++i) {
        ui::CompareRun run = shapes.at(i % shapes.size());
        run.id = QString::number(i);
        run.name = text("sweep of the week, lr %1, seed %2").arg(0.001 * (1 + i % 5)).arg(i / 5 + 1);
        run.colour = i + 1;
        for (ui::CompareCurve& curve : run.curves)
            for (double& value : curve.curve.value)
                value *= 1 - 0.012 * (i / 5);
        made.append(run);
    }
    return made;
}

QList<ui::ConfusionMatrix> insects() {
    const QStringList classes{text("ants"),        text("bees"),     text("beetles"),     text("bumblebees"),
                              text("butterflies"), text("crickets"), text("dragonflies"), text("flies"),
                              text("hoverflies"),  text("moths"),    text("spiders"),     text("wasps")};
    QList<ui::ConfusionMatrix> made;
    for (int run = 0; run < 2; ++run) {
        ui::ConfusionMatrix matrix{QString::number(run),
                                   run ? text("last 3 stages") : text("gradual thaw"),
                                   run + 1,
                                   classes,
                                   QList<int>(144, 0),
                                   {}};
        for (int i = 0; i < 12; ++i) {
            matrix.counts[i * 13] = 42 + (i * 7 + run * 3) % 12;
            matrix.counts[i * 12 + (i * 5 + 3) % 12] += (i + run) % 7;
            matrix.counts[i * 12 + (i * 7 + 1) % 12] += (i * run) % 4;
            const double score = 0.8 + 0.015 * ((i * 5 + run) % 12);
            matrix.scores.classes.append({classes[i], score, score + 0.02, score + 0.01, 51 + i % 3});
        }
        matrix.scores.macroF1 = 0.881;
        made.append(matrix);
    }
    made[0].scores.neverRecognised = {text("moths")};
    return made;
}

// Setup from the first start to the open tree of blocks, in a frame of its own.
void shootSetup(const ui::MainFrame& like, const std::function<void(const char*, QWidget&)>& shoot) {
    ui::MainFrame frame;
    frame.resize(like.size());
    frame.topBar().setProjectName(text("insects"));
    const auto finished = fake::runs(false);
    frame.runList().setModel(finished.get());
    frame.strip().setReading(fake::strip(false));
    frame.modeBar().setTrainButtons({true, false, QString(), false, false, QString(), false, QString()});
    auto* page = new ui::SetupPage;
    addPage(frame, "Setup", page);
    for (const char* other : {"Live", "Compare", "Try"})
        addPage(frame, other, new QWidget);
    frame.showPage(text("Setup"));
    frame.show();
    ui::DataState none;
    none.sampleName = text("parts under inspection");
    none.sampleWords = text("The sample trains in about 1 minute on this computer, without network or Python.");
    page->setData(none);
    shoot("setup-first", frame);
    fake::fillSetup(*page);
    shoot("setup", frame);
    const auto press = [&](const char* name) {
        if (auto* button = page->findChild<QAbstractButton*>(text(name)))
            button->click();
    };
    for (const int gpus : {1, 2, 4, 8}) {
        fake::fillGpus(*page, gpus, gpus == 8 ? 2 : 0);
        page->showField(text("devices.use"));
        settle();
        shoot(qPrintable(QStringLiteral("setup-gpus-%1").arg(gpus)), frame);
    }
    fake::fillSetup(*page);
    press("more:train");
    press("more:data");
    shoot("setup-more", frame);
    press("more:train");
    press("more:data");
    press("blocksButton");
    settle();
    if (auto* tree = page->findChild<ui::BlockTree*>()) {
        const auto row = [tree](int place) { return tree->model()->index(place, 0); };
        tree->expand(row(6));
        tree->setCurrentIndex(row(5));
    }
    settle();
    if (auto* timeline = page->findChild<ui::ThawTimeline*>()) {
        QMouseEvent move(QEvent::MouseMove, timeline->edgePoint({6, 31, true}), QPointF(), Qt::NoButton, {}, {});
        QApplication::sendEvent(timeline, &move);
    }
    shoot("freeze", frame);
    if (auto* search = page->findChild<QLineEdit*>(text("blockSearch"))) {
        search->setText(text("blocks.5.*"));
        shoot("freeze-pattern", frame);
        search->clear();
    }
    if (auto* timeline = page->findChild<ui::ThawTimeline*>()) {
        timeline->setNow(20.4);
        shoot("freeze-running", frame);
        timeline->setNow(std::nan(""));
    }
    press("allBackbonesButton");
    settle();
    if (auto* dialog = page->findChild<QDialog*>()) {
        shoot("setup-backbones", *dialog);
        dialog->close();
    }
}

// Three hundred, some with names of eighty letters.
QStringList manyClasses() {
    QStringList classes;
    for (int i = 0; i < 300; ++i)
        classes.append(i % 7 == 0
                           ? text("a class with a name of eighty letters, as people write them who like to say %1")
                                 .arg(i, 3, 10, QLatin1Char('0'))
                           : text("class %1").arg(i));
    return classes;
}

// What can be chosen, a sentence of what cannot be done, how far it is, and the certificate.
void shootExport(ui::MainFrame& frame, const std::function<void(const char*, QWidget&)>& shootOf) {
    ui::ExportDialog dialog(text("squeezenet1_1, gradual thaw"),
                            {{text("safetensors"), {}, false},
                             {text("Hugging Face transformers"), {}, false},
                             {text("TorchScript"), {}, true},
                             {text("ONNX"), {}, true}},
                            {text("fp32"), text("fp16"), text("bf16")}, &frame);
    dialog.setKind(3);
    dialog.suggestPlace(text("/home/ada/insects/exports/squeezenet1_1, gradual thaw onnx"));
    ui::ExportWords words{
        {{text("best"), text("Best: epoch 41, step 656")}, {text("last"), text("Last: epoch 60, step 960")}},
        {{text("Size"), {}, text("About 2.9 MB.")},
         {text("Input"),
          {},
          text("It takes pixels [N, 3, H, W] in fp32, prepared as the programs beside it do, and gives logits.")},
         {text("Opened by"), {}, text("ONNX Runtime and whatever else reads ONNX of operator set 17 opens it.")},
         {text("Left out"), {}, text("It answers and does not train: normalisation is worked into the convolutions.")},
         {text("Certificate"), {}, text("A fresh process opens it and compares its answers with Thaw's.")}},
        {}};
    dialog.setWords(words);
    dialog.show();
    shootOf("export", dialog);
    words.problem = text("/home/ada/insects/exports is there already. Name another folder, or remove that one; nothing "
                         "is overwritten.");
    dialog.setWords(words);
    shootOf("export-problem", dialog);
    words.problem.clear();
    dialog.setWords(words);
    dialog.setProgress(text("Compared 128 of 256 pictures"), 0.5);
    shootOf("export-busy", dialog);
    ui::ExportOutcome outcome{
        .verdict = text("It answers as the run does"),
        .detail = text("It takes pictures of any size from 32 pixels on."),
        .facts = {{text("Largest difference"), text("outputs up to 7.10, allowed is 7.1e-4"), text("7.2e-6")},
                  {text("Same answer"), text("validation pictures"), text("153 of 153")},
                  {text("Time of a picture"), text("ONNX Runtime 1.32.0"), text("5.3 ms")},
                  {{}, text("Thaw"), text("6.1 ms")},
                  {text("Size"), text("model.onnx"), text("2.9 MB")}},
        .sha256 = text("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        .opening =
            text("session = onnxruntime.InferenceSession(\"/home/ada/insects/exports/squeezenet1_1, gradual thaw "
                 "onnx/model.onnx\")"),
        .place = text("/home/ada/insects/exports/squeezenet1_1, gradual thaw onnx")};
    dialog.setOutcome(outcome);
    shootOf("export-certificate", dialog);
    outcome.tone = ui::Tone::Warning;
    outcome.verdict = text("Not checked");
    outcome.detail =
        text("ONNX Runtime is not here, which computes ONNX files. Fetch it with packaging/bootstrap --onnx, or "
             "name its library with THAW_ONNXRUNTIME. It takes pictures of any size from 32 pixels on.");
    outcome.facts = {outcome.facts.last()};
    dialog.setOutcome(outcome);
    shootOf("export-not-checked", dialog);
    dialog.close();
}

QList<ui::ChangedPicture> changedPictures() {
    QList<ui::ChangedPicture> changes;
    for (int i = 0; i < 30; ++i)
        changes.append({QString::number(i),
                        text("train/bees/a/very/long/way/down/to/it/21036378%1_8d26ee6b90.jpg").arg(i),
                        i % 2 == 0 ? text("bees") : manyClasses().at(7),
                        i % 3 == 0 ? text("left out") : text("bumblebees"), text("Today 14:02")});
    return changes;
}

ui::ParallelRuns parallelRuns() {
    ui::ParallelRuns runs;
    ui::ParallelAxis rate{.name = text("Learning rate"), .values = {}, .steps = {}, .logarithmic = true};
    ui::ParallelAxis preset{
        .name = text("Freeze preset"), .values = {}, .steps = {text("fine-tune"), text("gradual"), text("head-only")}};
    ui::ParallelAxis batch{.name = text("Batch size"), .values = {}, .steps = {}};
    ui::ParallelAxis seconds{.name = text("Time, s"), .values = {}, .steps = {}};
    ui::ParallelAxis best{.name = text("Best accuracy"), .values = {}, .steps = {}, .unit = ui::ChartUnit::Percent};
    for (int i = 0; i < 60; ++i) {
        runs.ids.append(QString::number(i));
        runs.names.append(text("sweep %1, learning rate and preset, seed %2").arg(i).arg(i % 3));
        runs.colours.append(1 + i % 20);
        rate.values.append(std::pow(10, -4 + i % 4));
        preset.values.append(i % 3);
        batch.values.append(16 << (i % 4));
        seconds.values.append(30 + (i * 37) % 90);
        best.values.append(0.7 + 0.25 * ((i * 53) % 60) / 60);
    }
    runs.axes = {rate, preset, batch, seconds, best};
    return runs;
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    ui::Theme::install(application);
    const QString folder = argc > 1 ? QString::fromLocal8Bit(argv[1]) : text(".");
    const QString size = argc > 2 ? QString::fromLocal8Bit(argv[2]) : text("1440x900");
    const QString mood = argc > 3 ? QString::fromLocal8Bit(argv[3]) : text("light");
    ui::theme().setAppearance(mood == text("dark") ? ui::Appearance::Dark : ui::Appearance::Light);

    ui::MainFrame frame;
    frame.resize(size.section(QLatin1Char('x'), 0, 0).toInt(), size.section(QLatin1Char('x'), 1, 1).toInt());
    frame.topBar().setProjectName(text("insects"));
    const auto finished = fake::runs(false);
    const auto running = fake::runs(true);
    const auto table = fake::compareTable();
    frame.runList().setModel(running.get());
    frame.runList().setCurrent(text("r8"));
    frame.runList().setFoot(text("Ticked runs are drawn"), text("0.9 GB"));
    frame.strip().setReading(fake::strip(true));
    frame.modeBar().setTrainButtons(
        {true, true, text("Wait in the queue"), true, false, text("Pause"), true, text("Stop")});
    auto* live = new ui::LivePage;
    auto* compare = new ui::ComparePage;
    compare->setFilterExample(text("accuracy > 95"));
    addPage(frame, "Setup", gallery::states());
    addPage(frame, "Live", live);
    addPage(frame, "Compare", compare);
    frame.show();

    const auto shootOf = [&](const char* name, QWidget& widget) {
        settle();
        const QString file = text("%1/%2-%3-%4.png").arg(folder, text(name), mood, size);
        widget.grab().save(file);
        fprintf(stdout, "%s\n", qUtf8Printable(file));
    };
    const auto shoot = [&](const char* name) { shootOf(name, frame); };
    auto* tryPage = new ui::TryPage;
    addPage(frame, "Try", tryPage);
    frame.showPage(text("Try"));
    shoot("try-empty");
    fake::fillTry(*tryPage);
    shoot("try");
    tryPage->findChild<QCheckBox*>(text("heatMap"))->setChecked(true);
    ui::TryHeat heat{.width = 7, .height = 7, .values = {}, .words = text("what speaks for bees, at layer4")};
    for (int i = 0; i < 49; ++i)
        heat.values.append(static_cast<float>(std::exp(-(std::pow(i % 7 - 4, 2) + std::pow(i / 7 - 2, 2)) / 4)));
    tryPage->setHeat(tryPage->currentFile(), heat);
    shoot("try-heat");
    shootSetup(frame, shootOf);
    ui::ScalingDialog scaling(&frame);
    scaling.setState({.what = text("resnet50, 256 pictures a rank, bf16"),
                      .offer = {},
                      .unit = text("pictures/s"),
                      .measuring = false,
                      .points = {{1, 4707, 1}, {2, 9330, 0.99}, {4, 18400, 0.98}},
                      .advice = text("4 ranks reach 98 % of 4 times one rank's speed. All 4 are worth it."),
                      .warns = false,
                      .problem = {}});
    scaling.show();
    shootOf("scaling", scaling);
    scaling.close();

    frame.showPage(text("Live"));
    shoot("live-empty");
    fillLive(*live, true);
    settle();
    shoot("live");
    const auto withPanel = [&](const char* name, QWidget* page) { // where it lies over the content
        auto* button = page->findChild<QAbstractButton*>(text("panelButton"));
        if (!button || !button->isVisible())
            return;
        button->setChecked(true);
        shoot(name);
        button->setChecked(false);
    };
    withPanel("live-panel", live);
    live->setRanks(fake::ranks(4, 2));
    live->setQueue(fake::queue());
    shoot("live-ranks");
    live->setQueue({});
    live->setRanks(fake::ranks(64, 40));
    shoot("live-many-ranks");
    live->setRanks({});
    if (auto* chart = live->findChild<ui::Chart*>()) {
        QKeyEvent home(QEvent::KeyPress, Qt::Key_Home, Qt::NoModifier);
        QApplication::sendEvent(chart, &home);
        for (int i = 0; i < 11; ++i) {
            QKeyEvent right(QEvent::KeyPress, Qt::Key_Right, Qt::ShiftModifier);
            QApplication::sendEvent(chart, &right);
        }
    }
    shoot("crosshair");
    if (auto* view = live->findChild<ui::SegmentedControl*>(text("liveView"))) {
        Q_EMIT view->chosen(1);
        view->setCurrent(1);
        live->setProof({ui::Tone::Danger, text("A frozen tensor changed"),
                        text("blocks.2.0.bn1.running_mean, between steps 624 and 640.")});
        shoot("live-blocks");
        Q_EMIT view->chosen(0);
        view->setCurrent(0);
    }
    frame.showPage(text("Setup"));
    shoot("states");
    for (int i = 0; i < 3; ++i)
        frame.toasts().show({i == 0   ? ui::Tone::Success
                             : i == 1 ? ui::Tone::Muted
                                      : ui::Tone::Danger,
                             i == 0   ? text("gradual thaw finished at 96.1 %")
                             : i == 1 ? text("Run deleted")
                                      : text("A frozen tensor changed, training is paused"),
                             i == 0 ? text("Best at epoch 52. Took 1:13.") : text("38.5 MB freed."),
                             i == 0 ? text("Compare") : text("Undo"),
                             {},
                             i == 1 ? text("trash-2") : QString()});
    shoot("toasts");
    frame.topBar().setCommands([] {
        return QList<ui::Command>{
            {text("a"), text("Learning rate"), text("Setting · Recipe"), {}, text("sliders-horizontal"), true},
            {text("b"), text("Train"), text("Command"), text("Ctrl Return"), text("play"), true},
            {text("c"), text("gradual thaw"), text("Run · 96.1 %"), {}, text("activity"), true}};
    });
    frame.topBar().openFind();
    settle();
    if (auto* palette = frame.findChild<ui::CommandPalette*>()) {
        palette->grab().save(text("%1/palette-%2.png").arg(folder, mood));
        palette->close();
    }
    auto* menu = frame.topBar().mainMenu();
    menu->addAction(ui::icon(text("folder-open")), text("Open project…"))
        ->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_O));
    menu->addSeparator();
    menu->addAction(text("Quit"));
    menu->popup(QPoint(0, 0));
    settle();
    menu->grab().save(text("%1/menu-%2.png").arg(folder, mood));
    menu->close();
    ui::ShortcutSheet sheet({}, &frame);
    sheet.adjustSize();
    sheet.grab().save(text("%1/keys-%2.png").arg(folder, mood));
    for (auto* button : frame.findChildren<ui::IconButton*>())
        if (button->toolTip() == text("Close"))
            button->click();
    frame.modeBar().setTrainButtons({true, false, QString(), false, false, QString(), false, QString()});
    frame.strip().setReading(fake::strip(false));
    frame.runList().setModel(finished.get());
    frame.showPage(text("Compare"));
    shoot("compare-empty");
    compare->setModel(table.get());
    compare->setCounts(5, 6);
    compare->setRuns(fake::compareCharts(), fake::compareRuns());
    compare->setDifferences(fake::differences());
    compare->setConfusion(fake::confusion(), {}, text("Pictures"));
    compare->setReality(fake::reality(), {});
    compare->setColumns({{text("best/accuracy"), text("Best accuracy"), text("Results"), true},
                         {text("last/accuracy"), text("Last"), text("Results"), true},
                         {text("setting/train.learning_rate"), text("Learning rate"), text("Settings"), false}});
    settle();
    shoot("compare");
    if (auto* views = compare->findChild<ui::SegmentedControl*>(text("compareView"))) {
        compare->setParallel(parallelRuns());
        constexpr const char* kViews[] = {"compare", "compare-real", "compare-mistakes", "compare-settings"};
        for (int view = 1; view < 4; ++view) {
            views->setCurrent(view);
            Q_EMIT views->chosen(view);
            shoot(kViews[view]);
        }
        compare->setConfusion(insects(), {}, text("Pictures"));
        shoot("compare-insects");
        if (auto* mode = compare->findChild<ui::SegmentedControl*>(text("confusionMode"))) {
            mode->setCurrent(1);
            Q_EMIT mode->chosen(1);
            shoot("compare-insects-difference");
        }
        views->setCurrent(0);
        Q_EMIT views->chosen(0);
    }
    compare->setRuns(fake::compareCharts(), sweep());
    compare->setCounts(13, 60);
    settle();
    for (auto* chart : compare->findChildren<ui::Chart*>()) {
        chart->setCrosshair(41);
        chart->setLifted(text("4"));
    }
    shoot("compare-many");
    frame.showPage(text("Live"));
    if (auto* views = live->findChild<ui::SegmentedControl*>(text("liveView"))) {
        ui::LiveMistakes mistakes{.epoch = 41, .best = true, .wrong = 9, .validated = 153, .samples = text("pictures")};
        mistakes.confusion = insects().first();
        live->setMistakes(mistakes);
        views->setCurrent(2);
        Q_EMIT views->chosen(2);
        shoot("live-classes");
        views->setCurrent(0);
        Q_EMIT views->chosen(0);
    }
    ui::PictureViewer viewer(&frame);
    QList<ui::Misclassified> wrong;
    for (int i = 0; i < 9; ++i)
        wrong.append({text("/home/ada/insects/val/bees/21036378%1_8d26ee6b90.jpg").arg(i),
                      fake::picture(i),
                      text("bees"),
                      text("bumblebees"),
                      0.97 - 0.05 * i,
                      {},
                      {}});
    viewer.setPictures(text("bees taken for bumblebees: 9 pictures, the surest first"), wrong, 2);
    viewer.show();
    viewer.setClasses(manyClasses());
    viewer.setChanges({});
    shootOf("viewer", viewer);
    viewer.setChanges({{wrong.at(2).file, {ui::PictureChange::Kind::Relabelled, manyClasses().last()}}});
    shootOf("viewer-relabelled", viewer);
    viewer.setChanges({{wrong.at(2).file, {ui::PictureChange::Kind::LeftOut, {}}}});
    shootOf("viewer-left-out", viewer);
    ui::ClassChooser chooser(&viewer);
    chooser.setClasses(manyClasses());
    chooser.openAt(&viewer);
    shootOf("class-chooser", chooser);
    chooser.close();
    viewer.close();
    ui::ChangesDialog changes(&frame);
    changes.setChanges(changedPictures());
    changes.show();
    shootOf("changes", changes);
    changes.close();
    shootExport(frame, shootOf);
    auto failed = fake::header(false);
    failed.id = text("r7");
    failed.name = text("resnet50, batch 64");
    failed.colour = 7;
    failed.state = ui::RunListState::Failed;
    failed.stateWords = text("Failed");
    failed.canExtend = false;
    live->setHeader(failed);
    live->setFailure(ui::Failure{
        text("resnet50, batch 64 ran out of GPU memory"),
        text("Step 1 of epoch 31, when blocks thawed. Today 13:40."),
        text("It needed 5.1 GB; 3.7 GB were free. Epochs 1 to 30 are saved, so training can go on from there."),
        {{text("Batch 32, accumulate 2"), text("Same effective batch of 64. Needs 2.9 GB, about as fast.")},
         {text("Train on the CPU"), text("Fits. About 5 times slower.")}},
        text("Resume from epoch 30")});
    shoot("failed");
    return 0;
}
