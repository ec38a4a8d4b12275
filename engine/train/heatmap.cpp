#include "engine/train/heatmap.h"

#include "engine/models/attentionwatch.h"

#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace engine {
namespace {

// How a stage's output lies over the picture.
enum class Lies { Nowhere, ChannelsFirst, ChannelsLast, Sequence };

struct Form {
    Lies lies = Lies::Nowhere;
    std::int64_t side = 0;   // of the map
    std::int64_t before = 0; // tokens of a sequence that are no patches: of the class, of a teacher
};

constexpr std::int64_t kMostOtherTokens = 2;

Form formOf(const at::Tensor& output) {
    if (output.dim() == 3) {
        const std::int64_t length = output.size(1);
        const auto side = static_cast<std::int64_t>(std::sqrt(static_cast<double>(length)));
        const std::int64_t before = length - side * side;
        return side > 1 && before <= kMostOtherTokens ? Form{Lies::Sequence, side, before} : Form{};
    }
    if (output.dim() != 4)
        return {};
    if (output.size(2) == output.size(3) && output.size(2) > 1)
        return {Lies::ChannelsFirst, output.size(2), 0};
    if (output.size(1) == output.size(2) && output.size(1) > 1)
        return {Lies::ChannelsLast, output.size(1), 0};
    return {};
}

// [C, side, side]
at::Tensor asMap(const at::Tensor& values, const Form& form) {
    switch (form.lies) {
    case Lies::ChannelsLast:
        return values[0].permute({2, 0, 1});
    case Lies::Sequence:
        return values[0].slice(0, form.before).t().reshape({-1, form.side, form.side});
    default:
        return values[0];
    }
}

// The weights' ReLU'd sum, its greatest value 1; undefined where no place counts.
at::Tensor weighed(const at::Tensor& activation, const at::Tensor& gradient, const Form& form) {
    const at::Tensor slope = asMap(gradient, form), map = asMap(activation, form);
    if (!slope.isfinite().all().item<bool>() || slope.abs().max().item<float>() == 0)
        return {};
    const at::Tensor weights = slope.mean({1, 2}, true);
    const at::Tensor heat = (weights * map).sum(0).relu();
    const at::Tensor most = heat.max();
    return most.item<float>() > 0 ? heat / most : heat;
}

// What the stages from `first` on make of a signal.
Signal rest(const std::vector<Stage>& stages, std::size_t first, Signal signal) {
    for (std::size_t i = first; i < stages.size(); ++i)
        signal = stages[i].forward(signal);
    return signal;
}

at::Tensor slopeAt(const std::vector<Stage>& stages, std::size_t stage, const Signal& output, int label) {
    const at::AutoGradMode withGradients(true);
    const at::Tensor leaf = output.value.detach().clone().requires_grad_();
    const at::Tensor logits = rest(stages, stage + 1, {leaf.clone(), output.mask}).value; // a stage may work in place
    return torch::autograd::grad({logits[0][label].to(at::kFloat)}, {leaf}, {}, false, false, true).front();
}

HeatMap asHeatMap(const at::Tensor& heat, const std::string& block) {
    const at::Tensor values = heat.to(at::kFloat).cpu().contiguous();
    HeatMap map{.width = static_cast<int>(values.size(1)), .height = static_cast<int>(values.size(0)), .block = block};
    map.values.assign(values.const_data_ptr<float>(), values.const_data_ptr<float>() + values.numel());
    return map;
}

} // namespace

HeatMap gradCam(Backbone& backbone, const at::Tensor& pixels, int label) {
    const std::vector<Stage> stages = backbone.stages();
    std::vector<Signal> outputs;
    {
        const torch::NoGradGuard noGrad;
        Signal signal(pixels);
        for (const Stage& stage : stages)
            outputs.push_back(signal = stage.forward(Signal(signal.value.clone(), signal.mask)));
    }
    if (label < 0)
        label = static_cast<int>(outputs.back().value[0].argmax().item<std::int64_t>());
    for (std::size_t i = stages.size() - 1; i-- > 0;) {
        const Form form = formOf(outputs[i].value);
        if (form.lies == Lies::Nowhere)
            continue;
        const at::Tensor slope = slopeAt(stages, i, outputs[i], label);
        if (!slope.defined())
            continue;
        if (const at::Tensor heat = weighed(outputs[i].value, slope, form); heat.defined())
            return asHeatMap(heat, stages[i].name);
    }
    return {.problem = "This network makes no map of the picture on which its answer depends."};
}

HeatMap attentionRollout(Backbone& backbone, const at::Tensor& pixels) {
    const torch::NoGradGuard noGrad;
    std::vector<at::Tensor> blocks;
    {
        const AttentionWatch watch;
        (void)backbone.forward(pixels);
        blocks = watch.blocks();
    }
    const std::vector<Stage> stages = backbone.stages();
    if (blocks.empty())
        return {.problem =
                    "No block of this network looks at the whole picture at once: it has no attention to roll out. "
                    "Grad-CAM shows what speaks for its answer."};
    const std::int64_t tokens = blocks.front().size(-1);
    const Form form = formOf(at::empty({1, tokens, 1}));
    if (form.lies != Lies::Sequence || form.before == 0)
        return {.problem = "The tokens of this network are no square of patches with one of the class before it."};
    const at::Tensor same = at::eye(tokens, blocks.front().options());
    at::Tensor reaches = same;
    for (const at::Tensor& block : blocks)
        reaches = at::matmul((block.mean(0) + same) / 2, reaches);
    const at::Tensor heat = reaches[0].slice(0, form.before).reshape({form.side, form.side});
    // The embedding comes before the blocks, the head behind them.
    const std::string first = stages.size() > 2 ? stages[1].name : "",
                      last = stages.size() > 2 ? stages[stages.size() - 2].name : "";
    return asHeatMap(heat / heat.max(), first + " – " + last);
}

} // namespace engine
