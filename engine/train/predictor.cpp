#include "engine/api/predict.h"

#include "engine/api/error.h"
#include "engine/api/experiment.h"
#include "engine/data/imagefile.h"
#include "engine/data/preprocess.h"
#include "engine/device/computedevice.h"
#include "engine/freeze/frozenprefix.h"
#include "engine/task/task.h"
#include "engine/train/checkpoint.h"
#include "engine/train/evaluation.h"
#include "engine/train/finite.h"
#include "engine/train/heatmap.h"
#include "engine/train/place.h"
#include "engine/train/resolvedexperiment.h"
#include "engine/train/trainedmodel.h"
#include "engine/train/translate.h"

#include <chrono>
#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

double msSince(Clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

} // namespace

struct Predictor::Impl {
    Impl(std::unique_ptr<ComputeDevice> opened, const DeviceSettings& settings)
        : device(std::move(opened)), threads(threadsOf(settings)) {}

    std::unique_ptr<ComputeDevice> device;
    int threads;
    std::shared_ptr<Backbone> backbone;
    std::unique_ptr<FrozenPrefix> model; // all of the backbone, for inference; none: it is computed as it is
    std::vector<std::string> classes, notes;
    Preprocess preprocess;
    const Task* asked = &taskOf(tasks().front().name);
    std::vector<double> thresholds;

    [[nodiscard]] double thresholdOf(int label) const {
        const auto at = static_cast<std::size_t>(label);
        return at < thresholds.size() ? thresholds[at] : 0.5;
    }
    void freeze() { model = std::make_unique<FrozenPrefix>(*backbone, backbone->stages().size(), at::kFloat); }
    Prediction look(const fs::path& file, int topK);
    void moveToDevice() {
        if (device->answersAtOnce())
            return;
        const auto scope = device->enter();
        place(*backbone, *device);
        device->synchronize();
    }
    [[nodiscard]] RgbImage seen(const RgbImage& picture) const { return prepared(picture, preprocess); }
    // [1, 3, H, W] on the device
    [[nodiscard]] at::Tensor pixelsOf(const RgbImage& view) const {
        at::Tensor pixels = at::empty({1, view.height, view.width, 3}, at::kFloat);
        NormalisationTable(preprocess)
            .apply(view.pixels.data(), view.pixels.size() / 3, pixels.mutable_data_ptr<float>());
        return pixels.permute({0, 3, 1, 2});
    }
};

Prediction Predictor::Impl::look(const fs::path& file, int topK) {
    Prediction result{.file = file};
    try {
        const auto decoding = Clock::now();
        const RgbImage picture = ImageFile(file).decode();
        result.width = picture.width;
        result.height = picture.height;
        result.decodeMs = msSince(decoding);

        const auto preparing = Clock::now();
        const RgbImage view = seen(picture);
        const at::Tensor pixels = pixelsOf(view);
        result.prepareMs = msSince(preparing);

        const auto computing = Clock::now();
        const torch::NoGradGuard noGrad;
        const at::Tensor input = device->upload(pixels);
        const at::Tensor outputs = (model ? model->forward(input).value : backbone->forward(input)).to(at::kFloat);
        const at::Tensor probabilities = asked->probabilities(outputs)[0].cpu();
        if (!probabilities.isfinite().all().item<bool>()) {
            result.notANumber = true;
            result.problem = "has no answer: the model's values for it are not numbers. Use a model whose training did "
                             "not diverge.";
            return result;
        }
        const auto [values, indices] = probabilities.topk(std::min<std::int64_t>(topK, backbone->classes()));
        result.modelMs = msSince(computing);
        for (std::int64_t i = 0; i < values.size(0); ++i) {
            const int index = static_cast<int>(indices[i].item<std::int64_t>());
            const float probability = values[i].item<float>();
            result.top.push_back({index, classes[static_cast<std::size_t>(index)], probability,
                                  asked->info().exclusive ? i == 0 : probability >= thresholdOf(index)});
        }
    } catch (const Error& error) {
        result.problem = error.what();
    }
    return result;
}

// On the device that the run names; a run may have come from another machine.
std::unique_ptr<Predictor::Impl> Predictor::implFor(const fs::path& runFolder) {
    const DeviceSettings devices = readExperiment(runFolder / "experiment.toml").devices;
    try {
        return std::make_unique<Impl>(openDevice(devices.use), devices);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::Device)
            throw;
        auto impl = std::make_unique<Impl>(openDevice({}), DeviceSettings());
        impl->notes.push_back(fmt::format("{} The model runs on {}.", error.what(), impl->device->info().id));
        return impl;
    }
}

Predictor::Predictor(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

Predictor predictorOf(const TrainedModel& model) {
    const std::vector<std::string> cpu{"cpu"};
    auto impl = std::make_unique<Predictor::Impl>(openDevice(cpu), DeviceSettings());
    impl->classes = model.description.classes;
    impl->asked = &taskOf(model.description.task);
    impl->thresholds = model.description.thresholds;
    impl->backbone = model.backbone;
    impl->preprocess = model.description.preprocess;
    impl->notes = model.notes;
    return Predictor(std::move(impl));
}

Predictor Predictor::fromRun(const fs::path& runFolder) {
    try {
        const fs::path checkpoint = modelCheckpoint(runFolder);
        const TrainedModel model = loadTrainedModel(checkpoint);
        if (const std::string tensor = notFinite(*model.backbone); !tensor.empty())
            throw Error(
                ErrorKind::Diverged,
                fmt::format("The model of {} is spoilt: {} in its checkpoint {} holds values that are not finite "
                            "numbers.",
                            runFolder.filename().string(), tensor, fs::canonical(checkpoint).filename().string()),
                "Train again with a lower learning rate.");
        auto impl = implFor(runFolder);
        impl->classes = model.description.classes;
        impl->asked = &taskOf(model.description.task);
        impl->thresholds = model.description.thresholds;
        impl->backbone = model.backbone;
        impl->preprocess = model.description.preprocess;
        impl->moveToDevice();
        impl->freeze();
        return Predictor(std::move(impl));
    } catch (...) {
        throw translated(std::current_exception());
    }
}

Predictor Predictor::fromBackbone(const std::string& backbone, const fs::path& weights, const fs::path& labels) {
    try {
        auto impl = std::make_unique<Impl>(openDevice({}), DeviceSettings());
        const TrainedModel model = loadClassifier(backbone, weights, labels);
        impl->backbone = model.backbone;
        impl->preprocess = model.description.preprocess;
        impl->classes = model.description.classes;
        impl->notes = model.notes;
        impl->moveToDevice();
        impl->freeze();
        for (int i = static_cast<int>(impl->classes.size()); i < impl->backbone->classes(); ++i)
            impl->classes.push_back(std::to_string(i)); // without names
        return Predictor(std::move(impl));
    } catch (...) {
        throw translated(std::current_exception());
    }
}

const std::vector<std::string>& Predictor::classNames() const { return m_impl->classes; }
const TaskInfo& Predictor::task() const { return m_impl->asked->info(); }
const std::vector<std::string>& Predictor::notes() const { return m_impl->notes; }

std::vector<Prediction> Predictor::predict(std::span<const fs::path> files, int topK, std::stop_token stop) {
    at::set_num_threads(m_impl->threads);
    std::vector<Prediction> result;
    try {
        const auto scope = m_impl->device->enter();
        for (const fs::path& file : files) {
            if (stop.stop_requested())
                break;
            result.push_back(m_impl->look(file, topK));
        }
    } catch (...) {
        throw translated(std::current_exception());
    }
    return result;
}

HeatMap Predictor::heatMap(const fs::path& file, int label, HeatMethod method) {
    at::set_num_threads(m_impl->threads);
    const RgbImage view = m_impl->seen(ImageFile(file).decode());
    try {
        const auto scope = m_impl->device->enter();
        const at::Tensor pixels = m_impl->device->upload(m_impl->pixelsOf(view));
        return method == HeatMethod::GradCam ? gradCam(*m_impl->backbone, pixels, label)
                                             : attentionRollout(*m_impl->backbone, pixels);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

RgbImage Predictor::asModelSees(const fs::path& file) const { return m_impl->seen(ImageFile(file).decode()); }

} // namespace engine
