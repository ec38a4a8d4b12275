#pragma once

#include "engine/models/script/scriptgraph.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace engine {

// A TorchScript program cut off where its features are, in parts as its blocks allow.
class ScriptProgram final {
public:
    // `output` empty: the program's own; else the path of the inner module whose output is taken. Throws
    // Error(BadWeights | BadInput): no program, asks for more than computing, no parameters, no such module, no
    // features, cannot compute a picture of imageSize.
    ScriptProgram(const std::filesystem::path& file, const std::string& output, int imageSize);

    struct Part {
        std::vector<std::string> blocks; // paths of modules; empty: of a program without any
        double flops = 0;                // of one picture at imageSize
    };
    [[nodiscard]] const std::vector<Part>& parts() const { return m_parts; }
    // Pixels [N, 3, H, W] go into the first part, features [N, width] come out of the last; maps [N, width, H, W] and
    // sequences [N, T, width] are averaged over their positions. Throws Error(BadInput | OutOfMemory).
    [[nodiscard]] at::Tensor compute(std::size_t part, const at::Tensor& input) const;
    [[nodiscard]] std::int64_t width() const { return m_width; }
    [[nodiscard]] const torch::jit::Module& module() const { return m_module; }
    // Whether the features depend on the parameter: what they do not depend on cannot be trained.
    [[nodiscard]] bool reaches(const std::string& parameter) const { return m_reached.contains(parameter); }

private:
    void probe(torch::jit::Graph& graph, int imageSize);
    void split(torch::jit::Graph& graph, int imageSize);
    [[nodiscard]] std::vector<std::string> blocks() const;
    [[nodiscard]] bool sharesTensors() const;
    [[nodiscard]] at::Tensor run(torch::jit::Function& function, const at::Tensor& input) const;
    [[nodiscard]] at::Tensor pooled(const at::Tensor& output, std::int64_t pictures) const;

    std::string m_name; // for sentences
    torch::jit::Module m_module;
    std::vector<torch::jit::Function*> m_functions; // one a part
    std::vector<Part> m_parts;
    std::int64_t m_width = 0;
    std::set<std::string> m_reached;
};

} // namespace engine
