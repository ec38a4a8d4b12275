#include "engine/data/picturereader.h"

#include "engine/api/error.h"
#include "engine/data/augment/augment.h"

#include <cstring>

namespace engine {
namespace {

constexpr std::uint64_t kViewStream = 0x71e3;

class PictureReader final : public SampleReader {
public:
    PictureReader(std::filesystem::path root, SampleList samples, const PictureLoading& loading)
        : m_root(std::move(root)),
          m_samples(std::move(samples)),
          m_preprocess(loading.preprocess),
          m_augmentation(makeAugmentation(loading.training ? loading.augmentation : "none")),
          m_training(loading.training),
          m_viewSeed(deriveSeed(
              loading.seed, kViewStream,
              static_cast<std::uint64_t>(loading.views > 0 ? loading.epoch % loading.views : loading.epoch))) {}

    [[nodiscard]] std::int64_t count() const override { return static_cast<std::int64_t>(m_samples.size()); }

    [[nodiscard]] std::vector<FieldSpec> fields() const override {
        const std::int64_t side = m_preprocess.imageSize;
        return {{.name = std::string(kPixels), .type = FieldType::UInt8, .shape = {side, side, 3}}};
    }

    void read(std::int64_t id, std::span<const std::span<std::byte>> rows, const std::stop_token& stop) const override {
        const ImageFile file(m_root, sample(id), stop);
        // A crop above the missing part could still be read: left out in every epoch, as checkData() says.
        if (const std::string reason = file.truncation(); !reason.empty())
            throw Error(ErrorKind::BadInput, reason);
        const Random random(deriveSeed(m_viewSeed, static_cast<std::uint64_t>(id)));
        const RgbImage view =
            m_training ? trainingView(file, m_preprocess, m_augmentation, random) : validationView(file, m_preprocess);
        std::memcpy(rows.front().data(), view.pixels.data(), rows.front().size());
    }

    [[nodiscard]] std::string name(std::int64_t id) const override { return sample(id).file; }
    [[nodiscard]] Absence absence(std::int64_t id) const override { return absenceOf(m_root, sample(id).file); }
    [[nodiscard]] std::filesystem::path root() const override { return m_root; }

private:
    [[nodiscard]] ImageSample sample(std::int64_t id) const { return m_samples[static_cast<std::size_t>(id)]; }

    std::filesystem::path m_root;
    SampleList m_samples;
    Preprocess m_preprocess;
    Augmentation m_augmentation;
    bool m_training;
    std::uint64_t m_viewSeed;
};

} // namespace

std::shared_ptr<const SampleReader> makePictureReader(const std::filesystem::path& root, SampleList samples,
                                                      const PictureLoading& loading) {
    return std::make_shared<const PictureReader>(root, std::move(samples), loading);
}

Loader pictureLoader(const ImageFolder& folder, const SampleList& samples, const PictureLoading& loading) {
    const auto count = static_cast<std::int64_t>(samples.size());
    return {makePictureReader(folder.root, samples, loading),
            {.batching = {.size = loading.batchSize, .single = loading.single, .world = loading.world},
             .order = loading.training ? EpochOrder(samples, loading.seed, loading.epoch) : EpochOrder(count),
             .firstSample = loading.firstSample,
             .workers = loading.workers,
             .prefetch = loading.prefetch,
             .patience = loading.patience,
             .mostSkipped = loading.mostSkipped}};
}

} // namespace engine
