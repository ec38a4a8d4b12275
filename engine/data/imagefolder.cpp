#include "engine/data/imagefolder.h"

#include "engine/api/datareport.h"
#include "engine/api/error.h"
#include "engine/base/hash.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>
#include <span>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::array kTrainNames{"train", "training", "training_set", "train_set", "trainset"};
constexpr std::array kValidationNames{"val", "valid", "validation", "validation_set", "valid_set", "val_set",
                                      "dev", "test",  "testing",    "test_set",       "testset",   "eval"};

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

// Without dots and a slash at the end, so that paths can be compared.
fs::path normal(const fs::path& path) {
    const fs::path result = path.lexically_normal();
    return result.has_filename() ? result : result.parent_path();
}

bool hidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

bool looksLikePicture(const fs::path& file) {
    return std::ranges::find(pictureEndings(), lower(file.extension().string())) != pictureEndings().end();
}

std::vector<fs::path> subfolders(const fs::path& folder) {
    std::vector<fs::path> result;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, code))
        if (entry.is_directory(code) && !hidden(entry.path()))
            result.push_back(entry.path());
    std::sort(result.begin(), result.end());
    return result;
}

fs::path folderNamed(const fs::path& root, std::span<const char* const> names) {
    const auto folders = subfolders(root);
    for (const char* name : names)
        for (const fs::path& folder : folders)
            if (lower(folder.filename().string()) == name)
                return folder;
    return {};
}

// Class name → picture files (relative to root, sorted) of the class folders inside `part`.
using ClassFiles = std::map<std::string, std::vector<std::string>>;

ClassFiles listClasses(const fs::path& root, const fs::path& part, const std::set<std::string>& leaveOut,
                       std::uint64_t& fingerprint, const fs::path& otherPart = {}) {
    ClassFiles result;
    for (const fs::path& folder : subfolders(part)) {
        if (folder == otherPart)
            continue;
        auto& files = result[folder.filename().string()];
        std::error_code code;
        for (auto it = fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, code);
             it != fs::recursive_directory_iterator(); it.increment(code)) {
            if (code)
                break;
            if (hidden(it->path())) {
                if (it->is_directory(code))
                    it.disable_recursion_pending();
                continue;
            }
            if (!looksLikePicture(it->path()) || !it->is_regular_file(code))
                continue;
            std::string relative = it->path().lexically_relative(root).generic_string();
            if (leaveOut.contains(relative))
                continue;
            // Adding makes the sum independent of the order in which the file system lists.
            fingerprint += hashText(relative, it->file_size(code));
            files.push_back(std::move(relative));
        }
        std::sort(files.begin(), files.end());
    }
    std::erase_if(result, [](const auto& entry) { return entry.second.empty(); });
    return result;
}

fs::path requireFolder(const fs::path& root, const std::string& name, const char* key) {
    const fs::path folder = normal(root / name);
    std::error_code code;
    if (!fs::is_directory(folder, code))
        throw Error(ErrorKind::NotFound, fmt::format("{} has no folder “{}”.", root.string(), name),
                    fmt::format("Correct {} or leave it empty; then the usual names are looked for.", key));
    return folder;
}

bool holdsPictures(const fs::path& folder) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code))
        if (entry.is_regular_file(code) && looksLikePicture(entry.path()))
            return true;
    return false;
}

void requireClasses(const fs::path& folder, const ClassFiles& classes) {
    if (classes.size() >= 2)
        return;
    if (classes.empty() && holdsPictures(folder))
        throw Error(ErrorKind::BadInput, fmt::format("{} holds pictures but no class folders.", folder.string()),
                    "Put the pictures of each class in a folder of its own inside it.");
    if (classes.empty())
        throw Error(ErrorKind::BadInput, fmt::format("No pictures were found in {}.", folder.string()),
                    "Choose a folder that has one folder of pictures for each class.");
    throw Error(
        ErrorKind::BadInput, fmt::format("{} has only one class, “{}”.", folder.string(), classes.begin()->first),
        "Add a folder of pictures for at least one more class; telling one thing apart from nothing cannot be learnt.");
}

// Every class gives the same share to validation, at least one picture where it has two.
void splitBySeed(const ClassFiles& all, double share, std::uint64_t seed, ImageFolder& out) {
    int label = 0;
    for (const auto& [name, files] : all) {
        std::vector<std::pair<std::uint64_t, const std::string*>> order;
        for (const std::string& file : files)
            order.emplace_back(hashText(file, seed), &file);
        std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
            return a.first != b.first ? a.first < b.first : *a.second < *b.second;
        });
        auto held = static_cast<std::size_t>(std::lround(share * double(files.size())));
        if (files.size() >= 2)
            held = std::clamp<std::size_t>(held, 1, files.size() - 1);
        else
            held = 0;
        for (std::size_t i = 0; i < order.size(); ++i)
            (i < held ? out.validation : out.train).push_back({*order[i].second, label});
        ++label;
    }
    auto byFile = [](const ImageSample& a, const ImageSample& b) { return a.file < b.file; };
    std::sort(out.train.begin(), out.train.end(), byFile);
    std::sort(out.validation.begin(), out.validation.end(), byFile);
}

void append(const ClassFiles& files, const std::vector<std::string>& classes, std::vector<ImageSample>& out,
            std::vector<std::string>& strangers) {
    for (const auto& [name, paths] : files) {
        const auto found = std::lower_bound(classes.begin(), classes.end(), name);
        if (found == classes.end() || *found != name) {
            strangers.push_back(name);
            continue;
        }
        const int label = static_cast<int>(found - classes.begin());
        for (const std::string& path : paths)
            out.push_back({path, label});
    }
}

void requireRoot(const fs::path& root) {
    std::error_code code;
    if (root.empty())
        throw Error(ErrorKind::BadInput, "No data folder is chosen.",
                    "Choose a folder with one folder of pictures for each class.");
    if (!fs::is_directory(root, code))
        throw Error(ErrorKind::NotFound, fmt::format("The folder {} does not exist.", root.string()),
                    "Choose a folder with one folder of pictures for each class.");
}

} // namespace

ImageFolder openImageFolder(const Experiment& experiment) {
    const DataSettings& settings = experiment.data;
    ImageFolder result;
    result.root = normal(experiment.dataPath());
    requireRoot(result.root);
    const std::set<std::string> leaveOut(settings.leaveOut.begin(), settings.leaveOut.end());

    fs::path train = settings.train.empty() ? folderNamed(result.root, kTrainNames)
                                            : requireFolder(result.root, settings.train, "data.train");
    fs::path validation = settings.validation.empty()
                              ? (train.empty() ? fs::path{} : folderNamed(result.root, kValidationNames))
                              : requireFolder(result.root, settings.validation, "data.validation");
    if (train.empty())
        train = result.root;
    if (validation == train)
        validation.clear(); // what is trained on cannot be validated on
    const ClassFiles trainFiles = listClasses(result.root, train, leaveOut, result.fingerprint, validation);
    requireClasses(train, trainFiles);
    for (const auto& entry : trainFiles)
        result.classes.push_back(entry.first);
    if (train != result.root)
        result.trainFolder = train.lexically_relative(result.root).generic_string();

    const ClassFiles validationFiles =
        validation.empty() ? ClassFiles{} : listClasses(result.root, validation, leaveOut, result.fingerprint);
    if (validationFiles.empty()) {
        result.seededSplit = true;
        splitBySeed(trainFiles, settings.validationShare, experiment.seed, result);
        return result;
    }
    result.validationFolder = validation.lexically_relative(result.root).generic_string();
    append(trainFiles, result.classes, result.train, result.classesOnlyInValidation);
    append(validationFiles, result.classes, result.validation, result.classesOnlyInValidation);
    if (result.validation.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("No class of {} is a class of {}.", validation.string(), train.string()),
                    fmt::format("Give the folders of both the same names: {}.", fmt::join(result.classes, ", ")));
    return result;
}

ImageFolder openForEvaluation(const fs::path& root, const std::vector<std::string>& classes) {
    requireRoot(root);
    ImageFolder result;
    result.root = normal(root);
    result.classes = classes;
    const fs::path part = folderNamed(result.root, kValidationNames);
    const fs::path from = part.empty() ? result.root : part;
    append(listClasses(result.root, from, {}, result.fingerprint), classes, result.validation,
           result.classesOnlyInValidation);
    if (result.validation.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("No folder inside {} has the name of one of the model's classes.", from.string()),
                    fmt::format("Name the folders like the classes: {}.", fmt::join(classes, ", ")));
    return result;
}

} // namespace engine
