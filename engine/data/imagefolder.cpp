#include "engine/data/imagefolder.h"

#include "engine/api/error.h"
#include "engine/data/classmatch.h"
#include "engine/data/datanotes.h"
#include "engine/data/folderlisting.h"
#include "engine/data/layout.h"
#include "engine/data/seededsplit.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

struct ClassFolder {
    std::string name;
    ClassFiles files;
};

std::vector<ClassFolder> listClasses(const fs::path& root, const fs::path& part, const std::set<fs::path>& others,
                                     LeaveOut& leaveOut, std::uint64_t& fingerprint) {
    std::vector<ClassFolder> result;
    for (const fs::path& folder : contentOf(part).folders) {
        if (others.contains(folder) || leaveOut.takes(relativeTo(root, folder)))
            continue;
        result.push_back({folder.filename().string(), listClass(root, folder, leaveOut)});
        fingerprint += result.back().files.fingerprint;
    }
    return result;
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

void requireClasses(const fs::path& folder, const std::vector<std::string>& classes,
                    const std::vector<ClassCount>& empty) {
    if (classes.size() >= 2)
        return;
    const std::string others = emptyClassesWords(empty);
    if (classes.empty() && contentOf(folder).pictures > 0 && empty.empty())
        throw Error(ErrorKind::BadInput, fmt::format("{} holds pictures but no class folders.", folder.string()),
                    "Put the pictures of each class in a folder of its own inside it.");
    if (classes.empty())
        throw Error(ErrorKind::BadInput, fmt::format("No pictures were found in {}.{}", folder.string(), others),
                    "Choose a folder that has one folder of pictures for each class.");
    throw Error(
        ErrorKind::BadInput, fmt::format("{} has only one class, “{}”.{}", folder.string(), classes.front(), others),
        "Add a folder of pictures for at least one more class; telling one thing apart from nothing cannot be learnt.");
}

// Classes are the folders with pictures; the others are kept as notes.
std::vector<const ClassFolder*> takeClasses(const std::vector<ClassFolder>& folders, ImageFolder& out) {
    std::vector<const ClassFolder*> classes;
    for (const ClassFolder& folder : folders) {
        if (folder.files.pictures.empty()) {
            out.notes.noClasses.push_back({.name = folder.name, .passedOver = asPassedOver(folder.files.passedOver)});
            out.classesWithoutPictures.push_back(folder.name);
            continue;
        }
        classes.push_back(&folder);
        out.classes.push_back(folder.name);
        out.passedOver.push_back(asPassedOver(folder.files.passedOver));
    }
    return classes;
}

// Every class gives the same share to validation.
void splitBySeed(const std::vector<const ClassFolder*>& classes, double share, std::uint64_t seed, ImageFolder& out) {
    std::vector<ImageSample> train, validation;
    for (std::size_t label = 0; label < classes.size(); ++label) {
        const auto& files = classes[label]->files.pictures;
        const std::vector<char> held = heldBack(files, share, seed);
        for (std::size_t i = 0; i < files.size(); ++i)
            (held[i] != 0 ? validation : train).push_back({files[i], static_cast<int>(label), {}});
    }
    std::ranges::sort(train, {}, &ImageSample::file);
    std::ranges::sort(validation, {}, &ImageSample::file);
    out.train = train;
    out.validation = validation;
}

void append(const ClassFolder& folder, std::size_t label, std::vector<ImageSample>& out) {
    for (const std::string& path : folder.files.pictures)
        out.push_back({path, static_cast<int>(label), {}});
}

// Pictures of a folder that is no class are left out, and said to be.
void appendValidation(const std::vector<ClassFolder>& folders, const std::string& part, ImageFolder& out) {
    std::vector<std::string> names;
    for (const ClassFolder& folder : folders)
        names.push_back(folder.name);
    const auto matches = matchClasses(names, out.classes);
    std::vector<std::pair<std::size_t, const ClassFolder*>> taken;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        if (!matches[i]) {
            out.classesOnlyInValidation.push_back(folders[i].name);
            addStranger(out.notes, part,
                        {.name = folders[i].name,
                         .validation = static_cast<std::int64_t>(folders[i].files.pictures.size()),
                         .passedOver = asPassedOver(folders[i].files.passedOver)});
            continue;
        }
        const std::size_t label = *matches[i];
        if (names[i] != out.classes[label])
            out.notes.facts.push_back(
                fmt::format("“{}” in {} is taken for the class “{}”.", names[i], part, out.classes[label]));
        merge(out.passedOver[label], asPassedOver(folders[i].files.passedOver));
        taken.emplace_back(label, &folders[i]);
    }
    std::ranges::stable_sort(taken, {}, [](const auto& entry) { return entry.first; });
    std::vector<ImageSample> samples;
    for (const auto& [label, folder] : taken)
        append(*folder, label, samples);
    out.validation = samples;
}

} // namespace

ImageFolder openImageFolder(const Experiment& experiment) {
    const DataSettings& settings = experiment.data;
    ImageFolder result;
    result.root = normalPath(experiment.dataPath());
    requireRoot(result.root);
    LeaveOut leaveOut(settings.leaveOut);
    Layout layout = findLayout(result.root, settings, leaveOut);
    result.notes = std::move(layout.notes);
    if (layout.train != result.root)
        result.trainFolder = relativeTo(result.root, layout.train);

    const auto folders = listClasses(result.root, layout.train, layout.notClasses, leaveOut, result.fingerprint);
    const auto classes = takeClasses(folders, result);
    requireClasses(layout.train, result.classes, result.notes.noClasses);
    std::vector<ClassFolder> validation;
    if (!layout.validation.empty())
        validation = listClasses(result.root, layout.validation, {}, leaveOut, result.fingerprint);
    if (std::ranges::all_of(validation, [](const ClassFolder& folder) { return folder.files.pictures.empty(); })) {
        result.seededSplit = true;
        if (!validation.empty())
            addUnreadablePart(result.notes, relativeTo(result.root, layout.validation), settings.validationShare);
        splitBySeed(classes, settings.validationShare, experiment.seed, result);
    } else {
        result.validationFolder = relativeTo(result.root, layout.validation);
        std::vector<ImageSample> train;
        for (std::size_t label = 0; label < classes.size(); ++label)
            append(*classes[label], label, train);
        result.train = train;
        appendValidation(validation, result.validationFolder, result);
        if (result.validation.empty())
            throw Error(
                ErrorKind::BadInput,
                fmt::format("No class of {} is a class of {}.", layout.validation.string(), layout.train.string()),
                fmt::format("Give the folders of both the same names: {}.", fmt::join(result.classes, ", ")));
    }
    addFindings(result, "the training part", settings.leaveOut);
    addUnmet(result, settings.leaveOut, leaveOut.unmet());
    return result;
}

ImageFolder openForEvaluation(const fs::path& root, const std::vector<std::string>& classes) {
    ImageFolder result;
    result.root = normalPath(root);
    requireRoot(result.root);
    result.classes = classes;
    result.passedOver.resize(classes.size());
    const fs::path from = findClassesOf(result.root, classes);
    LeaveOut nothing({});
    if (from != result.root)
        result.validationFolder = relativeTo(result.root, from);
    appendValidation(listClasses(result.root, from, {}, nothing, result.fingerprint),
                     from == result.root ? from.filename().string() : result.validationFolder, result);
    if (result.validation.empty())
        throw Error(ErrorKind::BadInput,
                    fmt::format("No folder inside {} has the name of one of the model's classes.", from.string()),
                    fmt::format("Name the folders like the classes: {}.", fmt::join(classes, ", ")));
    addFindings(result, "the model", {});
    return result;
}

} // namespace engine
