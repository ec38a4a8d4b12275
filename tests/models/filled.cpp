#include "tests/models/filled.h"

#include "engine/models/load.h"

#include <cmath>

namespace tests {

std::uint32_t crc32(std::string_view text) {
    std::uint32_t crc = ~0u;
    for (const char c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ (0xedb88320u & (0u - (crc & 1u)));
    }
    return ~crc;
}

at::Tensor noise(std::int64_t count, std::uint32_t seed) {
    at::Tensor out = at::empty({count}, at::kDouble);
    auto* values = out.data_ptr<double>();
    for (std::int64_t i = 0; i < count; ++i) {
        std::uint64_t z = (static_cast<std::uint64_t>(i) + seed * 0x100000001ULL) * 0x9e3779b97f4a7c15ULL;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        z ^= z >> 31;
        values[i] = static_cast<double>(z >> 40) / 8388608.0 - 1.0;
    }
    return out;
}

at::Tensor pictures(int size) {
    at::Tensor out = noise(2 * 3 * size * size, 1).reshape({2, 3, size, size});
    auto values = out.accessor<double, 4>();
    for (int n = 0; n < 2; ++n)
        for (int c = 0; c < 3; ++c)
            for (int y = 0; y < size; ++y)
                for (int x = 0; x < size; ++x)
                    values[n][c][y][x] += 1.5 * std::sin(0.04 * (x + (2 + 3 * n) * y) + c) + 0.8 * n - 0.4 * c;
    return out.to(at::kFloat);
}

at::Tensor filled(std::string_view name, at::IntArrayRef shape, double gain) {
    const std::int64_t numel = c10::multiply_integers(shape);
    if (name.ends_with("num_batches_tracked"))
        return at::zeros(shape, at::kLong);
    at::Tensor values = noise(numel, crc32(name));
    if (name.ends_with("running_var"))
        values = 1.0 + 0.3 * values;
    else if (name.ends_with("running_mean"))
        values = 0.1 * values;
    else if (name.find("pos_embed") != std::string_view::npos)
        values = 0.5 * values;
    else if (shape.size() >= 2)
        values = values * std::sqrt(gain / (static_cast<double>(numel) / static_cast<double>(shape[0])));
    else if (name.ends_with("weight"))
        values = 0.8 + 0.2 * values;
    else
        values = 0.1 * values;
    return values.reshape(shape).to(at::kFloat);
}

void fill(torch::nn::Module& model, double gain) {
    const torch::NoGradGuard noGrad;
    const auto set = [gain](const std::string& name, at::Tensor tensor) {
        if (!name.ends_with("relative_position_index"))
            tensor.copy_(filled(name, tensor.sizes(), gain));
    };
    for (const auto& entry : model.named_parameters())
        set(entry.key(), entry.value());
    for (const auto& entry : model.named_buffers())
        set(entry.key(), entry.value());
}

std::uint32_t namesDigest(engine::Backbone& model) {
    std::string text;
    for (const engine::TensorView& view : engine::stateViews(model)) {
        text += view.name + '[';
        for (const std::int64_t size : view.shape)
            text.append(text.back() == '[' ? "" : ",").append(std::to_string(size));
        text += "]\n";
    }
    return crc32(text);
}

void useStatisticsOf(const at::Tensor& pictures, engine::Backbone& model) {
    const torch::NoGradGuard noGrad;
    for (const auto& module : model.modules(false))
        if (auto* norm = module->as<torch::nn::BatchNorm2dImpl>())
            norm->options.momentum(1.0);
    static_cast<void>(model.forward(pictures));
}

} // namespace tests
