#include "engine/models/rename.h"

#include "engine/models/transformersnames.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

namespace engine {
namespace {

using Pair = std::pair<std::string_view, std::string_view>;

std::optional<std::string_view> lookUp(std::span<const Pair> pairs, std::string_view name) {
    const auto found =
        std::find_if(pairs.begin(), pairs.end(), [name](const Pair& pair) { return pair.first == name; });
    return found == pairs.end() ? std::nullopt : std::optional(found->second);
}

// "blocks.2.1.bn1.weight" → "blocks.2.1"; empty for other names.
std::string_view blockOf(std::string_view name) {
    if (!name.starts_with("blocks."))
        return {};
    const std::size_t stageEnd = name.find('.', 7);
    const std::size_t blockEnd = stageEnd == std::string_view::npos ? stageEnd : name.find('.', stageEnd + 1);
    return blockEnd == std::string_view::npos ? std::string_view{} : name.substr(0, blockEnd);
}

// Names of the EfficientNet-PyTorch package (_blocks.5._expand_conv.weight), which counts blocks through all stages and
// starts its normalisations at 0, to timm's (blocks.2.1.conv_pw.weight).
class EfficientNetNames final {
public:
    explicit EfficientNetNames(std::span<const TargetTensor> targets) {
        for (const TargetTensor& target : targets) {
            const std::string block(blockOf(target.name));
            if (!block.empty() && (m_blocks.empty() || m_blocks.back() != block))
                m_blocks.push_back(block);
            if (target.name.ends_with(".conv_pwl.weight"))
                m_expanding.insert(block);
        }
    }

    std::optional<std::string> operator()(std::string_view name) const {
        const std::size_t dot = name.rfind('.');
        if (dot == std::string_view::npos)
            return std::nullopt;
        const std::string_view module = name.substr(0, dot);
        const std::string_view leaf = name.substr(dot);
        constexpr std::array kOuter{Pair{"_conv_stem", "conv_stem"}, Pair{"_bn0", "bn1"},
                                    Pair{"_conv_head", "conv_head"}, Pair{"_bn1", "bn2"}, Pair{"_fc", "classifier"}};
        if (const auto outer = lookUp(kOuter, module))
            return std::string(*outer).append(leaf);
        constexpr std::string_view kPrefix = "_blocks.";
        if (!module.starts_with(kPrefix))
            return std::nullopt;
        std::size_t number = 0;
        const char* end = module.data() + module.size();
        const auto parsed = std::from_chars(module.data() + kPrefix.size(), end, number);
        if (parsed.ec != std::errc{} || parsed.ptr == end || number >= m_blocks.size())
            return std::nullopt;
        const std::string& block = m_blocks[number];
        const auto inner = innerName({parsed.ptr + 1, static_cast<std::size_t>(end - parsed.ptr - 1)}, block);
        return inner ? std::optional(block + '.' + std::string(*inner).append(leaf)) : std::nullopt;
    }

private:
    std::optional<std::string_view> innerName(std::string_view name, const std::string& block) const {
        constexpr std::array kExpanding{Pair{"_expand_conv", "conv_pw"},      Pair{"_bn0", "bn1"},
                                        Pair{"_depthwise_conv", "conv_dw"},   Pair{"_bn1", "bn2"},
                                        Pair{"_project_conv", "conv_pwl"},    Pair{"_bn2", "bn3"},
                                        Pair{"_se_reduce", "se.conv_reduce"}, Pair{"_se_expand", "se.conv_expand"}};
        constexpr std::array kPlain{Pair{"_depthwise_conv", "conv_dw"},   Pair{"_bn1", "bn1"},
                                    Pair{"_project_conv", "conv_pw"},     Pair{"_bn2", "bn2"},
                                    Pair{"_se_reduce", "se.conv_reduce"}, Pair{"_se_expand", "se.conv_expand"}};
        return m_expanding.count(block) > 0 ? lookUp(kExpanding, name) : lookUp(kPlain, name);
    }

    std::vector<std::string> m_blocks; // in forward order
    std::set<std::string> m_expanding; // blocks with an expansion
};

// torchvision's published DenseNet files still say norm.1 where the module is called norm1.
std::optional<std::string> densenetName(std::string_view name) {
    for (const std::string_view part : {"norm.1.", "norm.2.", "conv.1.", "conv.2."}) {
        const std::size_t at = name.find(part);
        if (at != std::string_view::npos && name.find("denselayer") < at)
            return std::string(name.substr(0, at + 4)).append(name.substr(at + 5));
    }
    return std::nullopt;
}

// torchvision's published ViT files call the layers of the network in a block linear_1 and linear_2.
std::optional<std::string> vitName(std::string_view name) {
    for (const auto& [old, now] : {Pair{".mlp.linear_1.", ".mlp.0."}, Pair{".mlp.linear_2.", ".mlp.3."}}) {
        const std::size_t at = name.find(old);
        if (at != std::string_view::npos)
            return std::string(name.substr(0, at)).append(now).append(name.substr(at + old.size()));
    }
    return std::nullopt;
}

} // namespace

std::vector<RenameRule> renameRules(std::span<const TargetTensor> targets) {
    std::vector<RenameRule> rules;
    const auto isTimmEfficientNet = [](const TargetTensor& target) { return target.name == "conv_stem.weight"; };
    if (std::any_of(targets.begin(), targets.end(), isTimmEfficientNet))
        rules.push_back({"EfficientNet-PyTorch names", EfficientNetNames(targets)});
    const auto isDenseNet = [](const TargetTensor& target) {
        return target.name.find(".denselayer") != std::string::npos;
    };
    if (std::any_of(targets.begin(), targets.end(), isDenseNet))
        rules.push_back({"DenseNet names with dots", densenetName});
    const auto isTorchvisionVit = [](const TargetTensor& target) { return target.name == "encoder.pos_embedding"; };
    if (std::any_of(targets.begin(), targets.end(), isTorchvisionVit))
        rules.push_back({"torchvision's older ViT names", vitName});
    for (RenameRule& rule : transformersRules(targets))
        rules.push_back(std::move(rule));
    return rules;
}

} // namespace engine
