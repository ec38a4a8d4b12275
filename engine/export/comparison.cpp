#include "engine/export/comparison.h"

#include "engine/api/error.h"
#include "engine/base/hash.h"
#include "engine/data/dataset.h"
#include "engine/data/imagefile.h"
#include "engine/data/preprocess.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/task/task.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <span>

namespace engine {
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kDrawn = 16;
constexpr std::size_t kBatch = 8;

RgbImage drawn(int side, std::uint64_t seed) {
    RgbImage picture{.width = side + side / 4, .height = side + side / 8, .pixels = {}};
    picture.pixels.resize(static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3);
    SplitMix random(seed);
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
        const double wave = std::sin(0.001 * static_cast<double>(i * (seed + 1)));
        picture.pixels[i] =
            static_cast<std::uint8_t>(std::lround(127 + 80 * wave) + static_cast<long>(random.next() >> 58) - 32);
    }
    return picture;
}

at::Tensor bytesOf(const RgbImage& picture) {
    return at::from_blob(const_cast<std::uint8_t*>(picture.pixels.data()), {1, picture.height, picture.width, 3},
                         at::kByte)
        .clone();
}

at::Tensor pixelsOf(const RgbImage& picture, const Preprocess& preprocess) {
    const RgbImage view = prepared(picture, preprocess);
    at::Tensor pixels = at::empty({1, view.height, view.width, 3}, at::kFloat);
    NormalisationTable(preprocess).apply(view.pixels.data(), view.pixels.size() / 3, pixels.mutable_data_ptr<float>());
    return pixels.permute({0, 3, 1, 2});
}

template <typename Compute>
at::Tensor timed(double& ms, Compute compute) {
    const auto begin = Clock::now();
    at::Tensor result = compute();
    ms += std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
    return result;
}

// What a person is told: the class, or every label's yes and no.
at::Tensor answersOf(const at::Tensor& probabilities, const ModelDescription& description) {
    if (taskOf(description.task).info().exclusive)
        return probabilities.argmax(1, true);
    std::vector<double> thresholds = description.thresholds;
    thresholds.resize(static_cast<std::size_t>(probabilities.size(1)), 0.5);
    return probabilities.ge(at::tensor(thresholds));
}

// One batch by both.
class Comparing final {
public:
    Comparing(Certificate& certificate, ExportedModel& exported, const ExportFacts& facts, const TrainedModel& model)
        : m_certificate(certificate),
          m_exported(exported),
          m_input(facts.input),
          m_description(model.description),
          m_backbone(*model.backbone),
          m_thaw(*model.backbone, model.backbone->stages().size(), at::kFloat) {}

    void look(std::span<const RgbImage> pictures) {
        std::vector<at::Tensor> pixels;
        for (const RgbImage& picture : pictures)
            pixels.push_back(pixelsOf(picture, m_description.preprocess));
        const at::Tensor batch = at::cat(pixels);
        const Task& task = taskOf(m_description.task);
        const at::Tensor thaw = timed(m_certificate.thawMsPerPicture, [&] { return m_thaw.forward(batch).value; });
        const bool pictured = m_input == ExportInput::Pictures;
        at::Tensor theirs = timed(m_certificate.msPerPicture, [&] {
            return pictured ? byPicture(pictures) : m_exported.outputs(batch.contiguous());
        });
        requireShape(theirs, thaw);
        const at::Tensor mine = answersOf(task.probabilities(thaw), m_description);
        const at::Tensor other = answersOf(pictured ? theirs : task.probabilities(theirs), m_description);
        const auto comparable = [&](const at::Tensor& outputs) {
            return pictured ? task.probabilities(outputs) : outputs;
        };
        const double largest = comparable(thaw).abs().max().item<double>();
        double difference = (theirs - comparable(thaw)).abs().max().item<double>();
        // Thaw computes with normalisation folded into the convolutions; where that alone rounds this much, the network
        // as it was trained is as good a measure.
        if (!(difference <= m_certificate.tolerance * std::max(1.0, largest)))
            difference = std::min(difference, (theirs - comparable(unfolded(batch))).abs().max().item<double>());
        add(difference, largest);
        m_certificate.agreeing += mine.eq(other).all(1).sum().item<std::int64_t>();
        m_certificate.pictures += static_cast<std::int64_t>(pictures.size());
    }

private:
    at::Tensor unfolded(const at::Tensor& batch) {
        Signal signal = batch;
        for (const Stage& stage : m_backbone.stages())
            signal = stage.forward(signal);
        return signal.value;
    }
    // Their sizes differ.
    at::Tensor byPicture(std::span<const RgbImage> pictures) {
        std::vector<at::Tensor> rows;
        for (const RgbImage& picture : pictures)
            rows.push_back(m_exported.outputs(bytesOf(picture)));
        return at::cat(rows);
    }
    static void requireShape(const at::Tensor& theirs, const at::Tensor& thaw) {
        if (theirs.sizes() != thaw.sizes())
            throw Error(ErrorKind::Internal, "The exported file gives another number of outputs than the run's model.",
                        "Nothing was left behind; this is a fault in Thaw.");
    }
    // No number is as far away as can be.
    void add(double difference, double output) {
        const double least = std::isnan(difference) ? std::numeric_limits<double>::infinity() : difference;
        m_certificate.largestDifference = std::max(m_certificate.largestDifference, least);
        m_certificate.largestOutput = std::max(m_certificate.largestOutput, output);
    }

    Certificate& m_certificate;
    ExportedModel& m_exported;
    ExportInput m_input;
    const ModelDescription& m_description;
    Backbone& m_backbone;
    FrozenPrefix m_thaw;
};

} // namespace

ComparedPictures picturesOf(const fs::path& run, const Preprocess& preprocess, std::size_t most) {
    ComparedPictures found;
    try {
        const ImageFolder folder = openData(readExperiment(run / "experiment.toml"));
        const std::size_t all = folder.validation.size(), count = std::min(all, most);
        for (std::size_t i = 0; i < count; ++i) {
            try {
                found.pictures.push_back(ImageFile(folder.root, folder.validation[i * all / count]).decode());
            } catch (const Error&) { // a damaged picture; training passed it over as well
                continue;
            }
        }
    } catch (const Error&) { // the data are elsewhere by now
        found.pictures.clear();
    }
    found.madeUp = found.pictures.empty();
    for (std::uint64_t seed = 0; found.madeUp && seed < kDrawn; ++seed)
        found.pictures.push_back(drawn(preprocess.imageSize, seed));
    return found;
}

void compare(Certificate& certificate, ExportedModel& exported, const ExportFacts& facts, const TrainedModel& model,
             const ComparedPictures& pictures, ProgressSink* progress) {
    const torch::NoGradGuard noGrad;
    certificate.runtime = exported.runtime();
    certificate.madeUp = pictures.madeUp;
    certificate.tolerance = toleranceOf(facts.precision, facts.input);
    Comparing comparing(certificate, exported, facts, model);
    const std::span<const RgbImage> all(pictures.pictures);
    for (std::size_t at = 0; at < all.size(); at += kBatch) {
        comparing.look(all.subspan(at, std::min(kBatch, all.size() - at)));
        if (progress != nullptr)
            progress->onProgress({.phase = Phase::Validating, .step = certificate.pictures, .steps = std::ssize(all)});
    }
    const double count = static_cast<double>(std::max<std::int64_t>(1, certificate.pictures));
    certificate.msPerPicture /= count;
    certificate.thawMsPerPicture /= count;
}

std::string firstDifference(const ExportedModel& exported, Backbone& backbone) {
    const auto theirs = exported.parameters();
    const auto parameters = backbone.named_parameters(), buffers = backbone.named_buffers();
    const auto differs = [&](const auto& item) {
        const auto found = theirs.find(item.key());
        return found == theirs.end() || found->second.sizes() != item.value().sizes() ||
               !(at::equal(found->second, item.value()) ||
                 at::equal(found->second, item.value().to(found->second.scalar_type())));
    };
    for (const Stage& stage : backbone.stages())
        for (const std::string& owner : stage.modules)
            for (const auto* tensors : {&parameters, &buffers})
                for (const auto& item : *tensors)
                    if ((item.key() == owner || item.key().starts_with(owner + '.')) && differs(item))
                        return theirs.empty() ? std::string() : stage.name;
    return {};
}

} // namespace engine
