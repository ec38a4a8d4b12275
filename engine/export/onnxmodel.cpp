#include "engine/export/onnxmodel.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/export/onnxfields.h"
#include "engine/export/protobuf.h"

#include <optional>

#include <fmt/format.h>

namespace engine {
namespace {

int elementType(at::ScalarType type) {
    switch (type) {
    case at::kFloat:
        return 1;
    case at::kByte:
        return 2;
    case at::kLong:
        return 7;
    case at::kBool:
        return 9;
    case at::kHalf:
        return 10;
    case at::kBFloat16:
        return 16;
    default:
        throw Error(ErrorKind::Internal, fmt::format("ONNX is given numbers of the type {}.", at::toString(type)));
    }
}

ProtobufMessage pairOf(const std::string& key, const std::string& text) {
    ProtobufMessage message;
    message.text(onnx::pair::Key, key);
    message.text(onnx::pair::Value, text);
    return message;
}

struct AttributeWriter {
    ProtobufMessage& message;

    void operator()(std::int64_t number) const {
        message.number(onnx::attribute::Number, number);
        message.number(onnx::attribute::Type, onnx::attribute::NumberKind);
    }
    void operator()(double real) const {
        message.real(onnx::attribute::Real, static_cast<float>(real));
        message.number(onnx::attribute::Type, onnx::attribute::RealKind);
    }
    void operator()(const std::vector<std::int64_t>& numbers) const {
        for (const std::int64_t number : numbers)
            message.number(onnx::attribute::Numbers, number);
        message.number(onnx::attribute::Type, onnx::attribute::NumbersKind);
    }
};

ProtobufMessage nodeMessage(const OnnxNode& node) {
    ProtobufMessage message;
    for (const std::string& input : node.inputs)
        message.text(onnx::node::Input, input);
    for (const std::string& output : node.outputs)
        message.text(onnx::node::Output, output);
    message.text(onnx::node::Name, node.name);
    message.text(onnx::node::Operator, node.op);
    for (const auto& [name, held] : node.attributes) {
        ProtobufMessage inner;
        inner.text(onnx::attribute::Name, name);
        std::visit(AttributeWriter{inner}, held);
        message.message(onnx::node::Attribute, inner);
    }
    return message;
}

} // namespace

ProtobufMessage valueMessage(const OnnxValue& of) {
    ProtobufMessage shape, tensorType, typed, message;
    for (const OnnxSide& side : of.shape) {
        ProtobufMessage one;
        if (const auto* number = std::get_if<std::int64_t>(&side))
            one.number(onnx::type::Number, *number);
        else
            one.text(onnx::type::Free, std::get<std::string>(side));
        shape.message(onnx::type::Side, one);
    }
    tensorType.number(onnx::type::Element, elementType(of.type));
    tensorType.message(onnx::type::Shape, shape);
    typed.message(onnx::type::Tensor, tensorType);
    message.text(onnx::value::Name, of.name);
    message.message(onnx::value::Type, typed);
    return message;
}

namespace {

// Constants that lie in a file of their own, one after the other.
class DataFile final {
public:
    explicit DataFile(const std::filesystem::path& file) : m_name(file.filename().string()), m_file(file) {}
    void add(ProtobufMessage& message, const at::Tensor& value) {
        message.message(onnx::tensor::External, pairOf("location", m_name));
        message.message(onnx::tensor::External, pairOf("offset", std::to_string(m_bytes)));
        message.message(onnx::tensor::External, pairOf("length", std::to_string(value.nbytes())));
        message.number(onnx::tensor::Location, onnx::tensor::kExternal);
        m_file.write(value.const_data_ptr(), value.nbytes());
        m_bytes += value.nbytes();
    }
    void commit() { m_file.commit(); }

private:
    std::string m_name;
    AtomicFile m_file;
    std::size_t m_bytes = 0;
};

ProtobufMessage constantMessage(const OnnxConstant& constant, std::optional<DataFile>& outside) {
    const at::Tensor value = constant.value.contiguous();
    ProtobufMessage message;
    for (const std::int64_t side : value.sizes())
        message.number(onnx::tensor::Sides, side);
    message.number(onnx::tensor::Type, elementType(value.scalar_type()));
    message.text(onnx::tensor::Name, constant.name);
    if (outside && value.is_floating_point() && value.dim() > 0) // shapes are read before such files are
        outside->add(message, value);
    else
        message.text(onnx::tensor::Bytes, {static_cast<const char*>(value.const_data_ptr()), value.nbytes()});
    return message;
}

std::size_t bytesOf(const OnnxModel& model) {
    std::size_t bytes = 0;
    for (const OnnxConstant& constant : model.constants)
        bytes += constant.value.nbytes();
    return bytes;
}

ProtobufMessage graphMessage(const OnnxModel& model, std::optional<DataFile>& outside) {
    ProtobufMessage message;
    for (const OnnxNode& node : model.nodes)
        message.message(onnx::graph::Node, nodeMessage(node));
    message.text(onnx::graph::Name, "thaw");
    for (const OnnxConstant& constant : model.constants)
        message.message(onnx::graph::Constant, constantMessage(constant, outside));
    message.message(onnx::graph::Input, valueMessage(model.input));
    message.message(onnx::graph::Output, valueMessage(model.output));
    return message;
}

} // namespace

void writeOnnx(const std::filesystem::path& file, const OnnxModel& written, std::size_t inside) {
    std::optional<DataFile> outside;
    if (bytesOf(written) > inside)
        outside.emplace(file.string() + ".data");
    ProtobufMessage message, operators;
    operators.text(onnx::set::Domain, "");
    operators.number(onnx::set::Version, kOnnxOperatorSet);
    message.number(onnx::model::IrVersion, kOnnxIrVersion);
    message.text(onnx::model::Producer, "Thaw");
    message.text(onnx::model::ProducerVersion, THAW_VERSION);
    message.message(onnx::model::Graph, graphMessage(written, outside));
    message.message(onnx::model::OperatorSet, operators);
    for (const auto& [key, text] : written.metadata)
        message.message(onnx::model::Metadata, pairOf(key, text));
    AtomicFile out(file);
    out.write(message.bytes().data(), message.bytes().size());
    out.commit();
    if (outside)
        outside->commit();
}

} // namespace engine
