#include "engine/models/names/statednumerics.h"

#include "engine/api/error.h"
#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"
#include "engine/models/weights/mappedfile.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

using Kind = JsonReader::Kind;

// What config.json says about arithmetic.
struct Config {
    bool ours = false;
    Numerics numerics; // where ours
    std::string architecture, kind, activation;
    double epsilon = 0;
    std::optional<bool> tensorFlowPadding;
    bool stridesFirst = false;
};

class Reader final {
public:
    explicit Reader(const MappedFile& file) : m_json(file.bytes(), file.name()) {}

    [[nodiscard]] Config read() {
        m_json.beginObject();
        for (std::string key; m_json.nextKey(key);)
            if (!known(key))
                m_json.skipValue();
        return std::move(m_config);
    }

private:
    bool known(const std::string& key) {
        const Kind kind = m_json.kind();
        if (key == "architecture" && kind == Kind::Text)
            m_config.architecture = m_json.text();
        else if (key == "model_type" && kind == Kind::Text)
            m_config.kind = m_json.text();
        else if (key == "hidden_act" && kind == Kind::Text)
            m_config.activation = m_json.text();
        else if ((key == "layer_norm_eps" || key == "batch_norm_eps") && kind == Kind::Number)
            m_config.epsilon = m_json.number();
        else if (key == "tf_padding" && kind == Kind::Boolean)
            m_config.tensorFlowPadding = m_json.boolean();
        else if ((key == "downsample_in_bottleneck" || key == "downsample_in_first_stage") && kind == Kind::Boolean)
            m_config.stridesFirst = m_json.boolean() || m_config.stridesFirst;
        else if (key == "numerics")
            return ours();
        else
            return false;
        return true;
    }

    // True where the value was read.
    bool ours() {
        m_config.ours = true;
        if (m_json.kind() != Kind::Object)
            return false;
        m_json.beginObject();
        for (std::string key; m_json.nextKey(key);) {
            if (key == "norm_eps" && m_json.kind() == Kind::Number)
                m_config.numerics.normEpsilon = m_json.number();
            else if (key == "last_norm_eps" && m_json.kind() == Kind::Number)
                m_config.numerics.lastNormEpsilon = m_json.number();
            else if (key == "padding" && m_json.kind() == Kind::Text)
                m_config.numerics.padding = m_json.text() == "same" ? Padding::Same : Padding::Fixed;
            else
                m_json.skipValue();
        }
        return true;
    }

    JsonReader m_json;
    Config m_config;
};

Config configBeside(const std::filesystem::path& weights) {
    const std::filesystem::path file = weights.parent_path() / "config.json";
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code))
        return {};
    try {
        return Reader(MappedFile(file)).read();
    } catch (const Error&) { // statedPreprocess() says what is wrong with it
        return {};
    }
}

// Families that timm has twice under the same names: as TensorFlow and as torch computes.
bool isTwofold(const BackboneInfo& backbone) {
    constexpr std::array kFamilies{"EfficientNet-Lite", "EfficientNet", "MobileNetV3"};
    return std::ranges::find(kFamilies, backbone.family) != kFamilies.end();
}

Numerics timmsOwn(std::string_view architecture) {
    if (architecture.starts_with("tf_"))
        return {.normEpsilon = 1e-3, .padding = Padding::Same};
    return {.normEpsilon = 1e-5, .padding = Padding::Fixed};
}

std::string_view activationOf(const BackboneInfo& backbone) {
    using Pair = std::pair<std::string_view, std::string_view>;
    constexpr std::array kActivations{
        Pair{"ResNet", "relu"},   Pair{"RegNetY", "relu"}, Pair{"MobileNetV2", "relu6"}, Pair{"EfficientNet", "silu"},
        Pair{"ConvNeXt", "gelu"}, Pair{"ViT", "gelu"},     Pair{"DeiT", "gelu"},         Pair{"Swin", "gelu"}};
    const auto found = std::ranges::find(kActivations, backbone.family, &Pair::first);
    return found == kActivations.end() ? std::string_view() : found->second;
}

void followTransformers(const Config& config, const BackboneInfo& backbone, StatedNumerics& stated) {
    Numerics& numerics = stated.numerics;
    if (config.epsilon > 0 && backbone.family == "ConvNeXt")
        numerics.lastNormEpsilon = config.epsilon;
    else if (config.epsilon > 0)
        numerics.normEpsilon = config.epsilon;
    if (config.tensorFlowPadding && backbone.family == "MobileNetV2")
        numerics.padding = *config.tensorFlowPadding ? Padding::Same : Padding::Fixed;
    const std::string_view wanted = activationOf(backbone);
    const std::string activation = config.activation == "swish" ? "silu" : config.activation;
    if (!activation.empty() && !wanted.empty() && activation != wanted)
        stated.notes.push_back(
            fmt::format("The config.json beside these weights says that they were trained with the activation {}; {} "
                        "computes with {}, so its outputs will differ.",
                        printable(activation), backbone.name, wanted));
    if (config.stridesFirst)
        stated.notes.push_back(fmt::format(
            "The config.json beside these weights moves strides to other convolutions than those of {}, so its outputs "
            "will differ.",
            backbone.name));
}

// Networks of timm whose tensors are called and shaped as another's.
void noteLookalikes(const Config& config, const BackboneInfo& backbone, StatedNumerics& stated) {
    constexpr std::array kMarks{"resnetblur", "resnetaa", "resnextaa", "quickgelu"};
    const bool other = std::ranges::any_of(
        kMarks, [&](const char* mark) { return config.architecture.find(mark) != std::string::npos; });
    if (other)
        stated.notes.push_back(fmt::format("The config.json beside these weights says that they are {}'s, which {} "
                                           "resembles in its tensors only: its outputs will differ.",
                                           printable(config.architecture), backbone.name));
}

} // namespace

StatedNumerics statedNumerics(const std::filesystem::path& weights, const BackboneInfo& backbone,
                              const Numerics& byNames) {
    StatedNumerics stated{.numerics = byNames};
    const Config config = configBeside(weights);
    if (config.ours) {
        stated.numerics = config.numerics;
        return stated;
    }
    if (!config.kind.empty()) {
        followTransformers(config, backbone, stated);
        return stated;
    }
    noteLookalikes(config, backbone, stated);
    const std::string file = weights.filename().string();
    if (!isTwofold(backbone) || config.architecture == backbone.name)
        return stated;
    if (!config.architecture.empty())
        stated.numerics = timmsOwn(config.architecture);
    else if (file.starts_with("tf_efficientnet_") || file.starts_with("tf_mobilenetv3_"))
        stated.numerics = timmsOwn(file);
    return stated;
}

Numerics readNumerics(const std::filesystem::path& config) { return Reader(MappedFile(config)).read().numerics; }

std::string words(const Numerics& numerics) {
    std::vector<std::string> parts;
    if (numerics.normEpsilon > 0)
        parts.push_back(fmt::format("epsilon {}", numerics.normEpsilon));
    if (numerics.lastNormEpsilon > 0)
        parts.push_back(fmt::format("epsilon of the last normalisation {}", numerics.lastNormEpsilon));
    if (numerics.padding)
        parts.emplace_back(*numerics.padding == Padding::Same ? "padding as TensorFlow's" : "padding as torch's");
    return fmt::format("{}", fmt::join(parts, ", "));
}

std::string numericsJson(const Numerics& numerics) {
    std::vector<std::string> members;
    if (numerics.normEpsilon > 0)
        members.push_back(fmt::format("\"norm_eps\": {}", numerics.normEpsilon));
    if (numerics.lastNormEpsilon > 0)
        members.push_back(fmt::format("\"last_norm_eps\": {}", numerics.lastNormEpsilon));
    if (numerics.padding)
        members.push_back(fmt::format("\"padding\": \"{}\"", *numerics.padding == Padding::Same ? "same" : "fixed"));
    return members.empty() ? "null" : fmt::format("{{{}}}", fmt::join(members, ", "));
}

} // namespace engine
