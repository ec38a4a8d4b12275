#pragma once

#include "engine/base/torchheader.h"
#include "engine/models/numerics.h"
#include "engine/ops/activate.h"

#include <functional>
#include <optional>

namespace engine {

struct ConvOptions {
    std::int64_t in = 0;
    std::int64_t out = 0;
    std::int64_t kernel = 1;
    std::int64_t stride = 1;
    std::int64_t padding = 0; // pixels on each side; not used where Same
    std::int64_t groups = 1;
    Padding kind = Padding::Fixed;
};

using BatchNorm = torch::nn::BatchNorm2d;
[[nodiscard]] BatchNorm batchNorm(std::int64_t channels, double epsilon = 1e-5, double momentum = 0.1);

// What is done to a layer's output before anyone else sees it, in this order.
struct Tail {
    BatchNorm norm{nullptr};
    at::Tensor added; // a shortcut; undefined: none
    Activation activation = Activation::None;
};

// `value` [N, C, H, W] normalized, added to and activated; without a normalisation in place. On a GPU in training all
// of it is one operator.
[[nodiscard]] at::Tensor finished(at::Tensor value, const Tail& tail);

// Convolution whose parameters start undefined in value: makeBackbone() draws them once, by one seed, instead of
// torch's constructor from the process-wide generator.
class Conv2dImpl final : public torch::nn::Module {
public:
    enum class Bias { None, Learned };
    explicit Conv2dImpl(const ConvOptions& options, Bias withBias = Bias::None);
    at::Tensor forward(const at::Tensor& input); // [N, in, H, W] → [N, out, H', W']
    // Also says that the tail's normalisation belongs to this convolution alone.
    at::Tensor forwardWith(const at::Tensor& input, const Tail& tail);
    // Of dropoutOf(input, p, training); in training one pass over the input where the convolution is 1×1.
    at::Tensor forwardDropped(const at::Tensor& input, double p, bool training, const Tail& tail);
    const ConvOptions& options() const { return m_options; }
    void padAs(Padding kind) { m_options.kind = kind; }

    // For copies that only infer: from now on it computes in `type`, as one operator with its tail, with the
    // normalisation's running statistics as they are at the first call. Parameters stay as they are.
    void fold(at::ScalarType type);
    [[nodiscard]] bool folds() const { return m_foldedType.has_value(); }

    at::Tensor weight; // [out, in / groups, kernel, kernel]
    at::Tensor bias;   // [out] or undefined

private:
    struct Padded {
        at::Tensor input;
        std::int64_t padding;
    };
    [[nodiscard]] Padded padded(const at::Tensor& input) const;
    void foldOnce(const BatchNorm& norm);
    void report(const at::Tensor& output) const;
    [[nodiscard]] at::Tensor forwardFolded(const at::Tensor& input, const Tail& tail);

    ConvOptions m_options;
    std::optional<at::ScalarType> m_foldedType;
    at::Tensor m_foldedWeight, m_foldedBias;
};
TORCH_MODULE(Conv2d);

// A layer that multiplies by a matrix and may learn a low-rank addition to it beside it: W + scale · B · A.
class AdaptableLayer {
public:
    AdaptableLayer() = default;
    AdaptableLayer(const AdaptableLayer&) = delete;
    AdaptableLayer& operator=(const AdaptableLayer&) = delete;
    virtual ~AdaptableLayer() = default;

    [[nodiscard]] virtual at::Tensor matrix() const = 0; // W [out, in]; undefined: this one has none
    // Registers lora_A.weight [rank, in], which is returned for the caller to draw, and lora_B.weight [out, rank],
    // zero.
    at::Tensor addAdapter(std::int64_t rank, double scale);
    void mergeAdapter(); // into W; nothing where there is none

protected:
    [[nodiscard]] at::Tensor adapted(const at::Tensor& output, const at::Tensor& input) const;

private:
    [[nodiscard]] virtual torch::nn::Module& self() = 0;

    at::Tensor m_a, m_b;
    double m_scale = 0;
};

// Fully connected layer; undefined in value like Conv2d.
class LinearImpl final : public torch::nn::Module, public AdaptableLayer {
public:
    enum class Bias { None, Learned };
    LinearImpl(std::int64_t in, std::int64_t out, Bias withBias = Bias::Learned);
    at::Tensor forward(const at::Tensor& input); // [..., in] → [..., out]
    [[nodiscard]] at::Tensor matrix() const override { return weight; }

    at::Tensor weight; // [out, in]
    at::Tensor bias;   // [out] or undefined

private:
    [[nodiscard]] torch::nn::Module& self() override { return *this; }
};
TORCH_MODULE(Linear);

[[nodiscard]] torch::nn::LayerNorm layerNorm(std::int64_t channels, double epsilon);

// Stochastic depth (Huang et al. 2016): drops a branch [N, …] for whole pictures and scales up what is kept.
[[nodiscard]] at::Tensor dropPath(const at::Tensor& branch, double probability);

// While it lives, every layer of this thread reports what it did: module, output, multiply-adds × 2.
class LayerTrace final {
public:
    using Report = std::function<void(const torch::nn::Module*, const at::Tensor&, double)>;
    explicit LayerTrace(Report report);
    ~LayerTrace();
    LayerTrace(const LayerTrace&) = delete;
    LayerTrace& operator=(const LayerTrace&) = delete;

private:
    Report m_report;
    const Report* m_outer;
};

// For arithmetic outside a layer (attention); a layer reports by itself.
void reportLayer(const torch::nn::Module* module, const at::Tensor& output, double flops);

// Registers `module` under `name` in `parent` and returns it.
template <typename Holder>
Holder child(torch::nn::Module& parent, const std::string& name, Holder module) {
    return parent.register_module(name, module);
}
// A module that only groups others under a path ("features.3").
[[nodiscard]] std::shared_ptr<torch::nn::Module> group(torch::nn::Module& parent, const std::string& name);

} // namespace engine
