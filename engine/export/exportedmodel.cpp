#include "engine/export/exportedmodel.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/export/onnxnetwork.h"
#include "engine/export/onnxruntime.h"
#include "engine/export/torchscriptfile.h"
#include "engine/models/load.h"
#include "engine/models/script/scriptfile.h"
#include "engine/train/trainedmodel.h"

#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/version.h>

#include <fmt/format.h>

namespace engine {
namespace {

// As torch::jit::load() opens it anywhere.
class ExportedProgram final : public ExportedModel {
public:
    ExportedProgram(const std::filesystem::path& file, ExportInput input)
        : m_module(loadProgram(file, ProgramNumbers::AsStored)),
          m_prefix(input == ExportInput::Pictures ? "network." : "") {
        m_module.eval();
    }
    at::Tensor outputs(const at::Tensor& input) override { return run(m_module, input); }
    at::Tensor logits(const at::Tensor& pixels) override {
        torch::jit::Module network = m_prefix.empty() ? m_module : m_module.attr("network").toModule();
        return run(network, pixels.contiguous());
    }
    [[nodiscard]] std::string runtime() const override { return "LibTorch " TORCH_VERSION; }
    [[nodiscard]] std::map<std::string, at::Tensor> parameters() const override {
        std::map<std::string, at::Tensor> all;
        const auto add = [&](const auto& items) {
            for (const auto& item : items)
                if (item.name.starts_with(m_prefix))
                    all.emplace(item.name.substr(m_prefix.size()), item.value);
        };
        add(m_module.named_parameters());
        add(m_module.named_buffers());
        return all;
    }

private:
    static at::Tensor run(torch::jit::Module& module, const at::Tensor& input) {
        const torch::NoGradGuard noGrad;
        const torch::jit::GraphOptimizerEnabledGuard plain(false); // nothing is compiled for a few pictures
        return module.forward({input}).toTensor();
    }

    torch::jit::Module m_module;
    std::string m_prefix;
};

// Parameters alone: Thaw's own reader of other libraries' files gives them back to the backbone.
class ExportedWeights final : public ExportedModel {
public:
    ExportedWeights(const std::filesystem::path& file, const std::string& backbone)
        : m_model(loadClassifier(backbone, file, {})) {}
    at::Tensor outputs(const at::Tensor& input) override {
        const torch::NoGradGuard noGrad;
        return m_model.backbone->forward(input);
    }
    [[nodiscard]] std::string runtime() const override { return "Thaw, from the file's tensors"; }

private:
    TrainedModel m_model;
};

class ExportedOnnx final : public ExportedModel {
public:
    ExportedOnnx(const std::filesystem::path& file, ExportInput input)
        : m_file(file), m_session(file, at::get_num_threads()), m_input(input) {}
    at::Tensor outputs(const at::Tensor& input) override {
        return m_input == ExportInput::Pictures ? m_session.run("pictures", input, "probabilities")
                                                : m_session.run("pixels", input, "logits");
    }
    at::Tensor logits(const at::Tensor& pixels) override {
        if (m_input != ExportInput::Pictures)
            return outputs(pixels.contiguous());
        if (!m_network) {
            const std::string bytes = networkWithoutPreparation(readFile(m_file));
            m_network = std::make_unique<OnnxSession>(std::string_view(bytes), at::get_num_threads());
        }
        return m_network->run("pixels", pixels.contiguous(), "logits");
    }
    [[nodiscard]] std::string runtime() const override { return "ONNX Runtime " + OnnxRuntime::shared().version(); }

private:
    std::filesystem::path m_file;
    OnnxSession m_session;
    std::unique_ptr<OnnxSession> m_network; // without the preparation
    ExportInput m_input;
};

} // namespace

std::string whyNotComputed(ExportFormat format, const std::string& backbone, int imageSize) {
    if (format == ExportFormat::Onnx && OnnxRuntime::library().empty()) {
        const Error missing = OnnxRuntime::notHere();
        return fmt::format("{} {}", missing.what(), missing.remedy());
    }
    if (exportFormat(format).computes)
        return {};
    // Positions are resampled to the grid of the pictures that the file is for; back again they would be others.
    const BackboneInfo& info = findBackbone(backbone);
    const bool positions = info.family == "ViT" || info.family == "DeiT";
    if (!positions || imageSize == info.imageSize)
        return {};
    return fmt::format(
        "Its position embeddings are for pictures of {} pixels, which only the library it is written for "
        "loads as they are. Export it as torchscript to have it compared.",
        imageSize);
}

std::unique_ptr<ExportedModel> openExported(const std::filesystem::path& folder, const ExportFacts& facts,
                                            const std::string& backbone) {
    const std::filesystem::path file = folder / facts.file;
    const bool computes = exportFormat(facts.format).computes;
    const int size = computes ? 0 : statedPreprocess(file).imageSize.value_or(findBackbone(backbone).imageSize);
    if (const std::string why = whyNotComputed(facts.format, backbone, size); !why.empty())
        throw Error(ErrorKind::NotFound, why);
    if (facts.format == ExportFormat::TorchScript)
        return std::make_unique<ExportedProgram>(file, facts.input);
    if (facts.format == ExportFormat::Onnx)
        return std::make_unique<ExportedOnnx>(file, facts.input);
    return std::make_unique<ExportedWeights>(file, backbone);
}

} // namespace engine
