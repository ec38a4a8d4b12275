#include "engine/export/exportrequest.h"

#include "engine/api/error.h"
#include "engine/base/ownmodelname.h"
#include "engine/export/preparationscript.h"
#include "engine/models/otherlibrary.h"
#include "engine/runs/checkpoints.h"

#include <algorithm>
#include <charconv>
#include <unistd.h>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

void requireComputing(const ExportRequest& request, const ModelDescription& description) {
    if (request.names != Library::Unknown)
        throw Error(ErrorKind::BadInput, "Names of another library are for files of parameters.",
                    "Leave out the names, or export it as safetensors.");
    if (request.format == ExportFormat::Onnx && request.precision == ExportPrecision::Bfloat16)
        throw Error(ErrorKind::BadInput, "ONNX Runtime computes no network in bf16.", "Export it in fp16 or fp32.");
    if (request.input == ExportInput::Pictures)
        requirePreparation(description.preprocess);
}

void requireParameters(const ExportRequest& request, const ModelDescription& description) {
    if (isOwnModel(description.backbone))
        throw Error(ErrorKind::BadInput, "A program of one's own cannot be written under another library's names.",
                    "Use its TorchScript file.");
    if (request.input == ExportInput::Pictures)
        throw Error(ErrorKind::BadInput, "A file of parameters does not prepare pictures.",
                    "Export it as torchscript or onnx, or without the preparation.");
    const BackboneInfo& info = findBackbone(description.backbone);
    const Library own = libraryWanted(ExportFormat::Safetensors, Library::Unknown, info);
    if (const Library library = libraryWanted(request.format, request.names, info); library != own)
        requirePublished(info, library);
}

} // namespace

void requireNew(const fs::path& out) {
    std::error_code code;
    if (out.empty())
        throw Error(ErrorKind::BadInput, "No folder to write to is given.", "Name one that is not there yet.");
    if (fs::exists(fs::symlink_status(out, code)))
        throw Error(ErrorKind::BadInput, fmt::format("{} is there already.", out.string()),
                    "Name another folder, or remove that one; nothing is overwritten.");
    const fs::path there = nearestThere(out);
    if (!fs::is_directory(there, code) || access(there.c_str(), W_OK) != 0)
        throw Error(ErrorKind::BadInput, fmt::format("No folder can be made in {}.", there.string()),
                    "Choose a folder that you may write to.");
}

fs::path nearestThere(const fs::path& path) {
    std::error_code code;
    fs::path there = fs::absolute(path, code).parent_path();
    while (!fs::exists(there, code) && there.has_relative_path())
        there = there.parent_path();
    return there;
}

void requirePossible(const ExportRequest& request, const ModelDescription& description) {
    if (exportFormat(request.format).computes)
        requireComputing(request, description);
    else
        requireParameters(request, description);
}

Library libraryWanted(ExportFormat format, Library names, const BackboneInfo& backbone) {
    if (format == ExportFormat::Transformers)
        return Library::Transformers;
    if (names != Library::Unknown)
        return names;
    return backbone.source.starts_with("timm")          ? Library::Timm
           : backbone.source.starts_with("torchvision") ? Library::Torchvision
                                                        : Library::Unknown;
}

std::vector<ExportCheckpoint> exportCheckpoints(const fs::path& run) {
    const RunCheckpoints all = findCheckpoints(run);
    const RunCheckpoint* best = all.best() != nullptr ? all.best() : all.newest();
    std::vector<ExportCheckpoint> found;
    for (const RunCheckpoint& one : all.whole) { // of one step two lie side by side where a copy followed links
        if (!found.empty() && found.back().step == one.step)
            continue;
        found.push_back({std::to_string(one.step), one.step, one.epoch, one.step == best->step, found.empty()});
        if (found.back().last)
            found.back().word = "last";
        if (found.back().best)
            found.back().word = "best";
    }
    std::ranges::stable_partition(found, &ExportCheckpoint::best);
    return found;
}

fs::path checkpointNamed(const fs::path& run, const std::string& word) {
    if (word == "best")
        return modelCheckpoint(run);
    const RunCheckpoints all = findCheckpoints(run);
    std::int64_t step = -1;
    std::from_chars(word.data(), word.data() + word.size(), step);
    const auto found = word == "last" ? all.whole.begin() : std::ranges::find(all.whole, step, &RunCheckpoint::step);
    if (found != all.whole.end())
        return found->folder;
    std::string steps;
    for (const RunCheckpoint& one : all.whole)
        steps += (steps.empty() ? "" : ", ") + std::to_string(one.step);
    throw Error(ErrorKind::NotFound, fmt::format("{} has no checkpoint {}.", run.filename().string(), word),
                steps.empty() ? "Train it at least until its first validation."
                              : fmt::format("It has those of the steps {}.", steps));
}

} // namespace engine
