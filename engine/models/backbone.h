#pragma once

#include "engine/api/catalog.h"
#include "engine/base/torchheader.h"
#include "engine/models/init.h"
#include "engine/models/numerics.h"
#include "engine/models/signal.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// One step of a backbone in forward order; the unit of freezing.
struct Stage {
    std::string name;                 // "layer1", "blocks.4", "classifier"
    std::vector<std::string> modules; // paths of the modules and single parameters that it owns: {"conv1", "bn1"}
    StageFunction forward;            // valid as long as the backbone
    bool poolsFirst = false; // begins with a global average pooling: [N, C, 1, 1], pooled before, will do as well
};

// A classifier of pictures as a chain of stages; the last one is the head. Parameters carry the names of the reference
// library's state dict (BackboneInfo::source). Like every torch module it belongs to one thread at a time.
class Backbone : public torch::nn::Module {
public:
    // pixels: [N, 3, H, W], normalised with the info's mean and deviation; returns logits [N, classes].
    // H and W may differ from the info's imageSize where the architecture allows it (at least 32 pixels).
    [[nodiscard]] at::Tensor forward(const at::Tensor& pixels);
    // forward() is the fold over these. Every parameter belongs to exactly one stage.
    [[nodiscard]] virtual std::vector<Stage> stages() = 0;
    [[nodiscard]] const BackboneInfo& info() const { return m_info; }
    [[nodiscard]] int classes() const { return m_classes; }
    // How it computes where its weights' library computes otherwise than the info's source. At first, and after
    // numerics that say what is so anyway, nothing is said.
    [[nodiscard]] const Numerics& numerics() const { return m_numerics; }
    void setNumerics(const Numerics& numerics);
    // The law from which the reference library draws the convolution or linear layer at `path`; others start as torch
    // has them. Here: convolutions normal by fan-out, linear layers torch's own law.
    [[nodiscard]] virtual Init initOf(std::string_view path, const at::Tensor& weight) const;
    // The law of a parameter outside such layers ("pos_embed"); none where it keeps what its module gave it.
    [[nodiscard]] virtual std::optional<Init> initOfParameter(std::string_view name, const at::Tensor& value) const;

protected:
    Backbone(const BackboneInfo& info, int classes) : m_info(info), m_classes(classes) {}

private:
    const BackboneInfo& m_info; // a row of the table, which lives as long as the program
    int m_classes;
    Numerics m_numerics;
    std::vector<double> m_ownEpsilons;  // of its normalisations in order, from the first setNumerics() on
    std::vector<Padding> m_ownPaddings; // of its convolutions
};

// `classes` 0: the original head (1,000 classes; 10 for the CIFAR networks). Parameters are drawn by the reference
// library's scheme, each from its own generator (seed, name): the same seed gives the same parameters on every run. On
// the CPU, fp32, train mode. Throws Error(BadInput) for an unknown name or a negative number of classes. Any thread.
[[nodiscard]] std::shared_ptr<Backbone> makeBackbone(std::string_view name, int classes, std::uint64_t seed);

// As makeBackbone(), but with parameters of undefined value: for whoever fills or counts them all.
[[nodiscard]] std::shared_ptr<Backbone> buildBackbone(const BackboneInfo& info, int classes);
// Another of the same, which computes alike.
[[nodiscard]] std::shared_ptr<Backbone> buildLike(const Backbone& backbone);

} // namespace engine
