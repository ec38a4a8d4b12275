#pragma once

#include "engine/base/torchheader.h"
#include "engine/export/protobuf.h"

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace engine {

inline constexpr std::int64_t kOnnxOperatorSet = 17;
inline constexpr std::int64_t kOnnxIrVersion = 8;

// An attribute of a node.
using OnnxAttribute = std::variant<std::int64_t, double, std::vector<std::int64_t>>;

struct OnnxNode {
    std::string op; // "Conv"
    std::string name;
    std::vector<std::string> inputs, outputs;
    std::map<std::string, OnnxAttribute> attributes;
};

// A side of an input or output: a number, or a name for one that is free.
using OnnxSide = std::variant<std::int64_t, std::string>;

struct OnnxValue {
    std::string name;
    at::ScalarType type = at::kFloat;
    std::vector<OnnxSide> shape;
};

// As an input or output of a file.
[[nodiscard]] ProtobufMessage valueMessage(const OnnxValue& value);

struct OnnxConstant {
    std::string name;
    at::Tensor value;
};

// A network as an ONNX file has it.
struct OnnxModel {
    std::vector<OnnxNode> nodes; // in an order in which they can be computed
    std::vector<OnnxConstant> constants;
    OnnxValue input, output;
    std::map<std::string, std::string> metadata;
};

// Where constants come to more than `inside` bytes, which no reader of protocol buffers takes, they lie in FILE.data
// beside it. Throws Error(DiskFull | BadInput).
void writeOnnx(const std::filesystem::path& file, const OnnxModel& model, std::size_t inside = std::size_t{2} << 30);

} // namespace engine
