#include "engine/models/script/scriptbackbone.h"

#include "engine/models/layers.h"
#include "engine/models/ownmodel.h"
#include "engine/models/script/scriptprogram.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

namespace engine {
namespace {

namespace jit = torch::jit;

// Programs ask this attribute whether they train.
void setTraining(jit::Module& script, bool on) {
    if (script.hasattr("training"))
        script.setattr("training", on);
}

// "__torch__.torchvision.models.resnet.___torch_mangle_3.BasicBlock" → "BasicBlock"
std::string className(const jit::Module& script) { return script.type()->name()->name(); }

// A module of the program among torch's modules: the same tensors under the same names.
class ScriptModuleImpl final : public torch::nn::Module {
public:
    explicit ScriptModuleImpl(const jit::Module& script) : torch::nn::Module(className(script)), m_script(script) {}
    void train(bool on) override {
        torch::nn::Module::train(on);
        setTraining(m_script, on);
        for (jit::Module& bare : m_bare)
            bare.train(on);
    }
    // One without tensors (dropout) follows the module that it is in.
    void addBare(const jit::Module& script) { m_bare.push_back(script); }

private:
    jit::Module m_script;
    std::vector<jit::Module> m_bare;
};

// Likewise, of a kind that the freeze plan knows; the program is made to use this module's tensors.
class ScriptBatchNormImpl final : public torch::nn::BatchNorm2dImpl {
public:
    ScriptBatchNormImpl(const jit::Module& script, bool affine)
        : BatchNorm2dImpl(torch::nn::BatchNorm2dOptions(script.attr("running_mean").toTensor().size(0)).affine(affine)),
          m_script(script) {
        const torch::NoGradGuard noGrad;
        const auto share = [this](const std::string& name, const at::Tensor& own) {
            own.copy_(m_script.attr(name).toTensor());
            m_script.setattr(name, own);
        };
        share("running_mean", running_mean);
        share("running_var", running_var);
        if (m_script.hasattr("num_batches_tracked") && m_script.attr("num_batches_tracked").isTensor())
            share("num_batches_tracked", num_batches_tracked);
        if (affine) {
            share("weight", weight);
            share("bias", bias);
        }
    }
    void train(bool on) override {
        BatchNorm2dImpl::train(on);
        setTraining(m_script, on);
    }

private:
    jit::Module m_script;
};

// Builds torch's modules over a program's, each module and tensor once.
class Mirror final {
public:
    explicit Mirror(const ScriptProgram& program) : m_program(program) {}

    template <typename Module>
    void fill(Module& module, const jit::Module& script, const std::string& prefix) {
        addTensors(module, script, prefix);
        for (const auto& item : script.named_children()) {
            if (item.value.parameters().size() == 0 && item.value.buffers().size() == 0) {
                module.addBare(item.value);
                continue;
            }
            if (!m_seen.insert(item.value._ivalue().get()).second)
                continue;
            if (isBatchNorm(item.value, prefix + item.name + '.')) {
                module.register_module(
                    item.name, std::make_shared<ScriptBatchNormImpl>(item.value, item.value.parameters().size() > 0));
                continue;
            }
            const auto child = module.register_module(item.name, std::make_shared<ScriptModuleImpl>(item.value));
            fill(*child, item.value, prefix + item.name + '.');
        }
    }

private:
    // What the features do not depend on is kept with the model, but is nothing to train.
    void addTensors(torch::nn::Module& module, const jit::Module& script, const std::string& prefix) {
        for (const auto& item : script.named_parameters(false)) {
            if (!m_seen.insert(item.value.unsafeGetTensorImpl()).second)
                continue;
            if (m_program.reaches(prefix + item.name)) {
                module.register_parameter(item.name, item.value);
            } else {
                at::Tensor kept = item.value;
                module.register_buffer(item.name, kept.requires_grad_(false));
            }
        }
        for (const auto& item : script.named_attributes(false))
            if (item.value.isTensor() && item.value.toTensor().defined() &&
                m_seen.insert(item.value.toTensor().unsafeGetTensorImpl()).second)
                module.register_buffer(item.name, item.value.toTensor());
    }

    bool isBatchNorm(const jit::Module& script, const std::string& prefix) const {
        if (className(script) != "BatchNorm2d" || !script.hasattr("running_mean") ||
            !script.attr("running_mean").isTensor())
            return false;
        for (const auto& item : script.named_parameters(false))
            if (!m_program.reaches(prefix + item.name))
                return false;
        return true;
    }

    const ScriptProgram& m_program;
    std::unordered_set<const void*> m_seen;
};

class ScriptBackbone final : public Backbone {
public:
    ScriptBackbone(const BackboneInfo& info, ScriptProgram program, int classes)
        : Backbone(info, classes > 0 ? classes : static_cast<int>(program.width())),
          m_program(std::move(program)),
          m_script(m_program.module()) {
        Mirror(m_program).fill(*this, m_script, {});
        addStages();
        if (classes == 0) {
            m_stages.push_back({"output", {}, [](const at::Tensor& features) { return features; }});
            return;
        }
        m_head = child(*this, info.classifier, Linear(m_program.width(), classes));
        m_stages.push_back(
            {info.classifier, {info.classifier}, [this](const at::Tensor& features) { return m_head(features); }});
    }

    void addBare(const jit::Module& script) { m_bare.push_back(script); }

    std::vector<Stage> stages() override { return m_stages; }

    void train(bool on) override {
        Backbone::train(on);
        setTraining(m_script, on);
        for (jit::Module& bare : m_bare)
            bare.train(on);
    }

private:
    void addStages() {
        const auto modules = named_modules("", false);
        const auto& parts = m_program.parts();
        for (std::size_t i = 0; i < parts.size(); ++i) {
            const std::vector<std::string>& blocks = parts[i].blocks;
            Stage stage{.name = "program", .modules = blocks, .forward = {}};
            const torch::nn::Module* reporting = this;
            if (!blocks.empty()) {
                stage.name = blocks.size() == 1 ? blocks.front() : fmt::format("{}..{}", blocks.front(), blocks.back());
                reporting = modules[blocks.front()].get();
            }
            stage.forward = [this, i, reporting](const at::Tensor& input) {
                const at::Tensor output = m_program.compute(i, input);
                reportLayer(reporting, output, m_program.parts()[i].flops * static_cast<double>(input.size(0)));
                return output;
            };
            m_stages.push_back(std::move(stage));
        }
        const std::vector<std::string> loose = looseParameters();
        auto& first = m_stages.front().modules;
        first.insert(first.begin(), loose.begin(), loose.end());
    }

    // Parameters beside the blocks; they go with the first, for any part may use them.
    std::vector<std::string> looseParameters() const {
        std::vector<std::string> loose;
        for (const auto& item : named_parameters()) {
            const auto owns = [&](const std::string& module) { return item.key().starts_with(module + '.'); };
            if (std::ranges::none_of(m_stages,
                                     [&](const Stage& stage) { return std::ranges::any_of(stage.modules, owns); }))
                loose.push_back(item.key());
        }
        return loose;
    }

    ScriptProgram m_program;
    jit::Module m_script;
    std::vector<jit::Module> m_bare; // without tensors
    std::vector<Stage> m_stages;
    Linear m_head = nullptr;
};

} // namespace

std::shared_ptr<Backbone> makeScriptBackbone(const BackboneInfo& info, int classes) {
    const OwnModel model = parseOwnModel(info.name);
    auto backbone =
        std::make_shared<ScriptBackbone>(info, ScriptProgram(model.file, model.output, info.imageSize), classes);
    backbone->train(true);
    return backbone;
}

} // namespace engine
