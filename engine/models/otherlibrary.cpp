#include "engine/models/otherlibrary.h"

#include "engine/api/error.h"
#include "engine/models/layers.h"
#include "engine/models/load.h"
#include "engine/models/names/published.h"
#include "engine/models/names/statednumerics.h"
#include "engine/models/placement.h"
#include "engine/models/rename.h"
#include "engine/models/vision/positions.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::int64_t kViTPatch = 16;

std::vector<TargetTensor> targetsLike(const std::vector<TensorView>& views) {
    std::vector<TargetTensor> targets;
    for (const TensorView& view : views)
        targets.push_back({view.name, view.shape});
    return targets;
}

bool padsSame(Backbone& backbone) {
    const auto modules = backbone.modules(false);
    return std::ranges::any_of(modules, [](const auto& module) {
        const auto* convolution = module->template as<Conv2dImpl>();
        return convolution != nullptr && convolution->options().stride > 1 &&
               convolution->options().kind == Padding::Same;
    });
}

// timm has two of some families: as TensorFlow and as torch computes.
void chooseOfTwo(OtherNetwork& network, Backbone& backbone) {
    const std::string& family = backbone.info().family;
    if (family != "EfficientNet" && family != "EfficientNet-Lite" && family != "MobileNetV3")
        return;
    if (network.architecture.starts_with("tf_"))
        network.architecture.erase(0, 3);
    const bool same = padsSame(backbone);
    if (same)
        network.architecture.insert(0, "tf_");
    network.numerics = {.normEpsilon = same ? 1e-3 : 1e-5, .padding = same ? Padding::Same : Padding::Fixed};
}

// What transformers reads in its config.json it computes with.
void tellTransformers(OtherNetwork& network, Backbone& backbone) {
    const std::string& family = backbone.info().family;
    const Numerics& own = backbone.numerics();
    network.numerics.lastNormEpsilon = family == "ConvNeXt" ? own.lastNormEpsilon : 0;
    if (family == "ViT" || family == "DeiT" || family == "EfficientNet" || family == "MobileNetV2")
        network.numerics.normEpsilon = own.normEpsilon;
    if (family == "MobileNetV2")
        network.numerics.padding = own.padding;
}

// Makes up for where the library computes otherwise than the backbone, or says so.
class Differences final {
public:
    Differences(Backbone& backbone, OtherNetwork& network, Library library)
        : m_there(buildBackbone(backbone.info(), backbone.classes())) {
        m_there->setNumerics(network.numerics);
        const auto modules = m_there->named_modules("", false);
        for (const auto& [path, module] : backbone.named_modules("", false).pairs()) {
            const auto* there = modules.find(path);
            if (there == nullptr)
                continue;
            if (const auto* convolution = module->as<Conv2dImpl>())
                requireSamePadding(*convolution, *(*there)->as<Conv2dImpl>(), backbone, library);
            else if (const auto* batch = module->as<torch::nn::BatchNorm2dImpl>())
                m_added[path + ".running_var"] =
                    batch->options.eps() - (*there)->as<torch::nn::BatchNorm2dImpl>()->options.eps();
            else if (const auto* layer = module->as<torch::nn::LayerNormImpl>())
                noteEpsilon(layer->options.eps(), (*there)->as<torch::nn::LayerNormImpl>()->options.eps(), network,
                            library);
        }
    }

    void apply(TensorView& view) const {
        const auto found = m_added.find(view.name);
        if (found == m_added.end() || found->second == 0)
            return;
        auto sum = std::make_shared<at::Tensor>(
            at::from_blob(const_cast<void*>(view.data), view.shape, at::kFloat).add(found->second));
        view.data = sum->data_ptr();
        view.owner = std::move(sum);
    }

private:
    static void requireSamePadding(const Conv2dImpl& here, const Conv2dImpl& there, const Backbone& backbone,
                                   Library library) {
        if (here.options().stride == 1 || here.options().kind == there.options().kind)
            return;
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} pads the pictures of this {} otherwise than it was trained with: its answers would "
                                "differ.",
                                libraryName(library), backbone.info().name),
                    "Write it under timm's names, which has both ways of padding.");
    }

    static void noteEpsilon(double here, double there, OtherNetwork& network, Library library) {
        if (here == there || !network.notes.empty())
            return;
        network.notes.push_back(fmt::format("{} normalises with an epsilon of {}, this model with {}: its answers "
                                            "differ by little.",
                                            libraryName(library), there, here));
    }

    std::shared_ptr<Backbone> m_there;
    std::map<std::string, double> m_added; // to running variances
};

TensorView shaped(TensorView view, Form form) {
    switch (form) {
    case Form::Same:
        break;
    case Form::Vector:
        view.shape = withoutOnes(view.shape);
        break;
    case Form::Pointwise:
        view.shape.insert(view.shape.end(), {1, 1});
        break;
    case Form::SevenBySeven:
        view.shape = {view.shape[0], view.shape[1] / 49, 7, 7};
        break;
    }
    return view;
}

TensorView partOf(TensorView view, int part, int parts) {
    if (parts == 1)
        return view;
    view.shape[0] /= parts;
    view.bytes /= static_cast<std::size_t>(parts);
    view.data = static_cast<const std::byte*>(view.data) + view.bytes * static_cast<std::size_t>(part);
    return view;
}

void resamplePositionsOf(std::vector<TensorView>& views, int imageSize) {
    const std::int64_t side = imageSize / kViTPatch;
    for (TensorView& view : views) {
        if (imageSize == 0 || (view.name != "pos_embed" && view.name != "encoder.pos_embedding"))
            continue;
        const auto how = view.name == "pos_embed" ? Resampling::Antialiased : Resampling::CornersKept;
        auto positions = std::make_shared<at::Tensor>(
            resamplePositions(at::from_blob(const_cast<void*>(view.data), view.shape, at::kFloat), side, side, how)
                .clone());
        view.shape = positions->sizes().vec();
        view.data = positions->data_ptr();
        view.bytes = positions->nbytes();
        view.owner = std::move(positions);
    }
}

[[noreturn]] void refuseLibrary(const BackboneInfo& backbone, Library library) {
    throw Error(ErrorKind::BadInput, fmt::format("{} has no network like {}.", libraryName(library), backbone.name),
                "Choose another library's names, or none for the backbone's own.");
}

} // namespace

void requirePublished(const BackboneInfo& backbone, Library library) {
    if (findPublished(backbone.name, library) == nullptr)
        refuseLibrary(backbone, library);
}

OtherNetwork asInLibrary(Backbone& backbone, Library library, int imageSize) {
    const torch::NoGradGuard noGrad;
    std::vector<TensorView> views = stateViews(backbone);
    const auto targets = targetsLike(views);
    const Library own = ownLibrary(targets);
    const bool itself = library == Library::Unknown || library == own;
    const auto rules = renameRules(targets);
    const auto rule =
        std::ranges::find_if(rules, [library](const NameRule& one) { return one.table().origin == library; });
    const PublishedNetwork* published = findPublished(backbone.info().name, library);
    if (!itself && (published == nullptr || rule == rules.end()))
        refuseLibrary(backbone.info(), library);
    OtherNetwork network{.architecture = itself ? backbone.info().name : std::string(published->architecture)};
    if (!itself)
        network.numerics = rule->table().numerics;
    if ((itself ? own : library) == Library::Timm)
        chooseOfTwo(network, backbone);
    else if (library == Library::Transformers)
        tellTransformers(network, backbone);
    const Differences differences(backbone, network, itself ? own : library);
    resamplePositionsOf(views, imageSize);
    for (TensorView& view : views) {
        differences.apply(view);
        const auto others = itself ? std::vector{OtherName{view.name}} : rule->othersOf(view.name);
        if (!others)
            throw Error(ErrorKind::Internal, fmt::format("{} has no name in {}.", view.name, libraryName(library)));
        for (const OtherName& other : *others) {
            TensorView made = partOf(shaped(view, other.form), other.part, other.parts);
            made.name = other.name;
            network.tensors.push_back(std::move(made));
        }
    }
    return network;
}

} // namespace engine
