#include "engine/data/shards/shardplan.h"

#include "engine/api/error.h"
#include "engine/api/tasks.h"
#include "engine/base/hash.h"
#include "engine/data/dataset.h"
#include "engine/data/encode.h"
#include "engine/data/picturebytes.h"
#include "engine/data/resize.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

constexpr int kUsualQuality = 90;
constexpr std::size_t kTried = 64;             // pictures that are written anew to see how large they become
constexpr std::uint64_t kAroundASample = 3072; // headers, label, and what fills blocks
constexpr int kPlanVersion = 1;

void requireOptions(const ShardOptions& options) {
    const auto require = [](bool good, const char* what, const char* range) {
        if (!good)
            throw Error(ErrorKind::BadInput, fmt::format("The {} of shards must be {}.", what, range),
                        "Choose another one.");
    };
    require(options.shardBytes >= 10'000 && options.shardBytes <= 1'000'000'000'000, "size", "10 kB to 1 TB");
    require(options.quality >= 0 && options.quality <= 100, "JPEG quality", "1 to 100");
    require(options.shortSide >= 0 && options.shortSide <= 100'000, "short side", "1 to 100,000 pixels");
    require(options.jobs >= 0 && options.jobs <= 1024, "number of jobs", "1 to 1024");
}

RgbImage madeSmaller(const ImageFile& file, int shortSide) {
    const int width = file.width(), height = file.height(), side = std::min(width, height);
    const ImagePart part = file.decodePart({0, 0, width, height}, shortSide);
    const double scale = static_cast<double>(shortSide) / side;
    const int outWidth = std::max(1, static_cast<int>(std::lround(width * scale)));
    const int outHeight = std::max(1, static_cast<int>(std::lround(height * scale)));
    return resample(part.image, part.left, part.top, part.right, part.bottom, outWidth, outHeight,
                    Interpolation::Bicubic, {0, 0, outWidth, outHeight});
}

// How large pictures become, of how large they are.
double growthOf(const ImageFolder& data, const ShardOptions& options) {
    if (options.shortSide == 0 && options.quality == 0)
        return 1;
    double before = 0, after = 0;
    const std::size_t count = data.train.size(), tried = std::min(kTried, count);
    for (std::size_t i = 0; i < tried; ++i) {
        const ImageSample sample = data.train[i * count / tried];
        try {
            after += static_cast<double>(packedPicture(data.root, sample, options).content.size());
            before += static_cast<double>(PictureBytes(data.root, sample).size());
        } catch (const Error&) {
            continue; // said when it is its turn
        }
    }
    return before > 0 ? after / before : 1;
}

void addShards(ShardPlan& plan, bool training, double growth, std::uint64_t shardBytes) {
    const EpochOrder& order = training ? plan.trainOrder : plan.validationOrder;
    std::int64_t begin = 0;
    std::uint64_t bytes = 0;
    int number = 0;
    const auto cut = [&](std::int64_t end) {
        plan.shards.push_back({.name = fmt::format("{}-{:06}.tar", training ? "train" : "validation", number++),
                               .training = training,
                               .begin = begin,
                               .end = end});
        plan.bytes += bytes;
        begin = end;
        bytes = 0;
    };
    for (std::int64_t place = 0; place < order.count(); ++place) {
        const auto stamp = pictureStamp(plan.data.root, plan.sample(training, place));
        const auto size = stamp ? static_cast<double>(stamp->bytes) * growth : 0.0;
        bytes += static_cast<std::uint64_t>(size) + kAroundASample;
        if (bytes >= shardBytes)
            cut(place + 1);
    }
    if (begin < order.count())
        cut(order.count());
}

} // namespace

PackedPicture packedPicture(const std::filesystem::path& root, const ImageSample& sample, const ShardOptions& options) {
    const ImageFile file(root, sample);
    if (const std::string reason = file.truncation(); !reason.empty())
        throw Error(ErrorKind::BadInput, reason, "Replace the file or leave it out.");
    const ImageFile::Format format = file.format();
    const bool jpeg = format == ImageFile::Format::Jpeg, png = format == ImageFile::Format::Png;
    const bool smaller = options.shortSide > 0 && std::min(file.width(), file.height()) > options.shortSide;
    if (!smaller && options.quality == 0 && (jpeg || png || format == ImageFile::Format::WebP))
        return {{file.content().begin(), file.content().end()}, jpeg ? "jpg" : png ? "png" : "webp"};
    const RgbImage image = smaller ? madeSmaller(file, options.shortSide) : file.decode();
    // What lost nothing so far loses nothing, unless a quality is asked for.
    const bool lossy = jpeg || format == ImageFile::Format::WebP || format == ImageFile::Format::Heic ||
                       format == ImageFile::Format::Avif;
    if (lossy || options.quality > 0)
        return {encodedJpeg(image, options.quality > 0 ? options.quality : kUsualQuality), "jpg"};
    return {encodedPng(image), "png"};
}

ShardPlan planOf(const Experiment& experiment, const ShardOptions& options) {
    requireOptions(options);
    ShardPlan plan{.data = openData(experiment)};
    plan.trainOrder = EpochOrder(static_cast<std::int64_t>(plan.data.train.size()), experiment.seed, 0);
    plan.validationOrder = EpochOrder(static_cast<std::int64_t>(plan.data.validation.size()));
    const double growth = growthOf(plan.data, options);
    for (const bool training : {true, false})
        addShards(plan, training, growth, options.shardBytes);
    plan.identity = fmt::format(
        "{:016x}", hashText(fmt::format("{} {} {} {} {} {} {} {} {} {}", kPlanVersion, plan.data.fingerprint,
                                        plan.data.train.size(), plan.data.validation.size(), experiment.seed,
                                        experiment.data.task, options.shardBytes, options.shortSide, options.quality,
                                        fmt::join(plan.data.classes, "\n"))));
    return plan;
}

} // namespace engine
