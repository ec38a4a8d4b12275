#include "engine/train/batchneeds.h"

#include "engine/models/ownmodel.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <set>
#include <string>

namespace engine {
namespace {

// From this side on every backbone of the table computes, and its last BatchNorm sees more than one value of a picture.
constexpr int kAlwaysEnough = 96;
// Transformers cut a picture into patches, whose side divides this.
constexpr int kAnyPatch = 32;

// A backbone to try pictures on; what its parameters hold does not matter.
std::shared_ptr<Backbone> trialOf(std::string_view name) {
    const torch::NoGradGuard noGrad;
    auto backbone = buildBackbone(findBackbone(name), 2);
    if (!isOwnModel(name))
        for (at::Tensor& parameter : backbone->parameters())
            parameter.zero_(); // undefined values may be slow to multiply
    backbone->eval();
    return backbone;
}

// Empty, or why the backbone cannot.
std::string troubleWith(Backbone& backbone, int side) {
    const torch::NoGradGuard noGrad;
    try {
        (void)backbone.forward(at::zeros({1, side, side, 3}).permute({0, 3, 1, 2}));
        return {};
    } catch (const c10::Error& error) {
        return error.what_without_backtrace();
    } catch (const std::exception& error) {
        return error.what();
    }
}

bool statisticsAreFinite(const Backbone& backbone) {
    return std::ranges::all_of(backbone.buffers(), [](const at::Tensor& buffer) {
        return !buffer.is_floating_point() || buffer.isfinite().all().item<bool>();
    });
}

std::set<std::string> followingData(const FreezePlan& plan, std::string_view backbone) {
    std::set<std::string> result;
    for (const std::string& path : layoutOf(backbone, 2).batchNorms)
        for (std::size_t phase = 0; phase < plan.phases().size(); ++phase)
            if (plan.followsData(path, phase))
                result.insert(path);
    return result;
}

// Answers that cost a trial, kept for the life of the program.
template <typename Key, typename Answer>
class Answers final {
public:
    template <typename Find>
    Answer of(const Key& key, const Find& find) {
        const std::lock_guard lock(m_mutex);
        const auto found = m_answers.find(key);
        return found != m_answers.end() ? found->second : m_answers.emplace(key, find()).first->second;
    }

private:
    std::mutex m_mutex; // guards m_answers
    std::map<Key, Answer> m_answers;
};

bool takes(std::string_view backbone, int side) {
    if (side >= kAlwaysEnough && side % kAnyPatch == 0 && !isOwnModel(backbone))
        return true;
    static Answers<std::pair<std::string, int>, bool> answers;
    return answers.of({std::string(backbone), side}, [&] { return troubleWith(*trialOf(backbone), side).empty(); });
}

} // namespace

int smallestPicture(std::string_view backbone) {
    const BackboneInfo& info = findBackbone(backbone);
    if (isOwnModel(backbone))
        return info.imageSize;
    static Answers<std::string, int> answers;
    return answers.of(info.name, [&] {
        const auto trial = trialOf(info.name);
        int side = 1; // not every side above a good one is good
        while (side < kAlwaysEnough && !troubleWith(*trial, side).empty())
            ++side;
        return side;
    });
}

bool oneIsTooFew(const FreezePlan& plan, std::string_view backbone, int imageSize) {
    if (imageSize >= kAlwaysEnough && !isOwnModel(backbone))
        return false;
    const std::set<std::string> following = followingData(plan, backbone);
    if (following.empty())
        return false;
    static Answers<std::tuple<std::string, int, std::set<std::string>>, bool> answers;
    return answers.of({std::string(backbone), imageSize, following}, [&] {
        const auto trial = trialOf(backbone);
        for (const auto& [path, module] : trial->named_modules("", false).pairs())
            module->train(following.contains(path));
        const bool refused = troubleWith(*trial, imageSize).find("more than 1 value per channel") != std::string::npos;
        return refused || !statisticsAreFinite(*trial);
    });
}

namespace {

Finding sizeFinding(std::string_view backbone, int side) {
    const int least = smallestPicture(backbone);
    const bool tooSmall = side < least;
    const int rounded = std::max(kAnyPatch, (side + kAnyPatch / 2) / kAnyPatch * kAnyPatch);
    const int fit = tooSmall || isOwnModel(backbone) ? least : rounded;
    return {.key = "data.image_size",
            .message = tooSmall ? fmt::format("Pictures of {0} × {0} pixels are too small for {1}.", side, backbone)
                                : fmt::format("{1} cannot compute with pictures of {0} × {0} pixels.", side, backbone),
            .detail = tooSmall ? fmt::format("The smallest it can compute with are {0} × {0}.", least)
                      : isOwnModel(backbone)
                          ? fmt::format("It was saved for pictures of {0} × {0}.", least)
                          : fmt::format("A multiple of {} always works, such as {}.", kAnyPatch, fit),
            .fixLabel = fmt::format("Use {}", fit),
            .fixKey = "data.image_size",
            .fixValue = std::to_string(fit)};
}

} // namespace

std::vector<Finding> batchFindings(const BatchQuestion& question) {
    const int side = question.imageSize;
    if (!takes(question.backbone, side))
        return {sizeFinding(question.backbone, side)};
    if ((question.batchSize > 1 && question.pictures != 1) ||
        !oneIsTooFew(question.plan, question.backbone, question.imageSize))
        return {};
    Finding finding{.key = "train.batch_size",
                    .message = fmt::format("BatchNorm cannot be trained with batches of one picture of {} × {} pixels.",
                                           side, side),
                    .detail = fmt::format("The last BatchNorm layers of {} see a single value a channel, which has no "
                                          "variance. Use at least two pictures a batch, larger pictures, or freeze "
                                          "these blocks.",
                                          question.backbone)};
    if (question.pictures != 1) {
        finding.fixLabel = "Use 2";
        finding.fixKey = "train.batch_size";
        finding.fixValue = "2";
    }
    return {finding};
}

Batching batchingOf(const BatchQuestion& question) {
    Batching batching{.size = question.batchSize, .single = Batching::Single::JoinsTheLast};
    if (!batching.joins(question.pictures) || !oneIsTooFew(question.plan, question.backbone, question.imageSize))
        batching.single = Batching::Single::BatchOfItsOwn;
    return batching;
}

} // namespace engine
