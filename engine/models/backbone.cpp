#include "engine/models/backbone.h"

#include "engine/api/error.h"
#include "engine/device/cpuallocator.h"
#include "engine/device/cudamodule.h"
#include "engine/models/layers.h"
#include "engine/models/preparetorch.h"
#include "engine/models/script/scriptbackbone.h"
#include "engine/models/vision/cifarresnet.h"
#include "engine/models/vision/convnext.h"
#include "engine/models/vision/densenet.h"
#include "engine/models/vision/efficientnet.h"
#include "engine/models/vision/mobilenetv2.h"
#include "engine/models/vision/mobilenetv3.h"
#include "engine/models/vision/regnet.h"
#include "engine/models/vision/resnet.h"
#include "engine/models/vision/squeezenet.h"
#include "engine/models/vision/swin.h"
#include "engine/models/vision/vgg.h"
#include "engine/models/vision/vit.h"

#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

using Factory = std::shared_ptr<Backbone> (*)(const BackboneInfo&, int classes);

struct Family {
    std::string_view name; // BackboneInfo::family
    Factory make;
    int originalClasses = 1000;
};

constexpr std::array kFamilies{
    Family{"EfficientNet-Lite", makeEfficientNet},
    Family{"EfficientNet", makeEfficientNet},
    Family{"SqueezeNet", makeSqueezeNet},
    Family{"ResNet", makeResNet},
    Family{"ResNeXt", makeResNet},
    Family{"Wide ResNet", makeResNet},
    Family{"MobileNetV2", makeMobileNetV2},
    Family{"MobileNetV3", makeMobileNetV3},
    Family{"RegNetY", makeRegNet},
    Family{"DenseNet", makeDenseNet},
    Family{"VGG", makeVgg},
    Family{"ConvNeXt", makeConvNeXt},
    Family{"ViT", makeVisionTransformer},
    Family{"DeiT", makeVisionTransformer},
    Family{"Swin", makeSwin},
    Family{"CIFAR ResNet", makeCifarResNet, 10},
    Family{"TorchScript", makeScriptBackbone, 0}, // its own output
};

const Family& familyOf(const BackboneInfo& info) {
    for (const Family& family : kFamilies) {
        if (family.name == info.family)
            return family;
    }
    throw Error(ErrorKind::Internal, fmt::format("No code builds the family {} of {}.", info.family, info.name));
}

} // namespace

at::Tensor Backbone::forward(const at::Tensor& pixels) {
    Signal signal = pixels;
    for (const Stage& stage : stages())
        signal = stage.forward(signal);
    return signal.value;
}

void Backbone::setNumerics(const Numerics& numerics) {
    std::vector<std::shared_ptr<Conv2dImpl>> convolutions;
    std::vector<double*> epsilons;
    for (const auto& module : modules(false)) {
        if (auto convolution = std::dynamic_pointer_cast<Conv2dImpl>(module))
            convolutions.push_back(std::move(convolution));
        else if (auto* batch = module->as<torch::nn::BatchNorm2dImpl>())
            epsilons.push_back(&batch->options.eps());
        else if (auto* layer = module->as<torch::nn::LayerNormImpl>())
            epsilons.push_back(&layer->options.eps());
    }
    if (m_ownEpsilons.empty() && m_ownPaddings.empty()) {
        for (const double* epsilon : epsilons)
            m_ownEpsilons.push_back(*epsilon);
        for (const auto& convolution : convolutions)
            m_ownPaddings.push_back(convolution->options().kind);
    }
    bool same = true;
    for (std::size_t i = 0; i < epsilons.size(); ++i) {
        const bool last = i + 1 == epsilons.size() && numerics.lastNormEpsilon > 0;
        const double wanted = last ? numerics.lastNormEpsilon : numerics.normEpsilon;
        *epsilons[i] = wanted > 0 ? wanted : m_ownEpsilons[i];
        same = same && *epsilons[i] == m_ownEpsilons[i];
    }
    for (std::size_t i = 0; i < convolutions.size(); ++i) {
        const bool strided = convolutions[i]->options().stride > 1;
        convolutions[i]->padAs(numerics.padding && strided ? *numerics.padding : m_ownPaddings[i]);
        same = same && convolutions[i]->options().kind == m_ownPaddings[i];
    }
    m_numerics = same ? Numerics() : numerics;
}

std::shared_ptr<Backbone> buildLike(const Backbone& backbone) {
    auto made = buildBackbone(backbone.info(), backbone.classes());
    made->setNumerics(backbone.numerics());
    return made;
}

Init Backbone::initOf(std::string_view, const at::Tensor& weight) const {
    return weight.dim() == 4 ? kaimingNormalFanOut(weight) : torchDefault(weight);
}

std::optional<Init> Backbone::initOfParameter(std::string_view, const at::Tensor&) const { return std::nullopt; }

void prepareTorch() {
    installCpuAllocator();
    (void)cuda();
}

std::shared_ptr<Backbone> buildBackbone(const BackboneInfo& info, int classes) {
    if (classes < 0)
        throw Error(ErrorKind::BadInput, fmt::format("A head of {} classes cannot be built.", classes),
                    "Give a number of classes above zero, or 0 for the original head.");
    prepareTorch();
    const Family& family = familyOf(info);
    return family.make(info, classes == 0 ? family.originalClasses : classes);
}

std::shared_ptr<Backbone> makeBackbone(std::string_view name, int classes, std::uint64_t seed) {
    auto backbone = buildBackbone(findBackbone(name), classes);
    for (const auto& [path, module] : backbone->named_modules("", false).pairs()) {
        if (auto* convolution = module->as<Conv2dImpl>())
            draw(backbone->initOf(path, convolution->weight), convolution->weight, convolution->bias, seed, path);
        else if (auto* linear = module->as<LinearImpl>())
            draw(backbone->initOf(path, linear->weight), linear->weight, linear->bias, seed, path);
    }
    for (const auto& item : backbone->named_parameters()) {
        if (const auto init = backbone->initOfParameter(item.key(), item.value()))
            draw(*init, item.value(), {}, seed, item.key());
    }
    return backbone;
}

} // namespace engine
