#include "src/backbonewords.h"

#include "engine/api/error.h"
#include "engine/api/hub.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>

#include <algorithm>

namespace app {
namespace {

struct BackboneWords {
    Q_DECLARE_TR_FUNCTIONS(Backbones)
};
const auto tr = [](const char* text) { return BackboneWords::tr(text); };

constexpr int kTinyPictures = 64; // pixels of the longest side
constexpr std::int64_t kFewPictures = 2'000;
constexpr std::int64_t kManyPictures = 20'000;
constexpr qsizetype kSuggested = 3;
constexpr double kBytesPerValue = 4; // fp32

bool isOwnModel(const QString& backbone) { return backbone.startsWith(QStringLiteral("torchscript:")); }

QList<Suggestion> suggestionsFor(const engine::DataReport* report) {
    const std::int64_t count = report ? report->trainSamples : 0;
    const Suggestion small{QStringLiteral("tf_efficientnet_lite0"), tr("Best for its size"),
                           tr("The most accurate of its size, quick on a CPU too.")};
    const Suggestion usual{QStringLiteral("resnet18"), tr("Usual yardstick"),
                           tr("What most people compare with; it bears rough settings.")};
    if (report && report->largestSide > 0 && report->largestSide <= kTinyPictures)
        return {{QStringLiteral("cifar_resnet20"), tr("Made for 32 px"),
                 tr("Made for pictures of 32 pixels; yours have %1 at most.").arg(report->largestSide)},
                {QStringLiteral("cifar_resnet56"), tr("The same, deeper"),
                 tr("Made for pictures of 32 pixels, deeper: slower and a little more accurate.")},
                {small.name, tr("Enlarges yours"), tr("Pretrained on larger pictures; yours are enlarged for it.")}};
    if (count < kFewPictures)
        return {small,
                usual,
                {QStringLiteral("squeezenet1_1"), tr("Quickest"), tr("The smallest one, to try an idea quickly.")}};
    if (count < kManyPictures)
        return {small,
                {QStringLiteral("resnet50"), tr("Room to learn"),
                 tr("%1 pictures are enough to gain from a larger network.").arg(ui::formatExact(count))},
                usual};
    return {{QStringLiteral("resnet50"), tr("Room to learn"),
             tr("With %1 pictures every block that thaws can gain.").arg(ui::formatExact(count))},
            {QStringLiteral("efficientnet_b0"), tr("Best for its size"),
             tr("As accurate as ResNet-50 with a fifth of its parameters.")},
            {QStringLiteral("convnext_tiny"), tr("Most accurate"),
             tr("The most accurate of the three, slow without a GPU.")}};
}

// Where the weights come from, and whether they are on this computer.
void sayWeights(ui::BackboneRow& row, const engine::Experiment& experiment, const engine::BackboneInfo& info,
                const Machine* machine) {
    const bool chosen = info.name == experiment.model.backbone;
    row.weightsHere = machine && machine->localWeights.contains(row.name);
    if (chosen && experiment.model.weights == "none") {
        row.weights = tr("Random start");
    } else if (isOwnModel(row.name)) {
        row.weights = tr("Its own");
        row.weightsHere = true;
    } else if (chosen && experiment.model.weights != "bundled") {
        row.weights = tr("Your file");
        row.weightsHere = true;
    } else {
        const double megabytes = 4e-6 * static_cast<double>(info.parameters);
        const QString notHere = info.hub.empty() ? tr("Not here") : tr("Not here, %1 MB").arg(megabytes, 0, 'f', 0);
        row.weights = !row.weightsHere ? notHere : info.bundled ? tr("Bundled") : tr("Local file");
    }
}

void addLeaves(const engine::BlockInfo& block, double& values) {
    if (block.children.empty())
        values += static_cast<double>(block.output[0]) *
                  static_cast<double>(std::max<std::int64_t>(1, block.output[1])) *
                  static_cast<double>(std::max<std::int64_t>(1, block.output[2]));
    for (const auto& child : block.children)
        addLeaves(child, values);
}

// Of a program that cannot be read its name alone; what is wrong with it stands among the findings.
engine::BackboneInfo infoOf(const QString& backbone) {
    try {
        return engine::findBackbone(backbone.toStdString());
    } catch (const engine::Error&) {
        engine::BackboneInfo info;
        info.name = backbone.toStdString();
        info.family = "TorchScript";
        return info;
    }
}

QString shapeWords(const engine::BlockInfo& block) {
    QStringList sides;
    for (const auto side : block.output)
        if (side > 0)
            sides.append(QString::number(side));
    return sides.join(QStringLiteral(" × "));
}

} // namespace

QList<Suggestion> suggestedBackbones(const engine::Experiment& experiment, const ExperimentAnalysis& analysis) {
    QList<Suggestion> wanted = suggestionsFor(analysis.data().value());
    QStringList known;
    for (const auto& info : engine::backbones())
        known.append(words(info.name));
    wanted.removeIf([&](const Suggestion& one) { return !known.contains(one.name); });
    const auto holds = [&wanted](const QString& name) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const Suggestion& one) { return one.name == name; });
    };
    for (const auto& name : known)
        if (wanted.size() < kSuggested && !holds(name))
            wanted.append({name, {}, {}});
    const QString chosen = words(experiment.model.backbone);
    if (isOwnModel(chosen))
        wanted.last() = {chosen, tr("Your own"), tr("The TorchScript program %1").arg(chosen)};
    else if (!holds(chosen) && known.contains(chosen))
        wanted.last() = {chosen, tr("Your choice"), {}};
    if (const auto* machine = analysis.machine().value())
        std::stable_partition(wanted.begin(), wanted.end(),
                              [&](const Suggestion& one) { return machine->localWeights.contains(one.name); });
    return wanted;
}

QList<ui::BackboneRow> backboneRows(const engine::Experiment& experiment, const ExperimentAnalysis& analysis) {
    const QList<Suggestion> suggested = suggestedBackbones(experiment, analysis);
    const auto* speeds = analysis.speeds().value();
    const auto row = [&](const engine::BackboneInfo& info) {
        ui::BackboneRow made;
        made.name = words(info.name);
        made.family = words(info.family);
        made.parameters = info.parameters;
        made.flops = info.flops;
        made.imageSize = info.imageSize;
        made.imagenetTop1 = info.imagenetTop1;
        made.top1Source = words(info.imagenetSource);
        const Speed speed = speeds ? speeds->value(made.name) : Speed();
        made.picturesPerSecond = speed.perSecond;
        made.speedMeasured = speed.measured;
        made.licence = words(info.licence);
        sayWeights(made, experiment, info, analysis.machine().value());
        return made;
    };
    QList<ui::BackboneRow> rows;
    for (const auto& one : suggested) {
        rows.append(row(infoOf(one.name)));
        rows.last().suggested = true;
        rows.last().reason = one.reason;
        rows.last().reasonTip = one.tip;
    }
    for (const auto& info : engine::backbones())
        if (std::none_of(suggested.begin(), suggested.end(),
                         [&](const Suggestion& one) { return one.name == words(info.name); }))
            rows.append(row(info));
    return rows;
}

QList<ui::LayerRow> layerRows(const std::vector<engine::BlockInfo>& tree) {
    QList<ui::LayerRow> rows;
    for (const auto& block : tree) {
        double values = 0;
        addLeaves(block, values);
        rows.append({words(block.name), words(block.type), shapeWords(block), block.parameters, block.flops,
                     values * kBytesPerValue, layerRows(block.children)});
    }
    return rows;
}

QString backboneFacts(const engine::BackboneInfo& info) {
    QString facts = tr("%1 parameters · %2 at %3 px · names of %4")
                        .arg(ui::formatCount(static_cast<double>(info.parameters)), ui::formatFlops(info.flops))
                        .arg(info.imageSize)
                        .arg(words(info.source));
    if (info.imagenetTop1 > 0)
        facts +=
            QLatin1Char('\n') +
            tr("ImageNet top-1 %1 (%2)").arg(ui::formatPercent(info.imagenetTop1 / 100), words(info.imagenetSource));
    const QString where = words(engine::whereWeightsAre(info));
    return facts + QLatin1Char('\n') + tr("Usual weights: %1").arg(words(info.licence)) +
           (where.isEmpty() ? QString() : QLatin1Char('\n') + where);
}

} // namespace app
