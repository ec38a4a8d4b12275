#include "engine/train/trainedmodel.h"

#include "engine/models/adapters.h"
#include "engine/models/load.h"

namespace engine {

TrainedModel loadTrainedModel(const std::filesystem::path& checkpoint) {
    TrainedModel model{.description = readModelDescription(checkpoint)};
    const ModelDescription& described = model.description;
    requireSameProgram(described);
    model.backbone = makeBackbone(described.backbone, static_cast<int>(described.classes.size()), 0);
    model.backbone->setNumerics(described.numerics);
    addAdapters(*model.backbone, described.adapters, 0);
    loadCheckpoint(*model.backbone, checkpoint / "model.safetensors");
    mergeAdapters(*model.backbone);
    model.backbone->eval();
    return model;
}

} // namespace engine
