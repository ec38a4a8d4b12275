#pragma once

#include "engine/api/train.h"
#include "engine/models/adapters.h"
#include "engine/train/checkpoint.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace tests {

// A run of one checkpoint whose parameters are as a backbone begins; its description may be changed before.
class MadeUpRun final {
public:
    MadeUpRun(const std::string& backbone, std::vector<std::string> classes, int size) {
        m_description.backbone = backbone;
        m_description.classes = std::move(classes);
        m_description.preprocess = engine::preprocessFor(engine::findBackbone(backbone), size);
    }
    [[nodiscard]] engine::ModelDescription& description() { return m_description; }

    // Its folder. Adapters, where the description has some, are not zero.
    std::filesystem::path write(const std::filesystem::path& folder,
                                const std::function<void(engine::Backbone&)>& change = {}) const {
        const torch::NoGradGuard noGrad;
        const auto model =
            engine::makeBackbone(m_description.backbone, static_cast<int>(m_description.classes.size()), 5);
        engine::addAdapters(*model, m_description.adapters, 5);
        for (const auto& item : model->named_parameters())
            if (item.key().find("lora_B") != std::string::npos)
                item.value().copy_(at::linspace(-0.2, 0.2, item.value().numel()).reshape(item.value().sizes()));
        if (change)
            change(*model);
        engine::Experiment experiment;
        experiment.name = "made up";
        experiment.data.path = folder / "nowhere";
        experiment.model.backbone = m_description.backbone;
        (void)engine::createRunAt(experiment, folder);
        engine::writeCheckpoint(folder / "best", *model, {}, {.step = 7, .epoch = 2}, m_description);
        return folder;
    }

private:
    engine::ModelDescription m_description;
};

} // namespace tests
