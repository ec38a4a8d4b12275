#include "engine/api/sample.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/sample/part.h"
#include "engine/sample/scene.h"

#include <fmt/format.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

namespace engine {
namespace {

constexpr int kSide = 256;
constexpr int kQuality = 90;
constexpr int kTrainPerClass = 100;
constexpr int kValidationPerClass = 25;
constexpr std::array<std::string_view, 4> kClasses{"good", "scratched", "chipped",
                                                   "bent"}; // in the order of sample::Condition

struct Job {
    std::string_view part; // "train" or "val"
    std::size_t condition = 0;
    int number = 0;
};

std::string encodeJpeg(const sample::Picture& picture) {
    const std::unique_ptr<void, int (*)(tjhandle)> encoder(tjInitCompress(), tjDestroy);
    unsigned char* data = nullptr;
    unsigned long bytes = 0;
    const int failed = tjCompress2(encoder.get(), picture.pixels.data(), picture.side, 0, picture.side, TJPF_RGB, &data,
                                   &bytes, TJSAMP_444, kQuality, TJFLAG_ACCURATEDCT);
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(data, tjFree);
    if (failed != 0)
        throw Error(ErrorKind::Internal,
                    fmt::format("A picture of the sample could not be encoded: {}.", tjGetErrorStr2(encoder.get())));
    return {reinterpret_cast<const char*>(data), bytes};
}

void drawPicture(const Job& job, const std::filesystem::path& folder, std::uint64_t seed, const sample::Noise& noise) {
    // Each picture has its own seed, so that threads and order do not matter.
    const std::uint64_t stream = job.condition + (job.part == "train" ? 0 : kClasses.size());
    Random random(deriveSeed(seed, stream, static_cast<std::uint64_t>(job.number)));
    const sample::Part part = sample::makePart(static_cast<sample::Condition>(job.condition), random);
    const std::string bytes = encodeJpeg(sample::drawScene(part, kSide, random, noise));
    const auto file = folder / job.part / kClasses[job.condition] / fmt::format("part-{:03}.jpg", job.number);
    // Not synced one by one: the folder becomes visible as a whole, and can be drawn again.
    std::ofstream out(file, std::ios::binary);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out)
        throw Error(ErrorKind::DiskFull, fmt::format("{} could not be written.", file.string()),
                    "Free some disk space or choose another folder.");
}

void drawPictures(const std::filesystem::path& folder, std::uint64_t seed) {
    std::vector<Job> jobs;
    for (std::size_t condition = 0; condition < kClasses.size(); ++condition) {
        for (int i = 1; i <= kTrainPerClass; ++i)
            jobs.push_back({"train", condition, i});
        for (int i = 1; i <= kValidationPerClass; ++i)
            jobs.push_back({"val", condition, i});
        std::filesystem::create_directories(folder / "train" / kClasses[condition]);
        std::filesystem::create_directories(folder / "val" / kClasses[condition]);
    }
    const sample::Noise noise(deriveSeed(seed, 1000));
    std::atomic<std::size_t> next = 0;
    std::vector<std::exception_ptr> failures(std::clamp(std::thread::hardware_concurrency(), 1U, 8U));
    {
        std::vector<std::jthread> threads;
        for (std::exception_ptr& failure : failures) {
            threads.emplace_back([&] {
                try {
                    for (std::size_t i = next++; i < jobs.size(); i = next++)
                        drawPicture(jobs[i], folder, seed, noise);
                } catch (...) {
                    failure = std::current_exception();
                }
            });
        }
    }
    for (const std::exception_ptr& failure : failures)
        if (failure)
            std::rethrow_exception(failure);
}

std::string experimentText(std::string_view name, std::string_view weights) {
    return fmt::format(R"([experiment]
name = "{}"
seed = 7

[data]
kind = "image-folder"
path = "parts"
train = "train"
validation = "val"
image_size = 224
augmentation = "light"

[model]
backbone = "tf_efficientnet_lite0"
weights = "{}"

[freeze]
preset = "head-only"

[train]
epochs = 6
batch_size = 16
optimizer = "adamw"
learning_rate = 1e-2
schedule = "cosine"
)",
                       name, weights);
}

} // namespace

void createSampleProject(const std::filesystem::path& folder, std::uint64_t seed) {
    try {
        if (!std::filesystem::exists(folder / "parts")) {
            std::filesystem::create_directories(folder);
            AtomicFolder parts(folder / "parts");
            drawPictures(parts.staging(), seed);
            parts.commit();
        }
        if (!std::filesystem::exists(folder / "random.toml"))
            writeFileAtomically(folder / "random.toml", experimentText("parts, random start", "none"));
        if (!std::filesystem::exists(folder / "pretrained.toml"))
            writeFileAtomically(folder / "pretrained.toml", experimentText("parts, pretrained", "bundled"));
    } catch (const std::filesystem::filesystem_error& error) {
        const bool full = error.code() == std::errc::no_space_on_device;
        throw Error(
            full ? ErrorKind::DiskFull : ErrorKind::BadInput,
            fmt::format("The sample project could not be made in {}: {}.", folder.string(), error.code().message()),
            full ? "Free some disk space." : "Choose a folder that you may write to.");
    }
}

std::filesystem::path sampleFolder() { return cacheFolder() / "sample"; }

} // namespace engine
