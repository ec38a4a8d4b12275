#include "engine/models/script/scriptfile.h"

#include "engine/api/error.h"
#include "engine/models/preparetorch.h"
#include "engine/models/weights/torchpickle.h"

#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

namespace jit = torch::jit;

// Code that would run on loading, and objects of other libraries.
constexpr std::array<std::string_view, 3> kForbiddenWords{"__setstate__", "torch.classes", "__getstate__"};
// Operators that do more than compute.
constexpr std::array<std::string_view, 3> kForbiddenOperators{"aten::save", "aten::from_file", "prim::PythonOp"};

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view what) {
    throw Error(ErrorKind::BadWeights,
                fmt::format("{} asks for {}, which no model needs; it was not run.", file.filename().string(), what),
                "Save the model without it.");
}

void checkCode(const std::filesystem::path& file) {
    caffe2::serialize::PyTorchStreamReader reader(file.string());
    for (const std::string& record : reader.getAllRecords()) {
        if (!record.ends_with(".py"))
            continue;
        const auto [data, size] = reader.getRecord(record);
        const std::string_view code(static_cast<const char*>(data.get()), size);
        for (const std::string_view word : kForbiddenWords)
            if (code.find(word) != std::string_view::npos)
                refuse(file, word);
    }
}

void checkOperators(const jit::Block& block, const std::filesystem::path& file) {
    for (const jit::Node* node : block.nodes()) {
        const std::string_view kind = node->kind().toQualString();
        const bool computes = kind.starts_with("aten::") || kind.starts_with("prim::");
        if (!computes || kind.starts_with("prim::rpc_") ||
            std::ranges::find(kForbiddenOperators, kind) != kForbiddenOperators.end())
            refuse(file, kind);
        for (const jit::Block* inner : node->blocks())
            checkOperators(*inner, file);
    }
}

// Half precision computes slowly on a CPU, and training narrows it by itself.
void widen(const jit::Module& module) {
    const torch::NoGradGuard noGrad;
    const auto toFloat = [](at::Tensor tensor) {
        if (tensor.defined() && tensor.is_floating_point() && tensor.scalar_type() != at::kFloat)
            tensor.set_data(tensor.to(at::kFloat));
    };
    for (const at::Tensor& parameter : module.parameters())
        toFloat(parameter);
    for (const at::Tensor& buffer : module.buffers())
        toFloat(buffer);
}

} // namespace

jit::Module loadProgram(const std::filesystem::path& file, ProgramNumbers numbers) {
    try {
        prepareTorch();
        checkProgramFile(MappedFile(file)); // torch trusts sizes and offsets
        checkCode(file);
        jit::Module module = jit::load(file.string(), c10::kCPU);
        for (jit::Function* function : module._ivalue()->compilation_unit()->get_functions())
            if (function->isGraphFunction())
                checkOperators(*jit::toGraphFunction(*function).graph()->block(), file);
        if (!module.find_method("forward"))
            throw Error(ErrorKind::BadWeights,
                        fmt::format("{} has no forward(), so it computes nothing.", file.filename().string()),
                        "Save the whole model: torch.jit.script(model).save(…).");
        if (numbers == ProgramNumbers::Float32)
            widen(module);
        return module;
    } catch (const Error&) {
        throw;
    } catch (const std::exception& error) { // c10::Error, or the compiler's own
        const std::string_view words(error.what());
        throw Error(ErrorKind::BadWeights,
                    fmt::format("{} is not a TorchScript program that can be loaded: {}.", file.filename().string(),
                                words.substr(0, std::min<std::size_t>(words.find('\n'), 200))),
                    "Save it again: torch.jit.script(model).save(…).");
    }
}

std::string essence(const std::exception& error) {
    std::string_view words(error.what());
    while (!words.empty() && std::isspace(static_cast<unsigned char>(words.back())))
        words.remove_suffix(1);
    const std::size_t line = words.rfind('\n');
    return std::string(words.substr(line == std::string_view::npos ? 0 : line + 1).substr(0, 200));
}

} // namespace engine
