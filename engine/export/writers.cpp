#include "engine/export/writers.h"

#include "engine/base/atomicfile.h"
#include "engine/base/utf8.h"
#include "engine/export/exportrequest.h"
#include "engine/export/onnxexport.h"
#include "engine/export/onnxpreparation.h"
#include "engine/export/preparationscript.h"
#include "engine/export/torchscriptfile.h"
#include "engine/train/exportconfig.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;

namespace {

DType dtypeOf(ExportPrecision precision) {
    return precision == ExportPrecision::Float16    ? DType::Float16
           : precision == ExportPrecision::Bfloat16 ? DType::BFloat16
                                                    : DType::Float32;
}

// Floating point tensors in the numbers wanted.
void narrow(std::vector<TensorView>& tensors, ExportPrecision precision) {
    if (precision == ExportPrecision::Float32)
        return;
    for (TensorView& view : tensors) {
        if (view.dtype != DType::Float32)
            continue;
        const at::Tensor wide = at::from_blob(const_cast<void*>(view.data), view.shape, at::kFloat);
        const auto held = std::make_shared<at::Tensor>(wide.to(typeOf(precision)));
        view = {view.name, dtypeOf(precision), view.shape, held->data_ptr(), held->nbytes(), held};
    }
}

ExportReport writeSafetensorsFolder(const ExportPlace& place, TrainedModel& model, ExportFacts& facts) {
    const Library library = libraryWanted(facts.format, facts.names, model.backbone->info());
    OtherNetwork network = asInLibrary(*model.backbone, library, model.description.preprocess.imageSize);
    narrow(network.tensors, facts.precision);
    facts.file = "model.safetensors";
    facts.names = library;
    writeForLibrary(place.folder, *model.backbone, model.description, network, library);
    return {.architecture = network.architecture,
            .opening = openingLines(model.description, network, library, place.shown.string()),
            .notes = network.notes,
            .certificate = {}};
}

constexpr const char* kTakesPictures = "It takes bytes [N, H, W, 3] of any size and gives probabilities.";

std::string sizesNote(PictureSizes sizes, int imageSize) {
    if (sizes == PictureSizes::Any)
        return "It takes pictures of any size from 32 pixels on.";
    return sizes == PictureSizes::MultiplesOf32
               ? "It takes pictures whose sides are multiples of 32 pixels."
               : fmt::format("It takes pictures of {} × {} pixels only.", imageSize, imageSize);
}

ExportReport writeTorchScriptFolder(const ExportPlace& place, TrainedModel& model, ExportFacts& facts) {
    const ModelDescription& description = model.description;
    const Preprocess& preprocess = description.preprocess;
    TracedNetwork network = traceBackbone(model.backbone, preprocess.imageSize, typeOf(facts.precision));
    facts.file = "model.pt";
    facts.sizes = facts.input == ExportInput::Pictures ? PictureSizes::Any : network.sizes;
    const torch::jit::Module module = facts.input == ExportInput::Pictures
                                          ? withPreparation(network.module, preprocess, taskOf(description.task).info())
                                          : network.module;
    writeTorchScript(place.folder / facts.file, module,
                     {{"config.json", place.config},
                      {"export.json", factsText(facts)},
                      {"classes.json", classesText(description.classes)}});
    writeFileAtomically(place.folder / "config.json", place.config);
    ExportReport report{.architecture = model.backbone->info().name, .notes = {}, .certificate = {}};
    report.opening = fmt::format("model = torch.jit.load(\"{}\")", (place.shown / facts.file).string());
    report.notes.push_back(facts.input == ExportInput::Pictures ? kTakesPictures
                                                                : sizesNote(network.sizes, preprocess.imageSize));
    return report;
}

ExportReport writeOnnxFolder(const ExportPlace& place, TrainedModel& model, ExportFacts& facts) {
    const ModelDescription& description = model.description;
    const int side = description.preprocess.imageSize;
    const TracedNetwork network = traceBackbone(model.backbone, side, at::kFloat);
    facts.file = "model.onnx";
    OnnxModel written = onnxOf(network, side, typeOf(facts.precision));
    const bool pictures = facts.input == ExportInput::Pictures;
    facts.sizes = pictures ? PictureSizes::Any : sizesOf(written, network.sizes);
    if (pictures)
        addPreparation(written, description.preprocess, taskOf(description.task).info());
    written.metadata = {{"config.json", place.config},
                        {"export.json", factsText(facts)},
                        {"classes.json", classesText(description.classes)}};
    writeOnnx(place.folder / facts.file, written);
    writeFileAtomically(place.folder / "config.json", place.config);
    return {.architecture = model.backbone->info().name,
            .opening =
                fmt::format("session = onnxruntime.InferenceSession(\"{}\")", (place.shown / facts.file).string()),
            .notes = {pictures ? kTakesPictures : sizesNote(facts.sizes, side)},
            .certificate = {}};
}

} // namespace

std::string classesText(const std::vector<std::string>& classes) {
    nlohmann::json list = nlohmann::json::array();
    for (const std::string& name : classes)
        list.push_back(utf8FromBytes(name));
    return list.dump();
}

ExportReport writeModel(const ExportPlace& place, TrainedModel& model, ExportFacts& facts) {
    if (facts.format == ExportFormat::TorchScript)
        return writeTorchScriptFolder(place, model, facts);
    if (facts.format == ExportFormat::Onnx)
        return writeOnnxFolder(place, model, facts);
    return writeSafetensorsFolder(place, model, facts);
}

} // namespace engine
