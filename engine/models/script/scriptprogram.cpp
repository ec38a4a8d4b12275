#include "engine/models/script/scriptprogram.h"

#include "engine/api/error.h"
#include "engine/models/script/flopcounter.h"
#include "engine/models/script/scriptfile.h"

#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/graph_executor.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include <fmt/format.h>

namespace engine {
namespace {

namespace jit = torch::jit;

// What running a program once tells: models are built often, and mostly of the same file.
struct Learnt {
    std::int64_t width = 0;
    std::set<std::string> reached;
    std::vector<double> flops; // one a part
};

class LearntTable final {
public:
    static LearntTable& shared() {
        static LearntTable table;
        return table;
    }
    std::optional<Learnt> find(const std::string& key) {
        const std::lock_guard lock(m_mutex);
        const auto found = m_learnt.find(key);
        return found == m_learnt.end() ? std::nullopt : std::optional(found->second);
    }
    void keep(const std::string& key, Learnt learnt) {
        const std::lock_guard lock(m_mutex);
        m_learnt.insert_or_assign(key, std::move(learnt));
    }

private:
    std::mutex m_mutex; // guards m_learnt
    std::map<std::string, Learnt> m_learnt;
};

std::string keyOf(const std::filesystem::path& file, const std::string& output, int imageSize) {
    std::error_code code;
    return fmt::format("{}#{} {} {} {}", file.string(), output, imageSize, std::filesystem::file_size(file, code),
                       std::filesystem::last_write_time(file, code).time_since_epoch().count());
}

} // namespace

ScriptProgram::ScriptProgram(const std::filesystem::path& file, const std::string& output, int imageSize)
    : m_name(file.filename().string()), m_module(loadProgram(file)) {
    for (at::Tensor parameter : m_module.parameters())
        parameter.requires_grad_(parameter.is_floating_point()); // also of a program that was saved frozen
    if (m_module.parameters().size() == 0)
        throw Error(ErrorKind::BadInput, fmt::format("{} has no parameters, so there is nothing to train.", m_name),
                    "Save the program without torch.jit.freeze, which makes constants of them.");
    m_module.eval();
    const auto graph = featureGraph(m_module, output, m_name);
    const std::string key = keyOf(file, output, imageSize);
    if (const auto known = LearntTable::shared().find(key)) {
        m_width = known->width;
        m_reached = known->reached;
        split(*graph, 0);
        for (std::size_t i = 0; i < m_parts.size(); ++i)
            m_parts[i].flops = known->flops.at(i);
        return;
    }
    probe(*graph, imageSize);
    split(*graph, imageSize);
    Learnt learnt{.width = m_width, .reached = m_reached, .flops = {}};
    for (const Part& part : m_parts)
        learnt.flops.push_back(part.flops);
    LearntTable::shared().keep(key, std::move(learnt));
}

void ScriptProgram::probe(jit::Graph& graph, int imageSize) {
    const torch::AutoGradMode grad(true);
    const std::vector<std::string> none;
    jit::Function& whole = *splitGraph(m_module, graph, none).front().forward;
    const at::Tensor features = pooled(run(whole, at::zeros({1, 3, imageSize, imageSize})), 1);
    m_width = features.size(1);
    if (features.requires_grad())
        features.sum().backward();
    for (const auto& item : m_module.named_parameters()) {
        at::Tensor parameter = item.value;
        if (parameter.grad().defined())
            m_reached.insert(item.name);
        parameter.mutable_grad() = at::Tensor();
    }
    if (m_reached.empty())
        throw Error(
            ErrorKind::BadInput,
            fmt::format("The output of {} does not depend on its parameters, so there is nothing to train.", m_name),
            "Save the program without torch.no_grad() around its layers, or name another inner output.");
}

void ScriptProgram::split(jit::Graph& graph, int imageSize) {
    const std::vector<std::string> found = blocks();
    std::vector<ScriptPart> parts = splitGraph(m_module, graph, sharesTensors() ? std::vector<std::string>() : found);
    if (parts.size() == 1)
        parts.front().blocks = found;
    for (ScriptPart& part : parts) {
        m_parts.push_back({.blocks = std::move(part.blocks)});
        m_functions.push_back(part.forward);
    }
    if (imageSize == 0)
        return;
    const torch::NoGradGuard noGrad;
    at::Tensor value = at::zeros({1, 3, imageSize, imageSize});
    for (std::size_t i = 0; i < m_parts.size(); ++i) {
        const FlopCounter counter;
        value = compute(i, value);
        m_parts[i].flops = counter.flops();
    }
}

// The outermost modules with parameters that count; through wrappers that hold nothing but one such module.
std::vector<std::string> ScriptProgram::blocks() const {
    std::vector<std::string> found;
    for (std::string prefix;;) {
        std::vector<std::string> modules;
        for (const auto& item : m_module.named_parameters()) {
            const std::size_t dot = item.name.find('.', prefix.size());
            if (!item.name.starts_with(prefix) || dot == std::string::npos || !reaches(item.name))
                continue;
            std::string module = item.name.substr(0, dot);
            if (std::ranges::find(modules, module) == modules.end())
                modules.push_back(std::move(module));
        }
        if (modules.empty())
            return found;
        found = std::move(modules);
        if (found.size() > 1)
            return found;
        prefix = found.front() + '.';
    }
}

// The same tensor under several names: what uses it cannot be told by name.
bool ScriptProgram::sharesTensors() const {
    std::set<const void*> seen;
    for (const at::Tensor& parameter : m_module.parameters())
        if (!seen.insert(parameter.unsafeGetTensorImpl()).second)
            return true;
    return false;
}

at::Tensor ScriptProgram::compute(std::size_t part, const at::Tensor& input) const {
    // Programs reshape as if pixels stood in rows.
    const at::Tensor value = run(*m_functions[part], part == 0 ? input.contiguous() : input);
    return part + 1 < m_functions.size() ? value : pooled(value, input.size(0));
}

at::Tensor ScriptProgram::run(jit::Function& function, const at::Tensor& input) const {
    const jit::GraphOptimizerEnabledGuard plain(false); // what optimises would compile anew for every phase
    try {
        return function({m_module._ivalue(), input}).toTensor();
    } catch (const c10::OutOfMemoryError&) {
        throw;
    } catch (const std::exception& error) { // the interpreter wraps them all
        const std::string words = essence(error);
        if (words.find("out of memory") != std::string::npos || words.find("t allocate memory") != std::string::npos)
            throw Error(ErrorKind::OutOfMemory, "There is not enough memory for this step.",
                        "Choose a smaller batch or picture size, or close other programs.");
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} cannot compute {}: {}", m_name,
                                input.dim() == 4 && input.size(1) == 3
                                    ? fmt::format("a picture of {} × {} pixels", input.size(3), input.size(2))
                                    : "these pictures",
                                words),
                    "If it was made for another picture size, write a config.json beside it: {\"image_size\": 224}.");
    }
}

at::Tensor ScriptProgram::pooled(const at::Tensor& output, std::int64_t pictures) const {
    if (output.dim() < 2 || output.dim() > 4 || output.size(0) != pictures)
        throw Error(
            ErrorKind::BadInput,
            fmt::format(
                "The output of {} is not one row [N, F] or map ([N, C, H, W] or [N, H, W, C]) of features for each "
                "picture.",
                m_name),
            "Name an inner module whose output is: torchscript:FILE#MODULE.");
    // Pictures are square, so two equal sides before another size are a map [N, H, W, C].
    const bool channelsBehind =
        output.dim() == 4 && output.size(1) == output.size(2) && output.size(2) != output.size(3);
    if (output.dim() == 4)
        return channelsBehind ? output.mean({1, 2}) : output.mean({2, 3});
    return output.dim() == 3 ? output.mean(1) : output;
}

} // namespace engine
