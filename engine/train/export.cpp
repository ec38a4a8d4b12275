#include "engine/api/export.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/models/ownmodel.h"
#include "engine/train/exportconfig.h"
#include "engine/train/trainedmodel.h"
#include "engine/train/translate.h"

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

void requireNew(const fs::path& out) {
    std::error_code code;
    if (out.empty())
        throw Error(ErrorKind::BadInput, "No folder to write to is given.", "Name one that is not there yet.");
    if (fs::exists(fs::symlink_status(out, code)))
        throw Error(ErrorKind::BadInput, fmt::format("{} is there already.", out.string()),
                    "Name another folder, or remove that one; nothing is overwritten.");
}

// Whose names the export has.
Library libraryWanted(const ExportRequest& request, const Backbone& backbone) {
    if (request.names != Library::Unknown)
        return request.names;
    return backbone.info().source.starts_with("timm")          ? Library::Timm
           : backbone.info().source.starts_with("torchvision") ? Library::Torchvision
                                                               : Library::Unknown;
}

ExportReport writeExport(const ExportRequest& request) {
    requireNew(request.out);
    const TrainedModel model = loadTrainedModel(modelCheckpoint(request.run));
    if (isOwnModel(model.description.backbone))
        throw Error(ErrorKind::BadInput, "A program of one's own cannot be written under another library's names.",
                    "Use its TorchScript file.");
    const Library library = libraryWanted(request, *model.backbone);
    const OtherNetwork network = asInLibrary(*model.backbone, library, model.description.preprocess.imageSize);
    AtomicFolder made(request.out);
    writeSafetensors(made.staging() / "model.safetensors", network.tensors, {{"format", "pt"}});
    for (const auto& [name, content] : exportConfigs(*model.backbone, model.description, network, library))
        writeFileAtomically(made.staging() / name, content);
    requireNew(request.out); // by now
    made.commit();
    return {.architecture = network.architecture,
            .opening = openingLines(model.description, network, library, request.out.string()),
            .notes = network.notes};
}

} // namespace

ExportReport exportModel(const ExportRequest& request) {
    try {
        return writeExport(request);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

} // namespace engine
