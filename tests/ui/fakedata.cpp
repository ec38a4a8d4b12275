#include "tests/ui/fakedata.h"

#include "ui/frame/runrole.h"

#include <QPainter>

#include <cmath>
#include <random>

namespace fake {
namespace {

double noise(std::mt19937& random) { return std::normal_distribution<double>(0, 1)(random); }

QString text(const char* words) { return QString::fromUtf8(words); }

void append(QStandardItemModel& model, const char* id, const char* name, ui::RunListState state, int colour,
            bool ticked, bool starred, const char* best, const char* line) {
    auto* item = new QStandardItem(text(name));
    item->setData(text(id), ui::RunIdRole);
    item->setData(static_cast<int>(state), ui::RunStateRole);
    item->setData(colour, ui::RunColourRole);
    item->setData(ticked, ui::RunTickedRole);
    item->setData(starred, ui::RunStarredRole);
    item->setData(text(best), ui::RunBestRole);
    item->setData(text(line), ui::RunLineRole);
    model.appendRow(item);
}

} // namespace

std::unique_ptr<QStandardItemModel> runs(bool running) {
    using State = ui::RunListState;
    auto model = std::make_unique<QStandardItemModel>();
    if (running) {
        append(*model, "r8", "gradual thaw, seed 8", State::Running, 6, true, false, "95.4 %",
               "Epoch 41 of 60 · 0:31 left");
        append(*model, "r9", "gradual thaw, seed 9", State::Queued, 8, false, false, "–", "Starts in about 0:31");
        append(*model, "r10", "gradual thaw, seed 10", State::Queued, 9, false, false, "–", "Starts in about 1:46");
    }
    append(*model, "r1", "gradual thaw", State::Finished, 1, true, true, "96.1 %", "Today 14:02 · 1:13");
    append(*model, "r2", "last 3 stages", State::Finished, 2, true, false, "95.4 %", "Today 13:55 · 0:58");
    append(*model, "r3", "head only", State::Finished, 3, true, false, "93.5 %", "Today 13:51 · 0:11");
    append(*model, "r4", "train everything", State::Finished, 4, false, false, "88.2 %", "Today 13:47 · 1:44");
    append(*model, "r5", "squeezenet head", State::Finished, 5, false, false, "90.8 %", "Yesterday · 0:09");
    append(*model, "r7", "resnet50, batch 64", State::Failed, 7, false, false, "–", "Out of memory · 13:40");
    return model;
}

std::unique_ptr<QStandardItemModel> compareTable() {
    auto model = std::make_unique<QStandardItemModel>();
    model->setHorizontalHeaderLabels({text("Run"), text("Best accuracy"), text("Last"), text("Best at epoch"),
                                      text("Lowest val. loss"), text("Parameters trained"), text("Time"),
                                      text("Peak memory"), text("Pictures/s"), text("Tags")});
    model->setHeaderData(0, Qt::Horizontal, int(Qt::AlignLeft), Qt::TextAlignmentRole);
    for (int i = 1; i < 9; ++i)
        model->setHeaderData(i, Qt::Horizontal, int(Qt::AlignRight), Qt::TextAlignmentRole);
    model->setHeaderData(9, Qt::Horizontal, int(Qt::AlignLeft), Qt::TextAlignmentRole);
    struct Line {
        const char* id;
        const char* name;
        int colour;
        QStringList cells;
        QList<int> best;
        QStringList tags;
    };
    const QList<Line> lines{{"r1",
                             "gradual thaw",
                             1,
                             {text("96.1 %"), text("95.4 %"), text("52"), text("0.125"), text("3.12 M"), text("1:13"),
                              text("1.53 GB"), text("248")},
                             {1, 2, 4},
                             {text("thaw")}},
                            {"r2",
                             "last 3 stages",
                             2,
                             {text("95.4 %"), text("94.8 %"), text("41"), text("0.148"), text("2.67 M"), text("0:58"),
                              text("1.12 GB"), text("296")},
                             {},
                             {text("thaw"), text("fast")}},
                            {"r3",
                             "head only",
                             3,
                             {text("93.5 %"), text("93.5 %"), text("47"), text("0.192"), text("2,562"), text("0:11"),
                              text("0.58 GB"), text("2,410")},
                             {},
                             {text("probe")}},
                            {"r5",
                             "squeezenet head",
                             5,
                             {text("90.8 %"), text("90.2 %"), text("55"), text("0.238"), text("1,026"), text("0:09"),
                              text("0.49 GB"), text("2,980")},
                             {6, 7, 8},
                             {text("probe")}},
                            {"r4",
                             "train everything",
                             4,
                             {text("88.2 %"), text("85.6 %"), text("18"), text("0.278"), text("3.37 M"), text("1:44"),
                              text("1.78 GB"), text("162")},
                             {},
                             {text("baseline")}}};
    for (const auto& line : lines) {
        QList<QStandardItem*> row{new QStandardItem(text(line.name))};
        for (const auto& cell : line.cells)
            row.append(new QStandardItem(cell));
        row.append(new QStandardItem);
        for (int i = 0; i < row.size(); ++i) {
            row[i]->setData(text(line.id), ui::RunIdRole);
            row[i]->setData(line.colour, ui::RunColourRole);
            row[i]->setData(true, ui::RunTickedRole);
            row[i]->setData(line.colour == 1, ui::RunStarredRole);
            row[i]->setData(line.colour == 1, ui::RunReferenceRole);
            row[i]->setData(line.best.contains(i), ui::RunBestInColumnRole);
            row[i]->setData(line.tags, ui::RunTagsRole);
            row[i]->setData(
                i == 0 ? QVariant(row[i]->text())
                       : QVariant(row[i]->text().section(QLatin1Char(' '), 0, 0).remove(QLatin1Char(',')).toDouble()),
                ui::RunSortRole);
        }
        model->appendRow(row);
    }
    return model;
}

ui::LiveHeader header(bool running) {
    ui::LiveHeader made;
    made.id = text("r8");
    made.name = text("gradual thaw, seed 8");
    made.colour = 6;
    made.state = running ? ui::RunListState::Running : ui::RunListState::Finished;
    made.stateWords = running ? text("Running") : text("Finished");
    made.epoch = running ? 41 : 60;
    made.epochs = 60;
    made.step = running ? 656 : 960;
    made.steps = 960;
    made.secondsLeft = running ? 31 : -1;
    made.ends = running ? text("ends 14:23:15") : QString();
    made.took = running ? QString() : text("1:13");
    made.phases = {{text("Head, 5 s"), 10}, {text("+ last 2 stages, 21 s"), 20}, {text("+ blocks.4 and 5, now"), 30}};
    made.canExtend = !running;
    made.canExport = true;
    return made;
}

ui::LiveCurves curves(int steps) {
    std::mt19937 random(7);
    ui::LiveCurves made;
    made.stepsPerEpoch = 16;
    made.steps = 960;
    made.step = steps;
    made.metrics = {{text("loss"), text("Loss"), {}, ui::ChartUnit::Loss, {}, {}, -1},
                    {text("accuracy"), text("Accuracy"), {}, ui::ChartUnit::Percent, {}, {}, 608}};
    ui::MetricCurves& lossCurves = made.metrics[0];
    ui::MetricCurves& accuracyCurves = made.metrics[1];
    double seconds = 0;
    const auto put = [&](ui::Curve& curve, double step, double value) {
        curve.step.append(step);
        curve.value.append(value);
        curve.seconds.append(seconds);
    };
    for (int step = 1; step <= steps; ++step) {
        const int phase = step < 160 ? 0 : step < 480 ? 1 : 2;
        seconds += phase == 0 ? 0.007 : phase == 1 ? 0.05 : 0.085;
        const double loss = 0.06 + 0.66 * std::exp(-step / 130.0);
        put(lossCurves.train, step, std::max(0.01, loss * (1 + 0.35 * noise(random))));
        put(accuracyCurves.train, step,
            std::min(1.0, 0.985 - 0.4 * std::exp(-step / 90.0) - std::abs(0.045 * noise(random))));
        put(made.throughput, step, (phase == 0 ? 2400 : phase == 1 ? 320 : 191) * (1 + 0.01 * noise(random)));
        put(made.memoryAllocated, step, phase == 0 ? 0.5e9 : phase == 1 ? 0.88e9 : 1.3e9);
        put(made.memoryReserved, step, phase == 0 ? 0.6e9 : phase == 1 ? 1.08e9 : 1.55e9);
        put(made.memoryOthers, step, 0.31e9);
        put(made.learningRate, step, step < 32 ? 1e-3 * step / 32 : 0.5e-3 * (1 + std::cos(M_PI * step / 960)));
        put(made.waitMs, step, phase == 0 ? 2 : 7 + noise(random));
        put(made.forwardMs, step, phase == 0 ? 3 : 24 + noise(random));
        put(made.backwardMs, step, phase == 0 ? 0.2 : phase == 1 ? 11 + noise(random) : 40 + 2 * noise(random));
        put(made.optimizerMs, step, phase == 0 ? 0.3 : phase == 1 ? 4 : 7);
        put(made.otherMs, step, std::abs(5 * noise(random)));
        if (step % 16 == 0) {
            put(lossCurves.validation, step, 0.13 + 0.52 * std::exp(-step / 140.0) + 0.012 * noise(random));
            put(accuracyCurves.validation, step, 0.955 - 0.3 * std::exp(-step / 70.0) + 0.006 * noise(random));
        }
    }
    ui::NamedCurve block{text("blocks.5"), {}};
    for (int step = 480; step <= steps; ++step)
        put(block.curve, step, 0.25 * 0.5e-3 * (1 + std::cos(M_PI * step / 960)));
    made.blockRates = {block};
    const QList<std::pair<const char*, int>> stages{
        {"conv_stem", 961}, {"blocks.0", 961}, {"blocks.1", 961}, {"blocks.2", 961},  {"blocks.3", 961},
        {"blocks.4", 480},  {"blocks.5", 480}, {"blocks.6", 160}, {"conv_head", 160}, {"classifier", 0}};
    for (const auto& [name, from] : stages) {
        ui::BlockCurves one{text(name), {}, {}, {}, {}};
        if (from < 960)
            one.trained = {{double(from), 960.0}};
        for (int step = std::max(1, from); step <= steps; step += 4) {
            const double level = (from == 0 ? 6e-3 : from < 400 ? 2e-3 : 1e-3) * std::exp(-(step - from) / 300.0);
            put(one.updateRatio, step, level * std::exp(0.35 * noise(random)));
            put(one.gradientNorm, step, 300 * level * std::exp(0.5 * noise(random)));
            put(one.distance, step, 0.5 * std::sqrt((step - from) / 960.0) + 0.01);
        }
        made.blocks.append(one);
    }
    made.memoryLimitBytes = 4.0e9;
    made.phases = {{0, 160, false, 0}, {160, 480, true, 0.5}, {480, 960, true, 1}};
    made.flags = {{160, text("lock-open"), ui::Role::ThawedText, text("Phase 2 began")},
                  {480, text("lock-open"), ui::Role::ThawedText, text("Phase 3 began")},
                  {576, text("sliders-horizontal"), ui::Role::AccentText, text("Learning rate × 0.5")}};
    return made;
}

QList<ui::CompareChart> compareCharts() {
    return {{text("Validation accuracy"), ui::ChartUnit::Percent}, {text("Validation loss"), ui::ChartUnit::Loss}};
}

QList<ui::CompareRun> compareRuns() {
    std::mt19937 random(3);
    QList<ui::CompareRun> all;
    const QList<std::tuple<const char*, int, double, double>> shapes{{"gradual thaw", 1, 0.955, 0.12},
                                                                     {"last 3 stages", 2, 0.945, 0.15},
                                                                     {"head only", 3, 0.925, 0.2},
                                                                     {"squeezenet head", 5, 0.895, 0.25},
                                                                     {"train everything", 4, 0.86, 0.33}};
    for (const auto& [name, colour, top, bottom] : shapes) {
        ui::CompareRun run{text(name), text(name), colour, {{}, {}}, 16};
        ui::CompareCurve& reached = run.curves[0];
        ui::Curve& loss = run.curves[1].curve;
        double best = 0;
        for (int epoch = 1; epoch <= 60; ++epoch) {
            const double accuracy =
                std::round((top - 0.35 * std::exp(-epoch / 5.0) + 0.006 * noise(random)) * 153) / 153;
            reached.curve.step.append(epoch * 16);
            reached.curve.value.append(accuracy);
            reached.curve.seconds.append(epoch * 1.2);
            loss.step.append(epoch * 16);
            loss.value.append(bottom + 0.5 * std::exp(-epoch / 9.0) + 0.006 * noise(random) +
                              (colour == 4 ? epoch * 0.003 : 0));
            loss.seconds.append(epoch * 1.2);
            if (accuracy > best) {
                best = accuracy;
                reached.bestStep = epoch * 16;
            }
        }
        all.append(run);
    }
    return all;
}

ui::Differences differences() {
    ui::Differences made;
    for (const auto& run : compareRuns()) {
        made.names.append(run.name);
        made.colours.append(run.colour);
    }
    const auto row = [&](const char* setting, const QStringList& values) {
        QList<bool> stands;
        for (const auto& value : values)
            stands.append(value != values.first());
        stands[0] = true;
        made.rows.append({text(setting), values, stands});
    };
    row("Freeze", {text("3 phases"), text("last 3 stages"), text("head only"), text("head only"), text("none")});
    row("Learning rate", {text("1e-3, by block"), text("1e-3"), text("1e-3"), text("1e-3"), text("3e-4")});
    row("Backbone", {text("lite0"), text("lite0"), text("lite0"), text("squeezenet1_1"), text("lite0")});
    row("Batch size", {text("16"), text("16"), text("16"), text("32"), text("16")});
    row("Weight decay", {text("0.01"), text("0.01"), text("0.01"), text("0.01"), text("0.05")});
    row("Augmentation", {text("standard"), text("standard"), text("8 views"), text("8 views"), text("strong")});
    made.settings = 31;
    return made;
}

QList<ui::ConfusionMatrix> confusion() {
    const QStringList classes{text("ants"), text("bees")};
    const auto scores = [&](double first, double second) {
        return ui::ClassScores{{{classes[0], first, second, (first + second) / 2, 70},
                                {classes[1], second, first, (first + second) / 2, 83}},
                               (first + second) / 2,
                               {}};
    };
    return {{text("r1"), text("gradual thaw"), 1, classes, {67, 3, 3, 80}, scores(0.957, 0.964)},
            {text("r2"), text("last 3 stages"), 2, classes, {66, 4, 3, 80}, scores(0.957, 0.952)}};
}

ui::RealityCheck reality() {
    using Verdict = ui::DifferenceTest::Verdict;
    ui::RealityCheck made{text("gradual thaw"), text("gradual thaw"), text("pictures"), {}, {}};
    const QList<std::tuple<const char*, int, int, double, double>> runs{{"gradual thaw", 1, 147, 0.917, 0.982},
                                                                        {"last 3 stages", 2, 146, 0.909, 0.978},
                                                                        {"head only", 3, 143, 0.884, 0.964},
                                                                        {"squeezenet head", 5, 139, 0.853, 0.945},
                                                                        {"train everything", 4, 135, 0.823, 0.925}};
    for (const auto& [name, colour, right, low, high] : runs)
        made.runs.append({text(name), text(name), colour, right, 153, low, high});
    const auto test = [&](int run, int onlyReference, int onlyOther, double low, double high, double p,
                          Verdict verdict) {
        const ui::AccuracyRow& of = made.runs.at(run);
        made.tests.append({of.id, of.name, of.colour, 147 - onlyReference, onlyReference, onlyOther, 6 - onlyOther, 0,
                           (onlyOther - onlyReference) / 153.0, low, high, p, p, verdict});
    };
    test(1, 4, 3, -0.039, 0.026, 1, Verdict::NotShown);
    test(2, 6, 2, -0.065, 0.013, 0.69, Verdict::NotShown);
    test(3, 10, 2, -0.098, -0.013, 0.12, Verdict::NotShown);
    test(4, 15, 3, -0.131, -0.033, 0.02, Verdict::ReferenceBetter);
    return made;
}

ui::StripReading strip(bool running) {
    std::mt19937 random(5);
    const auto history = [&](double level) {
        QList<float> values;
        for (int i = 0; i < 60; ++i)
            values.append(static_cast<float>(std::clamp(level + 0.04 * noise(random), 0.0, 1.0)));
        return values;
    };
    ui::StripReading made;
    made.devices = {{text("GTX 1650"), text("cuda:0"), history(running ? 0.9 : 0.05), running ? 0.96 : 0.03,
                     running ? 1.8e9 : 0.3e9, 4.0e9, running ? 71.0 : 44.0, running ? 49.0 : 6.0, QString()},
                    {text("Core i5-10300H"), text("cpu"), history(running ? 0.38 : 0.05), running ? 0.38 : 0.04,
                     running ? 6.1e9 : 4.8e9, 15.4e9, running ? 63.0 : 48.0, std::nullopt, QString()}};
    made.freeDiskBytes = 118e9;
    made.queue = running ? text("Queue: 2 waiting, done about 14:26") : text("Queue is empty");
    return made;
}

ui::LiveRanks ranks(int count, int silent) {
    std::mt19937 random(7);
    ui::LiveRanks made;
    for (int rank = 0; rank < count; ++rank) {
        const bool gone = rank == silent;
        const bool waits = silent >= 0 && !gone;
        ui::RankRow row{.rank = rank,
                        .device = QStringLiteral("cuda:%1").arg(rank % 8),
                        .step = 1204,
                        .activity = gone    ? text("silent for 12 s")
                                    : waits ? text("waiting for the other ranks")
                                            : text("computing"),
                        .state = gone ? ui::RankRow::State::Silent : ui::RankRow::State::Fine,
                        .dataShare = 0.002 + 0.001 * rank,
                        .communicationShare = waits ? 0.22 : 0.03,
                        .bytes = 23.4e9,
                        .celsius = 61.0 + rank % 5,
                        .slices = {}};
        for (int quarter = 240; quarter > 0; --quarter) {
            const double at = quarter / 4.0;
            const bool stuck = silent >= 0 && at < 12;
            if (gone && stuck) {
                row.slices.append({.at = at, .silent = 1});
                continue;
            }
            const double sent = stuck ? 1 : std::clamp(0.03 + 0.03 * noise(random), 0.0, 0.2);
            const double other = !stuck && int(at) % 11 == 0 ? 0.6 : 0;
            const double data = stuck ? 0 : std::clamp(0.02 + 0.03 * noise(random), 0.0, 0.2);
            row.slices.append({at, 1 - sent - other - data, data, sent, other, 0});
        }
        made.rows.append(row);
    }
    if (silent >= 0) {
        made.trouble = QStringLiteral("Rank %1 (cuda:%2) has not answered for 12 s; it was computing at step 1204.")
                           .arg(silent)
                           .arg(silent % 8);
        made.remedy =
            text("The others wait for it. Without a sign for 30 s it is ended, and the run goes on from its last "
                 "checkpoint.");
        made.troubled = silent;
        made.canAct = true;
    }
    return made;
}

ui::LiveQueue queue() {
    const auto stretch = [](const char* id, const char* name, int colour, double from, double to) {
        return ui::QueueStretch{text(id), text(name), colour, from, to, true, text(name)};
    };
    const auto now = stretch("now", "gradual, 2 GPUs", 1, 0, 360);
    const auto last = stretch("seed", "gradual, seed 2", 10, 660, 1080);
    return {.lanes = {{text("cuda:0"), {now, stretch("stage", "last stage", 8, 360, 660), last}},
                      {text("cuda:1"), {now, last}},
                      {text("cuda:2"), {stretch("", "python of anna, 61.4 GB", 0, 0, 600), last}},
                      {text("cuda:3"), {last}}},
            .held = false,
            .words = text("2 wait")};
}

QImage picture(int seed) {
    QImage image(160, 120, QImage::Format_RGB32);
    image.fill(QColor::fromHsv(seed * 47 % 360, 120, 150));
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(QColor::fromHsv((seed * 47 + 150) % 360, 160, 220));
    painter.drawEllipse(QPoint(80, 60), 30 + seed * 3 % 20, 24);
    return image;
}

} // namespace fake
