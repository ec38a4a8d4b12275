#include "engine/api/datareport.h"

#include "engine/api/error.h"
#include "engine/api/pictures.h"
#include "engine/data/augment/augment.h"
#include "engine/data/datachecks.h"
#include "engine/data/datanotes.h"
#include "engine/data/dataset.h"
#include "engine/data/imagefolder.h"
#include "engine/data/manyfiles.h"
#include "engine/data/resize.h"

#include <algorithm>
#include <fmt/format.h>
#include <new>

namespace engine {
namespace {

struct Look {
    bool readable = false;
    std::string reason;
    int width = 0, height = 0;
    std::uint64_t bytes = 0;
};

Look look(const std::filesystem::path& root, const ImageSample& sample) {
    Look result;
    try {
        const ImageFile file(root, sample);
        result.reason = file.truncation();
        result.readable = result.reason.empty();
        result.width = file.width();
        result.height = file.height();
        result.bytes = file.content().size();
    } catch (const Error& error) {
        result.reason = error.what();
    } catch (const std::bad_alloc&) {
        result.reason = "does not fit in memory";
    }
    return result;
}

// Without numbers: those come from a look at the pictures or from their names alone.
DataReport layoutReport(const ImageFolder& folder) {
    DataReport report;
    report.trainFolder = folder.trainFolder;
    report.validationFolder = folder.validationFolder;
    report.seededSplit = folder.seededSplit;
    report.notes = folder.notes;
    report.fingerprint = folder.fingerprint;
    for (std::size_t i = 0; i < folder.classes.size(); ++i)
        report.classes.push_back({.name = folder.classes[i], .passedOver = folder.passedOver[i]});
    return report;
}

void count(DataReport& report, const ImageFolder& folder, std::size_t number, const ImageSample& sample) {
    const bool training = number < folder.train.size();
    forEachClass(sample, [&](std::size_t label) {
        ClassCount& row = report.classes[label];
        ++(training ? row.train : row.validation);
    });
    ++(training ? report.trainSamples : report.validationSamples);
}

// Of both parts, training first.
class AllSamples {
public:
    explicit AllSamples(const ImageFolder& folder) : m_folder(folder) {}
    [[nodiscard]] std::size_t size() const { return m_folder.train.size() + m_folder.validation.size(); }
    [[nodiscard]] ImageSample operator[](std::size_t i) const {
        const std::size_t train = m_folder.train.size();
        return i < train ? m_folder.train[i] : m_folder.validation[i - train];
    }

private:
    const ImageFolder& m_folder;
};

// `most` of 0 … all − 1 at equal distances; all of them where there are no more.
std::vector<std::size_t> evenly(std::size_t all, std::size_t most) {
    std::vector<std::size_t> chosen(std::min(all, most));
    for (std::size_t i = 0; i < chosen.size(); ++i)
        chosen[i] = static_cast<std::size_t>(static_cast<double>(i) * static_cast<double>(all) /
                                             static_cast<double>(chosen.size()));
    return chosen;
}

void addChecks(DataReport& report, const ImageFolder& folder, const std::vector<CheckedPicture>& pictures,
               std::stop_token stop, ProgressSink* progress) {
    for (auto& found :
         {copyFindings(folder.root, pictures, stop, progress), sizeFindings(pictures), balanceFindings(report.classes)})
        report.notes.findings.insert(report.notes.findings.end(), found.begin(), found.end());
}

} // namespace

DataReport listData(const Experiment& experiment) {
    const ImageFolder folder = openData(experiment);
    DataReport report = layoutReport(folder);
    const AllSamples samples(folder);
    for (std::size_t i = 0; i < samples.size(); ++i)
        count(report, folder, i, samples[i]);
    return report;
}

DataReport checkData(const Experiment& experiment, std::stop_token stop, ProgressSink* progress, std::size_t most) {
    const ImageFolder folder = openData(experiment);
    DataReport report = layoutReport(folder);
    const AllSamples samples(folder);
    const std::vector<std::size_t> chosen = evenly(samples.size(), most);
    std::vector<ImageSample> opened;
    for (const std::size_t i : chosen)
        opened.push_back(samples[i]);
    std::vector<Look> looks(opened.size());
    forManyFiles(
        opened.size(), [&](std::size_t i) { looks[i] = look(folder.root, opened[i]); }, stop, progress);
    report.lookedAt = static_cast<std::int64_t>(looks.size());
    std::vector<CheckedPicture> readable;
    for (std::size_t i = 0, seen = 0; i < samples.size(); ++i) {
        if (seen == chosen.size() || chosen[seen] != i) {
            count(report, folder, i, samples[i]);
            continue;
        }
        const Look& found = looks[seen++];
        if (!found.readable) {
            report.unreadable.push_back({samples[i].file, found.reason});
            forEachClass(samples[i], [&](std::size_t label) {
                merge(report.classes[label].passedOver, {{"unreadable", 1}});
            });
            continue;
        }
        count(report, folder, i, samples[i]);
        const auto [shortSide, longSide] = std::minmax(found.width, found.height);
        report.smallestSide = report.smallestSide == 0 ? shortSide : std::min(report.smallestSide, shortSide);
        report.largestSide = std::max(report.largestSide, longSide);
        report.bytes += found.bytes;
        readable.push_back({samples[i], i < folder.train.size(), found.bytes, found.width, found.height});
    }
    if (report.trainSamples == 0)
        throw Error(
            ErrorKind::BadInput,
            fmt::format("None of the {} files in {} is a readable picture.", samples.size(), folder.root.string()),
            fmt::format("Choose another folder; {} are read.", formatNames()));
    addChecks(report, folder, readable, stop, progress);
    return report;
}

std::vector<ListedPicture> picturesOf(const Experiment& experiment, int label) {
    const ImageFolder folder = openData(experiment);
    const AllSamples samples(folder);
    std::vector<ListedPicture> pictures;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const ImageSample sample = samples[i];
        forEachClass(sample, [&](std::size_t one) {
            if (static_cast<int>(one) == label)
                pictures.push_back({sample.file, i < folder.train.size()});
        });
    }
    return pictures;
}

std::vector<PreviewPicture> previewBatch(const Experiment& experiment, int count, std::uint64_t draw,
                                         std::stop_token stop) {
    const ImageFolder folder = openData(experiment);
    const Preprocess preprocess = preprocessOf(experiment);
    const Augmentation augmentation = makeAugmentation(experiment.data.augmentation);
    std::vector<PreviewPicture> pictures;
    Random random(deriveSeed(experiment.seed, 0xba7c4, draw));
    const int tries = count * 4; // unreadable files are passed over
    for (int i = 0; i < tries && static_cast<int>(pictures.size()) < count && !folder.train.empty(); ++i) {
        if (stop.stop_requested())
            throw Error(ErrorKind::Stopped, "Drawing the preview was stopped.");
        const ImageSample& sample = folder.train[random.below(folder.train.size())];
        const Random view(random.next());
        try {
            const ImageFile file(folder.root, sample);
            pictures.push_back({trainingView(file, preprocess, augmentation, view), sample.label, sample.file});
        } catch (const Error&) {
            continue; // named by checkData()
        }
    }
    return pictures;
}

RgbImage loadThumbnail(const std::filesystem::path& file, int side) {
    const ImageFile picture(file);
    const int width = picture.width();
    const int height = picture.height();
    const int shortSide = std::min(width, height);
    const ImagePart part = picture.decodePart({0, 0, width, height}, std::min(side, shortSide));
    const double scale = std::min(1.0, double(side) / shortSide);
    const int outWidth = std::max(1, static_cast<int>(width * scale + 0.5));
    const int outHeight = std::max(1, static_cast<int>(height * scale + 0.5));
    return resample(part.image, part.left, part.top, part.right, part.bottom, outWidth, outHeight,
                    Interpolation::Bilinear, {0, 0, outWidth, outHeight});
}

} // namespace engine
