#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/base/utf8.h"
#include "engine/data/picturebytes.h"
#include "engine/train/resume.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::size_t kPicturesPerClass = 4;
constexpr std::size_t kBytesPerPicture = 4096; // its last ones; the first are much alike in all pictures

// What lies below the class's folder: "train/ant/12/a.jpg" → "12/a.jpg".
std::string belowClass(const std::string& file, const std::string& className) {
    const std::size_t at = ("/" + file).find("/" + className + "/");
    return at == std::string::npos ? file : file.substr(at + className.size() + 1);
}

std::uint64_t fingerprintOf(const ImageFolder& data, const ImageSample& sample, const std::string& name) {
    std::uint64_t size = 0;
    std::array<char, kBytesPerPicture> end{};
    std::size_t count = 0;
    try {
        const PictureBytes bytes(data.root, sample);
        size = bytes.size();
        count = bytes.read(size - std::min<std::uint64_t>(size, end.size()), end);
    } catch (const Error&) {
        size = 0; // it is named elsewhere
    }
    return hashBytes(end.data(), count, hashText(name, size));
}

std::vector<std::string> withoutThose(const std::vector<std::string>& all, const std::vector<std::string>& those) {
    std::vector<std::string> result;
    for (const std::string& name : all)
        if (std::ranges::find(those, name) == those.end())
            result.push_back(fmt::format("“{}”", name));
    return result;
}

void requireSameClasses(const ImageFolder& data, const std::vector<std::string>& modelClasses) {
    if (data.classes == modelClasses)
        return;
    const auto missing = withoutThose(modelClasses, data.classes), added = withoutThose(data.classes, modelClasses);
    std::string what = "The classes stand in another order than this run began with";
    if (!missing.empty() || !added.empty())
        what = fmt::format("The classes of {} are not those this run began with: {}{}{}", data.root.string(),
                           missing.empty() ? "" : fmt::format("{} missing", fmt::join(missing, ", ")),
                           missing.empty() || added.empty() ? "" : ", ",
                           added.empty() ? "" : fmt::format("{} new", fmt::join(added, ", ")));
    throw Error(ErrorKind::BadInput, what + ".", "Give the class folders their names back, or start a new run.");
}

// A class whose pictures are those that another class had.
void requireOwnPictures(const std::vector<std::pair<std::string, std::string>>& now,
                        const std::vector<std::pair<std::string, std::string>>& before) {
    std::map<std::string, std::string> ownerBefore; // of pictures; those that several had tell nothing
    for (const auto& [name, fingerprint] : before) {
        const auto [entry, fresh] = ownerBefore.emplace(fingerprint, name);
        if (!fresh)
            entry->second.clear();
    }
    for (const auto& [name, fingerprint] : now) {
        const auto owner = ownerBefore.find(fingerprint);
        if (owner == ownerBefore.end() || owner->second.empty() || owner->second == name)
            continue;
        throw Error(ErrorKind::BadInput,
                    fmt::format("The class “{}” holds the pictures that were “{}” when this run began: the classes "
                                "were exchanged.",
                                name, owner->second),
                    "Give the class folders their names back, or start a new run.");
    }
}

} // namespace

std::vector<std::pair<std::string, std::string>> classFingerprints(const ImageFolder& data) {
    std::vector<std::uint64_t> sums(data.classes.size());
    std::vector<std::size_t> counts(data.classes.size());
    for (const ImageSample& sample : data.train) {
        const auto label = static_cast<std::size_t>(sample.label);
        if (label >= sums.size() || counts[label]++ >= kPicturesPerClass)
            continue;
        sums[label] = sums[label] * 31 + fingerprintOf(data, sample, belowClass(sample.file, data.classes[label]));
    }
    std::vector<std::pair<std::string, std::string>> result;
    for (std::size_t label = 0; label < sums.size(); ++label)
        if (counts[label] > 0)
            result.emplace_back(data.classes[label], fmt::format("{:016x}", sums[label]));
    return result;
}

std::optional<RecordedData> recordedData(const fs::path& runFolder) {
    std::error_code code;
    if (!fs::exists(runFolder / "environment.json", code))
        return {};
    const json object = json::parse(readFile(runFolder / "environment.json"), nullptr, false);
    const auto data = object.is_object() ? object.find("data") : object.end();
    if (!object.is_object() || data == object.end() || !data->is_object())
        return {};
    RecordedData result;
    try {
        result.fingerprint = data->value("fingerprint", std::string());
        result.train = data->value("train", std::size_t{0});
        result.validation = data->value("validation", std::size_t{0});
        for (const auto& entry : data->value("classes", json::array()))
            if (entry.contains("pictures"))
                result.classes.emplace_back(bytesFromUtf8(entry.at("name").get<std::string>()),
                                            entry.at("pictures").get<std::string>());
    } catch (const json::exception&) {
        return {}; // damaged: then nothing is known
    }
    return result;
}

std::string compareData(const ImageFolder& data, const std::vector<std::string>& modelClasses,
                        const std::optional<RecordedData>& recorded) {
    requireSameClasses(data, modelClasses);
    if (!recorded || recorded->fingerprint == fmt::format("{:016x}", data.fingerprint))
        return {};
    if (!recorded->classes.empty())
        requireOwnPictures(classFingerprints(data), recorded->classes);
    if (recorded->train != data.train.size() || recorded->validation != data.validation.size())
        return fmt::format("The pictures in {} are not those this run began with: {} for training and {} for "
                           "validation, where there were {} and {}.",
                           data.root.string(), data.train.size(), data.validation.size(), recorded->train,
                           recorded->validation);
    return fmt::format("The pictures in {} are not those this run began with: as many, but with other names or sizes.",
                       data.root.string());
}

} // namespace engine
