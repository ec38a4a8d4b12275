#include "engine/train/trainedmodel.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/textfile.h"
#include "engine/data/preprocess.h"
#include "engine/models/adapters.h"
#include "engine/models/load.h"
#include "engine/task/task.h"

#include <fmt/format.h>
#include <sstream>

namespace engine {
namespace {

std::vector<std::string> readLabels(const std::filesystem::path& file, int classes) {
    std::vector<std::string> labels;
    std::istringstream lines(readTextFile(file));
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        if (!line.empty())
            labels.push_back(line);
    }
    if (static_cast<int>(labels.size()) != classes)
        throw Error(
            ErrorKind::BadInput,
            fmt::format("{} has {} lines, but the weights have {} classes.", file.string(), labels.size(), classes),
            "Give one class name per line, in the order of the weights' outputs.");
    return labels;
}

} // namespace

TrainedModel loadTrainedModel(const std::filesystem::path& checkpoint) {
    TrainedModel model{.description = readModelDescription(checkpoint)};
    const ModelDescription& described = model.description;
    requireSameProgram(described);
    model.backbone =
        makeBackbone(described.backbone, static_cast<int>(taskOf(described.task).outputs(described.classes)), 0);
    model.backbone->setNumerics(described.numerics);
    addAdapters(*model.backbone, described.adapters, 0);
    loadCheckpoint(*model.backbone, checkpoint / "model.safetensors");
    mergeAdapters(*model.backbone);
    model.backbone->eval();
    return model;
}

TrainedModel loadClassifier(const std::string& backbone, const std::filesystem::path& weights,
                            const std::filesystem::path& labels) {
    TrainedModel model;
    const FileHead head = headOf(weights, findBackbone(backbone));
    model.backbone = makeBackbone(backbone, head.classes, 0);
    model.description.preprocess = preprocessFor(model.backbone->info(), weights, 0);
    const StatedPreprocess stated = statedPreprocess(weights);
    model.notes = stated.notFollowed;
    if (!stated.problem.empty())
        model.notes.push_back(stated.problem);
    const std::vector<std::string> others = loadWeights(*model.backbone, weights, true).notes;
    model.notes.insert(model.notes.end(), others.begin(), others.end());
    const int classes = model.backbone->classes();
    if (!labels.empty())
        model.description.classes = readLabels(labels, classes);
    else if (std::ssize(head.names) == classes)
        model.description.classes = head.names;
    model.backbone->eval();
    return model;
}

} // namespace engine
