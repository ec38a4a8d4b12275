#include "engine/models/ownmodel.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/sha256.h"
#include "engine/models/weights/mappedfile.h"
#include "engine/models/weights/weightsfile.h"

#include <map>
#include <mutex>

#include <fmt/format.h>

namespace engine {
namespace {

WeightsFile openProgram(const std::filesystem::path& file) {
    try {
        return WeightsFile::open(file);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::BadWeights)
            throw;
        throw Error(ErrorKind::BadWeights,
                    fmt::format("{} is not a TorchScript program with parameters: {}", file.string(), error.what()),
                    "Save the model as one: torch.jit.script(model).save(…), without torch.jit.freeze, which makes "
                    "constants of the parameters.");
    }
}

BackboneInfo describe(const std::string& name) {
    const OwnModel model = parseOwnModel(name);
    if (model.file.empty())
        throw Error(ErrorKind::BadInput, fmt::format("“{}” names no file.", name),
                    "Write torchscript:FILE, or torchscript:FILE#MODULE for the output of an inner module.");
    const WeightsFile file = openProgram(model.file);
    if (file.format() != "TorchScript")
        throw Error(ErrorKind::BadWeights,
                    fmt::format("{} is not a TorchScript program but {}.", model.file.string(), file.format()),
                    "Save the model as a program: torch.jit.script(model).save(…).");
    BackboneInfo info;
    info.name = name;
    info.family = "TorchScript";
    info.source = "the program itself";
    info.mean = {0.485f, 0.456f, 0.406f};
    info.standardDeviation = {0.229f, 0.224f, 0.225f};
    info.classifier = "new_head";
    info.licence = "your own";
    for (const StoredTensor& tensor : file.tensors())
        info.parameters += tensor.elements();
    return preparedAsStated(std::move(info), statedPreprocess(model.file));
}

} // namespace

const BackboneInfo& ownModelInfo(std::string_view backbone) {
    static std::mutex mutex; // guards rows
    static std::map<std::string, BackboneInfo, std::less<>> rows;
    const std::lock_guard lock(mutex);
    auto found = rows.find(backbone);
    if (found == rows.end())
        found = rows.emplace(backbone, describe(std::string(backbone))).first;
    return found->second;
}

std::string programChecksum(std::string_view backbone) {
    if (!isOwnModel(backbone))
        return {};
    const MappedFile file(parseOwnModel(backbone).file);
    Sha256 sum;
    sum.add(file.bytes());
    return sum.hex();
}

} // namespace engine
