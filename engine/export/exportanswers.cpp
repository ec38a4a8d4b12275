// What exported files answer to pictures: prediction and evaluation.
#include "engine/api/error.h"
#include "engine/api/export.h"
#include "engine/api/predict.h"
#include "engine/base/atomicfile.h"
#include "engine/export/exportedbackbone.h"
#include "engine/train/evaluation.h"
#include "engine/train/translate.h"

namespace engine {

bool isExport(const std::filesystem::path& fileOrFolder) {
    std::error_code code;
    const std::filesystem::path path = expandHome(fileOrFolder);
    if (std::filesystem::is_directory(path, code))
        return std::filesystem::exists(path / "export.json", code);
    const bool computes = path.extension() == ".pt" || path.extension() == ".onnx";
    return computes && std::filesystem::exists(std::filesystem::absolute(path).parent_path() / "export.json", code);
}

Predictor Predictor::fromExport(const std::filesystem::path& fileOrFolder) {
    try {
        return predictorOf(loadExportedModel(expandHome(fileOrFolder)));
    } catch (...) {
        throw translated(std::current_exception());
    }
}

Evaluation evaluateExport(const std::filesystem::path& fileOrFolder, const std::filesystem::path& data,
                          RunControl& control, ProgressSink* progress) {
    try {
        if (data.empty())
            throw Error(ErrorKind::BadInput, "An exported file has no pictures of its own to be validated on.",
                        "Name a folder of class folders.");
        Judged judged{.name = fileOrFolder.filename().string(),
                      .experiment = {},
                      .model = loadExportedModel(expandHome(fileOrFolder)),
                      .computing = Judged::Computing::AsItIs};
        judged.experiment.devices.use = {"cpu"};
        judged.experiment.train.precision = "fp32";
        return evaluated(judged, expandHome(data), control, progress);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

} // namespace engine
