#include "engine/train/exportconfig.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace {
using nlohmann::json;

constexpr std::int64_t kViTHead = 64; // channels of a head

// Reads sizes off the exported tensors.
class Shapes final {
public:
    explicit Shapes(const OtherNetwork& network) : m_network(network) {}

    [[nodiscard]] std::int64_t size(const std::string& name, std::size_t dimension = 0) const {
        const auto found = std::ranges::find(m_network.tensors, name, &TensorView::name);
        return found == m_network.tensors.end() ? 0 : found->shape[dimension];
    }
    // How many there are of the pattern's numbered member: "stages.{}.layers.0.x".
    [[nodiscard]] int count(const std::function<std::string(int)>& name) const {
        int number = 0;
        while (size(name(number)) > 0)
            ++number;
        return number;
    }

private:
    const OtherNetwork& m_network;
};

struct Epsilons {
    double first = 0, last = 0;
};

Epsilons epsilonsOf(Backbone& backbone) {
    Epsilons found;
    for (const auto& module : backbone.modules(false)) {
        const auto* batch = module->as<torch::nn::BatchNorm2dImpl>();
        const auto* layer = module->as<torch::nn::LayerNormImpl>();
        if (batch == nullptr && layer == nullptr)
            continue;
        found.last = batch != nullptr ? batch->options.eps() : layer->options.eps();
        if (found.first == 0)
            found.first = found.last;
    }
    return found;
}

json classNames(const ModelDescription& d) {
    json names = json::object();
    for (std::size_t i = 0; i < d.classes.size(); ++i)
        names[std::to_string(i)] = d.classes[i];
    return names;
}

json classNumbers(const ModelDescription& d) {
    json numbers = json::object();
    for (std::size_t i = 0; i < d.classes.size(); ++i)
        numbers[d.classes[i]] = i;
    return numbers;
}

json timmPreparation(const ModelDescription& d) {
    const Preprocess& p = d.preprocess;
    return {{"input_size", {3, p.imageSize, p.imageSize}},
            {"crop_pct", double(p.imageSize) / p.resizeSize},
            {"crop_mode", "center"},
            {"interpolation", p.interpolation == Interpolation::Bicubic ? "bicubic" : "bilinear"},
            {"mean", p.mean},
            {"std", p.standardDeviation},
            {"num_classes", d.classes.size()}};
}

bool isTransformer(const Backbone& backbone) {
    const std::string& family = backbone.info().family;
    return family == "ViT" || family == "DeiT" || family == "Swin";
}

json timmConfig(const Backbone& backbone, const ModelDescription& d, const OtherNetwork& network) {
    json config = {{"architecture", network.architecture},
                   {"num_classes", d.classes.size()},
                   {"label_names", d.classes},
                   {"pretrained_cfg", timmPreparation(d)}};
    if (isTransformer(backbone))
        config["model_args"] = {{"img_size", d.preprocess.imageSize}};
    return config;
}

// torchvision reads none; this is for people, and for Thaw.
json torchvisionConfig(const ModelDescription& d, const OtherNetwork& network) {
    return {{"architecture", network.architecture},
            {"num_classes", d.classes.size()},
            {"id2label", classNames(d)},
            {"label2id", classNumbers(d)},
            {"pretrained_cfg", timmPreparation(d)}};
}

// Blocks before which TensorFlow's padding is the same on both sides, because they see a side of odd length.
std::vector<int> oddBlocks(const std::vector<int>& depths, int imageSize) {
    constexpr std::array kStrides{1, 2, 2, 2, 1, 2, 1};
    std::vector<int> odd;
    int block = 0, side = (imageSize + 1) / 2;
    for (std::size_t stage = 0; stage < kStrides.size(); ++stage) {
        if (kStrides[stage] == 2) {
            if (side % 2 == 1)
                odd.push_back(block);
            side = (side + 1) / 2;
        }
        block += depths[stage];
    }
    return odd;
}

struct EfficientNetScale {
    std::string_view backbone;
    double width, depth;
};

json efficientNetSizes(Backbone& backbone, const ModelDescription& d, const Shapes& shapes) {
    constexpr std::array kScales{
        EfficientNetScale{"efficientnet_b0", 1.0, 1.0}, EfficientNetScale{"efficientnet_b1", 1.0, 1.1},
        EfficientNetScale{"efficientnet_b2", 1.1, 1.2}, EfficientNetScale{"efficientnet_b3", 1.2, 1.4},
        EfficientNetScale{"efficientnet_b4", 1.4, 1.8}};
    const auto scale = std::ranges::find(kScales, backbone.info().name, &EfficientNetScale::backbone);
    std::vector<int> depths;
    for (const int blocks : {1, 2, 2, 3, 3, 4, 1})
        depths.push_back(static_cast<int>(std::ceil(blocks * scale->depth)));
    return {{"width_coefficient", scale->width},
            {"depth_coefficient", scale->depth},
            {"hidden_dim", shapes.size("efficientnet.encoder.top_conv.weight")},
            {"depthwise_padding", oddBlocks(depths, d.preprocess.imageSize)},
            {"batch_norm_eps", epsilonsOf(backbone).first},
            {"hidden_act", "swish"}};
}

json vitSizes(Backbone& backbone, const Shapes& shapes) {
    const std::int64_t width = shapes.size("vit.layernorm.weight");
    const auto layer = [](int i) { return fmt::format("vit.encoder.layer.{}.layernorm_before.weight", i); };
    return {{"hidden_size", width},
            {"num_hidden_layers", shapes.count(layer)},
            {"num_attention_heads", width / kViTHead},
            {"intermediate_size", shapes.size("vit.encoder.layer.0.intermediate.dense.weight")},
            {"patch_size", shapes.size("vit.embeddings.patch_embeddings.projection.weight", 2)},
            {"layer_norm_eps", epsilonsOf(backbone).first},
            {"hidden_act", "gelu"}};
}

// Depths and widths by the name of stage i's layer j.
void stages(json& sizes, const Shapes& shapes, const std::function<std::string(int, int)>& name,
            const char* widths = "hidden_sizes") {
    for (int stage = 0; shapes.size(name(stage, 0)) > 0; ++stage) {
        sizes["depths"].push_back(shapes.count([&](int layer) { return name(stage, layer); }));
        sizes[widths].push_back(shapes.size(name(stage, 0)));
    }
}

json sizesOf(Backbone& backbone, const ModelDescription& d, const OtherNetwork& network) {
    const Shapes shapes(network);
    json sizes = json::object();
    if (network.architecture == "vit")
        return vitSizes(backbone, shapes);
    if (network.architecture == "efficientnet")
        return efficientNetSizes(backbone, d, shapes);
    if (network.architecture == "mobilenet_v2")
        return {{"tf_padding", backbone.numerics().padding == Padding::Same},
                {"layer_norm_eps", epsilonsOf(backbone).first},
                {"hidden_act", "relu6"}};
    if (network.architecture == "convnext") {
        stages(sizes, shapes,
               [](int i, int j) { return fmt::format("convnext.encoder.stages.{}.layers.{}.pwconv2.weight", i, j); });
        sizes["layer_norm_eps"] = epsilonsOf(backbone).last;
        return sizes;
    }
    if (network.architecture == "swin") {
        stages(sizes, shapes,
               [](int i, int j) { return fmt::format("swin.encoder.layers.{}.blocks.{}.output.dense.weight", i, j); });
        for (const auto& width : sizes.at("hidden_sizes"))
            sizes["num_heads"].push_back(width.get<int>() / 32);
        sizes["embed_dim"] = sizes.at("hidden_sizes").front();
        sizes.erase("hidden_sizes");
        sizes["window_size"] = 7;
        sizes["patch_size"] = 4;
        sizes["layer_norm_eps"] = epsilonsOf(backbone).first;
        return sizes;
    }
    const std::string model = network.architecture; // resnet, regnet
    const bool basic = shapes.size(model + ".encoder.stages.0.layers.0.layer.2.convolution.weight") == 0;
    const int last = model == "regnet" ? 3 : basic ? 1 : 2;
    stages(sizes, shapes, [&](int i, int j) {
        return fmt::format("{}.encoder.stages.{}.layers.{}.layer.{}.convolution.weight", model, i, j, last);
    });
    sizes["embedding_size"] = shapes.size(model + ".embedder.embedder.convolution.weight");
    sizes["layer_type"] = model == "regnet" ? "y" : basic ? "basic" : "bottleneck";
    sizes["hidden_act"] = "relu";
    if (model == "regnet")
        sizes["groups_width"] = shapes.size("regnet.encoder.stages.0.layers.0.layer.1.convolution.weight", 1);
    return sizes;
}

std::string_view classOf(std::string_view kind) {
    using Pair = std::pair<std::string_view, std::string_view>;
    constexpr std::array kClasses{Pair{"vit", "ViT"},
                                  Pair{"swin", "Swin"},
                                  Pair{"convnext", "ConvNext"},
                                  Pair{"resnet", "ResNet"},
                                  Pair{"regnet", "RegNet"},
                                  Pair{"mobilenet_v2", "MobileNetV2"},
                                  Pair{"efficientnet", "EfficientNet"}};
    return std::ranges::find(kClasses, kind, &Pair::first)->second;
}

json transformersConfig(Backbone& backbone, const ModelDescription& d, const OtherNetwork& network) {
    json config = sizesOf(backbone, d, network);
    config["architectures"] = json::array({fmt::format("{}ForImageClassification", classOf(network.architecture))});
    config["model_type"] = network.architecture;
    config["image_size"] = d.preprocess.imageSize;
    config["num_channels"] = 3;
    config["id2label"] = classNames(d);
    config["label2id"] = classNumbers(d);
    return config;
}

json transformersPreparation(const ModelDescription& d) {
    const Preprocess& p = d.preprocess;
    return {{"image_processor_type", "BitImageProcessor"},
            {"do_convert_rgb", true},
            {"do_resize", true},
            {"size", {{"shortest_edge", p.resizeSize}}},
            {"resample", p.interpolation == Interpolation::Bicubic ? 3 : 2}, // Pillow's numbers
            {"do_center_crop", true},
            {"crop_size", {{"height", p.imageSize}, {"width", p.imageSize}}},
            {"do_rescale", true},
            {"rescale_factor", 1.0 / 255},
            {"do_normalize", true},
            {"image_mean", p.mean},
            {"image_std", p.standardDeviation}};
}

} // namespace

std::map<std::string, std::string> exportConfigs(Backbone& backbone, const ModelDescription& description,
                                                 const OtherNetwork& network, Library library) {
    const auto text = [](const json& value) {
        return value.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
    };
    if (library == Library::Transformers)
        return {{"config.json", text(transformersConfig(backbone, description, network))},
                {"preprocessor_config.json", text(transformersPreparation(description))}};
    return {{"config.json", text(library == Library::Timm ? timmConfig(backbone, description, network)
                                                          : torchvisionConfig(description, network))}};
}

std::string openingLines(const ModelDescription& description, const OtherNetwork& network, Library library,
                         const std::string& folder) {
    if (library == Library::Timm)
        return fmt::format("timm.create_model(\"local-dir:{}\", pretrained=True)", folder);
    if (library == Library::Transformers)
        return fmt::format("transformers.AutoModelForImageClassification.from_pretrained(\"{}\")", folder);
    if (library != Library::Torchvision)
        return {};
    const bool sized = network.architecture == "vit_b_16";
    return fmt::format("model = torchvision.models.get_model(\"{}\", num_classes={}{})\n"
                       "model.load_state_dict(safetensors.torch.load_file(\"{}/model.safetensors\"))",
                       network.architecture, description.classes.size(),
                       sized ? fmt::format(", image_size={}", description.preprocess.imageSize) : "", folder);
}

} // namespace engine
