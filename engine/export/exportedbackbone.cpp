#include "engine/export/exportedbackbone.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/export/exportedmodel.h"

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

class ExportedBackbone final : public Backbone {
public:
    ExportedBackbone(const BackboneInfo& info, int classes, std::unique_ptr<ExportedModel> model)
        : Backbone(info, classes), m_model(std::move(model)) {}
    std::vector<Stage> stages() override {
        return {{"network", {}, [this](const at::Tensor& pixels) { return m_model->logits(pixels); }}};
    }

private:
    std::unique_ptr<ExportedModel> m_model;
};

} // namespace

TrainedModel loadExportedModel(const fs::path& fileOrFolder) {
    std::error_code code;
    if (!fs::exists(fileOrFolder, code))
        throw Error(ErrorKind::NotFound, fmt::format("{} does not exist.", fileOrFolder.string()), "Check the path.");
    const fs::path folder =
        fs::is_directory(fileOrFolder, code) ? fileOrFolder : fs::absolute(fileOrFolder).parent_path();
    const ExportFacts facts = factsIn(readFile(folder / "export.json"), folder.string());
    if (!exportFormat(facts.format).computes)
        throw Error(ErrorKind::BadInput, fmt::format("{} holds parameters and no computation.", folder.string()),
                    "Use it with --backbone and --weights.");
    if (facts.format == ExportFormat::Onnx && facts.input == ExportInput::Pictures &&
        fs::exists((folder / facts.file).string() + ".data", code))
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} is too large for its network to be taken from its preparation.",
                                (folder / facts.file).string()),
                    "Name an export without the preparation, or the run.");
    TrainedModel model{.backbone = {}, .description = readModelDescription(folder), .notes = {}};
    const std::string& backbone = model.description.backbone;
    model.backbone =
        std::make_shared<ExportedBackbone>(findBackbone(backbone), static_cast<int>(model.description.classes.size()),
                                           openExported(folder, facts, backbone));
    model.backbone->eval();
    return model;
}

} // namespace engine
