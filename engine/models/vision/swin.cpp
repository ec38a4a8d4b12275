#include "engine/models/vision/swin.h"

#include "engine/models/layers.h"

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kSwinNormEpsilon = 1e-5;
constexpr std::int64_t kSwinPatch = 4;
constexpr std::int64_t kWindow = 7;
constexpr std::int64_t kTokens = kWindow * kWindow;
constexpr std::int64_t kSpan = 2 * kWindow - 1; // distances from -6 to 6
constexpr std::int64_t kWidth = 96;
constexpr std::array<std::int64_t, 4> kHeads{3, 6, 12, 24};
constexpr double kMasked = -100; // added to the scores of pixels that are no neighbours

struct SwinLayout {
    std::array<int, 4> depths;
    double dropPath; // of the last block; grows from 0 linearly
};

SwinLayout swinLayoutOf(const std::string& name) {
    return name == "swin_t" ? SwinLayout{{2, 2, 6, 2}, 0.2} : SwinLayout{{2, 2, 18, 2}, 0.3};
}

// Where in the table of biases each pair of a window's pixels finds its own: [49 · 49].
at::Tensor pairIndex() {
    const at::Tensor pixel = at::arange(kTokens, at::kLong);
    const at::Tensor row = at::floor_divide(pixel, kWindow), column = at::remainder(pixel, kWindow);
    const at::Tensor down = row.unsqueeze(1) - row.unsqueeze(0) + kWindow - 1;
    const at::Tensor right = column.unsqueeze(1) - column.unsqueeze(0) + kWindow - 1;
    return (down * kSpan + right).flatten();
}

// [N, R·7, K·7, C] → [N, R·K, 49, C]
at::Tensor windowsOf(const at::Tensor& pixels) {
    const std::int64_t rows = pixels.size(1) / kWindow, columns = pixels.size(2) / kWindow;
    return pixels.reshape({pixels.size(0), rows, kWindow, columns, kWindow, -1})
        .permute({0, 1, 3, 2, 4, 5})
        .reshape({pixels.size(0), rows * columns, kTokens, -1});
}

at::Tensor pixelsOf(const at::Tensor& windows, std::int64_t height, std::int64_t width) {
    return windows.reshape({windows.size(0), height / kWindow, width / kWindow, kWindow, kWindow, -1})
        .permute({0, 1, 3, 2, 4, 5})
        .reshape({windows.size(0), height, width, -1});
}

// Which part of a shifted side a pixel comes from: 0 … 2.
at::Tensor partsOf(std::int64_t side, std::int64_t shift, const at::TensorOptions& options) {
    at::Tensor parts = at::zeros({side}, options);
    if (shift > 0) {
        parts.slice(0, side - kWindow, side - shift).fill_(1);
        parts.slice(0, side - shift, side).fill_(2);
    }
    return parts;
}

// 0 between neighbours, kMasked between pixels that only the shift brought together: [windows, 1, 49, 49].
at::Tensor shiftMask(std::int64_t height, std::int64_t width, std::array<std::int64_t, 2> shift,
                     const at::TensorOptions& options) {
    const at::Tensor parts =
        3 * partsOf(height, shift[0], options).unsqueeze(1) + partsOf(width, shift[1], options).unsqueeze(0);
    const at::Tensor window = windowsOf(parts.reshape({1, height, width, 1})).squeeze(0).squeeze(-1);
    return (window.unsqueeze(1) != window.unsqueeze(2)).to(options.dtype()).mul_(kMasked).unsqueeze(1);
}

// Attention within windows of 7 × 7 pixels, with a learned bias for each distance; in every second block the windows
// are shifted by half their side.
class WindowAttention final : public torch::nn::Module {
public:
    WindowAttention(std::int64_t width, std::int64_t heads, std::int64_t shift)
        : torch::nn::Module(shift > 0 ? "shifted window attention" : "window attention"),
          m_heads(heads),
          m_shift(shift) {
        m_biases = register_parameter("relative_position_bias_table", at::empty({kSpan * kSpan, heads}));
        m_index = register_buffer("relative_position_index", pairIndex());
        m_joint = child(*this, "qkv", Linear(width, 3 * width));
        m_project = child(*this, "proj", Linear(width, width));
    }

    // [N, H, W, C] → the same shape
    at::Tensor forward(const at::Tensor& input) {
        const std::int64_t height = input.size(1), width = input.size(2);
        const std::int64_t bottom = (kWindow - height % kWindow) % kWindow,
                           right = (kWindow - width % kWindow) % kWindow;
        at::Tensor pixels = bottom + right > 0 ? at::constant_pad_nd(input, {0, 0, 0, right, 0, bottom}, 0) : input;
        const std::int64_t high = height + bottom, wide = width + right;
        const std::array<std::int64_t, 2> shift{high > kWindow ? m_shift : 0, wide > kWindow ? m_shift : 0};
        const bool shifted = shift[0] + shift[1] > 0;
        at::Tensor bias =
            m_biases.index_select(0, m_index).view({kTokens, kTokens, m_heads}).permute({2, 0, 1}).unsqueeze(0);
        if (shifted) {
            pixels = pixels.roll({-shift[0], -shift[1]}, {1, 2});
            bias = bias + shiftMask(high, wide, shift, bias.options().requires_grad(false));
        }
        pixels = pixelsOf(attend(windowsOf(pixels), bias), high, wide);
        if (shifted)
            pixels = pixels.roll({shift[0], shift[1]}, {1, 2});
        return bottom + right > 0 ? pixels.slice(1, 0, height).slice(2, 0, width) : pixels;
    }

private:
    // windows: [N, windows, 49, C]; bias: [1, heads, 49, 49] or [windows, heads, 49, 49]
    at::Tensor attend(const at::Tensor& windows, const at::Tensor& bias) {
        const std::int64_t width = windows.size(3);
        const at::Tensor joint = m_joint(windows)
                                     .view({windows.size(0), windows.size(1), kTokens, 3, m_heads, width / m_heads})
                                     .permute({3, 0, 1, 4, 2, 5});
        // The fused kernel of the CPU has no gradient for the bias, and what torch falls back to copies the bias.
        const bool explicitly = joint.is_cpu() && at::GradMode::is_enabled() && bias.requires_grad();
        const at::Tensor mixed = explicitly ? multiply(joint, bias) : multiplyFused(joint, bias);
        const at::Tensor output = mixed.transpose(2, 3).reshape(windows.sizes());
        reportLayer(this, output, 4.0 * static_cast<double>(output.numel()) * static_cast<double>(kTokens));
        return m_project(output);
    }

    // joint: queries, keys and values [3, N, windows, heads, 49, C / heads]
    static at::Tensor multiply(const at::Tensor& joint, const at::Tensor& bias) {
        const double scale = 1 / std::sqrt(static_cast<double>(joint.size(5)));
        const at::Tensor scores = at::matmul(joint[0] * scale, joint[1].transpose(3, 4)) + bias;
        return at::matmul(at::softmax(scores, -1), joint[2]);
    }

    static at::Tensor multiplyFused(const at::Tensor& joint, const at::Tensor& bias) {
        const std::int64_t pictures = joint.size(1), heads = joint.size(3);
        at::Tensor mask = bias.to(joint.scalar_type());
        if (mask.size(0) > 1)
            mask = mask.expand({pictures, -1, -1, -1, -1}).reshape({-1, heads, kTokens, kTokens});
        return at::scaled_dot_product_attention(joint[0].flatten(0, 1), joint[1].flatten(0, 1), joint[2].flatten(0, 1),
                                                mask)
            .view({pictures, joint.size(2), heads, kTokens, -1});
    }

    std::int64_t m_heads;
    std::int64_t m_shift;
    at::Tensor m_biases; // [13 · 13, heads]
    at::Tensor m_index;  // [49 · 49]
    Linear m_joint{nullptr};
    Linear m_project{nullptr};
};

class SwinBlock final : public torch::nn::Module {
public:
    SwinBlock(std::int64_t width, std::int64_t heads, std::int64_t shift, double dropPath)
        : torch::nn::Module("Swin block"),
          m_dropPath(dropPath),
          m_firstNorm(child(*this, "norm1", layerNorm(width, kSwinNormEpsilon))),
          m_attention(register_module("attn", std::make_shared<WindowAttention>(width, heads, shift))),
          m_secondNorm(child(*this, "norm2", layerNorm(width, kSwinNormEpsilon))) {
        const auto network = group(*this, "mlp");
        m_widen = child(*network, "0", Linear(width, 4 * width));
        m_narrow = child(*network, "3", Linear(4 * width, width));
    }

    at::Tensor forward(const at::Tensor& input) {
        const at::Tensor value = input + thinned(m_attention->forward(m_firstNorm(input)));
        return value + thinned(m_narrow(at::gelu(m_widen(m_secondNorm(value)))));
    }

private:
    at::Tensor thinned(const at::Tensor& branch) const {
        return is_training() && m_dropPath > 0 ? dropPath(branch, m_dropPath) : branch;
    }

    double m_dropPath;
    torch::nn::LayerNorm m_firstNorm;
    std::shared_ptr<WindowAttention> m_attention;
    torch::nn::LayerNorm m_secondNorm;
    Linear m_widen{nullptr};
    Linear m_narrow{nullptr};
};

// Four neighbouring pixels become one of twice the channels.
class PatchMerging final : public torch::nn::Module {
public:
    explicit PatchMerging(std::int64_t width)
        : torch::nn::Module("patch merging"),
          m_reduce(child(*this, "reduction", Linear(4 * width, 2 * width, LinearImpl::Bias::None))),
          m_norm(child(*this, "norm", layerNorm(4 * width, kSwinNormEpsilon))) {}

    at::Tensor forward(const at::Tensor& input) {
        const std::int64_t bottom = input.size(1) % 2, right = input.size(2) % 2;
        const at::Tensor even = bottom + right > 0 ? at::constant_pad_nd(input, {0, 0, 0, right, 0, bottom}, 0) : input;
        const std::int64_t rows = even.size(1) / 2, columns = even.size(2) / 2;
        // Column by column, each from top to bottom.
        const at::Tensor merged = even.reshape({even.size(0), rows, 2, columns, 2, even.size(3)})
                                      .permute({0, 1, 3, 4, 2, 5})
                                      .reshape({even.size(0), rows, columns, 4 * even.size(3)});
        return m_reduce(m_norm(merged));
    }

private:
    Linear m_reduce;
    torch::nn::LayerNorm m_norm;
};

// Stages pass [N, C, H, W], which is a view of the [N, H, W, C] that the blocks compute on.
at::Tensor channelsToEnd(const at::Tensor& value) { return value.permute({0, 2, 3, 1}); }
at::Tensor channelsToFront(const at::Tensor& value) { return value.permute({0, 3, 1, 2}); }

class Swin final : public Backbone {
public:
    Swin(const BackboneInfo& info, int classes) : Backbone(info, classes) {
        const SwinLayout layout = swinLayoutOf(info.name);
        const auto features = group(*this, "features");
        const auto stem = group(*features, "0");
        m_patches = child(*stem, "0",
                          Conv2d(ConvOptions{.in = 3, .out = kWidth, .kernel = kSwinPatch, .stride = kSwinPatch},
                                 Conv2dImpl::Bias::Learned));
        m_patchNorm = child(*stem, "2", layerNorm(kWidth, kSwinNormEpsilon));
        const int blocks = layout.depths[0] + layout.depths[1] + layout.depths[2] + layout.depths[3];
        int built = 0;
        for (std::size_t i = 0; i < m_blocks.size(); ++i) {
            const std::int64_t width = kWidth << i;
            const auto stage = group(*features, std::to_string(2 * i + 1));
            for (int j = 0; j < layout.depths[i]; ++j)
                m_blocks[i].push_back(stage->register_module(
                    std::to_string(j), std::make_shared<SwinBlock>(width, kHeads[i], j % 2 == 0 ? 0 : kWindow / 2,
                                                                   layout.dropPath * built++ / (blocks - 1.0))));
            if (i < m_mergings.size())
                m_mergings[i] =
                    features->register_module(std::to_string(2 * i + 2), std::make_shared<PatchMerging>(width));
        }
        m_norm = child(*this, "norm", layerNorm(kWidth << 3, kSwinNormEpsilon));
        m_head = child(*this, "head", Linear(kWidth << 3, classes));
    }

    std::vector<Stage> stages() override {
        std::vector<Stage> chain;
        const auto add = [&chain](auto forward) {
            const std::string name = fmt::format("features.{}", chain.size());
            chain.push_back({name, {name}, forward});
        };
        add([this](const at::Tensor& pixels) {
            return channelsToFront(m_patchNorm(channelsToEnd(m_patches(pixels))));
        });
        for (std::size_t i = 0; i < m_blocks.size(); ++i) {
            add([this, i](const at::Tensor& input) { return channelsToFront(blocksOf(i, input)); });
            if (i < m_mergings.size())
                add([this, i](const at::Tensor& input) {
                    return channelsToFront(m_mergings[i]->forward(channelsToEnd(input)));
                });
        }
        chain.back().modules.emplace_back("norm");
        chain.back().forward = [this](const at::Tensor& input) { return m_norm(blocksOf(3, input)).mean({1, 2}); };
        chain.push_back({"head", {"head"}, [this](const at::Tensor& features) { return m_head(features); }});
        return chain;
    }

    Init initOf(std::string_view path, const at::Tensor& weight) const override {
        return weight.dim() == 4 || path == info().classifier ? torchDefault(weight) : normal(0.02);
    }

    std::optional<Init> initOfParameter(std::string_view name, const at::Tensor&) const override {
        return name.ends_with("relative_position_bias_table") ? std::optional(normal(0.02)) : std::nullopt;
    }

private:
    at::Tensor blocksOf(std::size_t stage, const at::Tensor& input) {
        at::Tensor value = channelsToEnd(input);
        for (const auto& block : m_blocks[stage])
            value = block->forward(value);
        return value;
    }

    Conv2d m_patches{nullptr};
    torch::nn::LayerNorm m_patchNorm{nullptr};
    std::array<std::vector<std::shared_ptr<SwinBlock>>, 4> m_blocks;
    std::array<std::shared_ptr<PatchMerging>, 3> m_mergings;
    torch::nn::LayerNorm m_norm{nullptr};
    Linear m_head{nullptr};
};

} // namespace

std::shared_ptr<Backbone> makeSwin(const BackboneInfo& info, int classes) {
    return std::make_shared<Swin>(info, classes);
}

} // namespace engine
