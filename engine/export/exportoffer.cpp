// What is said of an export before it is made.
#include "engine/api/error.h"
#include "engine/export/certificate.h"
#include "engine/export/exportedmodel.h"
#include "engine/export/exportrequest.h"
#include "engine/models/adapters.h"
#include "engine/models/weights/weightsfile.h"
#include "engine/train/cacheplan.h"
#include "engine/train/translate.h"

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

// Adapters go into the layers they belong to.
std::uint64_t parameterBytes(const fs::path& weights, ExportPrecision precision) {
    const WeightsFile file = WeightsFile::open(weights);
    const std::uint64_t width = precision == ExportPrecision::Float32 ? 4 : 2;
    std::uint64_t bytes = 0;
    for (const StoredTensor& tensor : file.tensors())
        if (!isAdapterParameter(tensor.name))
            bytes += tensor.dtype == DType::Float32 ? width * static_cast<std::uint64_t>(tensor.elements())
                                                    : static_cast<std::uint64_t>(tensor.bytes);
    return bytes;
}

void requireRoom(const fs::path& out, std::uint64_t bytes) {
    const fs::path there = nearestThere(out);
    std::error_code code;
    const fs::space_info space = fs::space(there, code);
    if (!code && space.available < bytes)
        throw Error(ErrorKind::DiskFull,
                    fmt::format("It needs {}; {} are free in {}.", bytesInWords(bytes), bytesInWords(space.available),
                                there.string()),
                    "Free some space, or choose another folder.");
}

std::string takesWords(const ExportRequest& request) {
    if (!exportFormat(request.format).computes)
        return {};
    return request.input == ExportInput::Pictures
               ? "It takes pictures as bytes [N, H, W, 3] of any size and gives probabilities."
               : "It takes pixels [N, 3, H, W] in fp32, prepared as the programs beside it do, and gives logits.";
}

std::string losesWords(const ExportRequest& request) {
    std::string text = exportFormat(request.format).loses;
    if (request.precision != ExportPrecision::Float32)
        text += fmt::format(" Parameters are rounded to {}: outputs may differ by up to {:g} % of the largest.",
                            exportPrecisionName(request.precision),
                            100 * toleranceOf(request.precision, ExportInput::Pixels));
    return text;
}

ExportOffer offered(const ExportRequest& request) {
    ExportOffer offer;
    offer.checkpoints = exportCheckpoints(request.run);
    const fs::path checkpoint = checkpointNamed(request.run, request.checkpoint);
    const ModelDescription description = readModelDescription(checkpoint);
    requirePossible(request, description);
    requireNew(request.out);
    offer.bytes = parameterBytes(checkpoint / "model.safetensors", request.precision);
    requireRoom(request.out, offer.bytes);
    offer.takes = takesWords(request);
    offer.opens = exportFormat(request.format).opens;
    offer.loses = losesWords(request);
    offer.notChecked = whyNotComputed(request.format, description.backbone, description.preprocess.imageSize);
    return offer;
}

} // namespace

ExportOffer offerExport(const ExportRequest& request) {
    try {
        return offered(request);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

} // namespace engine
