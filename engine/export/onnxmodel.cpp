#include "engine/export/onnxmodel.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/export/protobuf.h"

#include <optional>

#include <fmt/format.h>

namespace engine {
namespace {

// Numbers of fields in onnx.proto, by message.
namespace model {
enum { IrVersion = 1, Producer = 2, ProducerVersion = 3, Graph = 7, OperatorSet = 8, Metadata = 14 };
}
namespace set {
enum { Domain = 1, Version = 2 };
}
namespace pair {
enum { Key = 1, Value = 2 };
}
namespace graph {
enum { Node = 1, Name = 2, Constant = 5, Input = 11, Output = 12 };
}
namespace node {
enum { Input = 1, Output = 2, Name = 3, Operator = 4, Attribute = 5 };
}
namespace attribute {
enum { Name = 1, Real = 2, Number = 3, Numbers = 8, Type = 20 };
enum Kind { RealKind = 1, NumberKind = 2, NumbersKind = 7 };
} // namespace attribute
namespace tensor {
enum { Sides = 1, Type = 2, Name = 8, Bytes = 9, External = 13, Location = 14 };
constexpr int kExternal = 1;
} // namespace tensor
namespace value {
enum { Name = 1, Type = 2 };
}
namespace type {
enum { Tensor = 1, Element = 1, Shape = 2, Side = 1, Number = 1, Free = 2 };
}

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
    message.text(pair::Key, key);
    message.text(pair::Value, text);
    return message;
}

struct AttributeWriter {
    ProtobufMessage& message;

    void operator()(std::int64_t number) const {
        message.number(attribute::Number, number);
        message.number(attribute::Type, attribute::NumberKind);
    }
    void operator()(double real) const {
        message.real(attribute::Real, static_cast<float>(real));
        message.number(attribute::Type, attribute::RealKind);
    }
    void operator()(const std::vector<std::int64_t>& numbers) const {
        for (const std::int64_t number : numbers)
            message.number(attribute::Numbers, number);
        message.number(attribute::Type, attribute::NumbersKind);
    }
};

ProtobufMessage nodeMessage(const OnnxNode& node) {
    ProtobufMessage message;
    for (const std::string& input : node.inputs)
        message.text(node::Input, input);
    for (const std::string& output : node.outputs)
        message.text(node::Output, output);
    message.text(node::Name, node.name);
    message.text(node::Operator, node.op);
    for (const auto& [name, held] : node.attributes) {
        ProtobufMessage inner;
        inner.text(attribute::Name, name);
        std::visit(AttributeWriter{inner}, held);
        message.message(node::Attribute, inner);
    }
    return message;
}

ProtobufMessage valueMessage(const OnnxValue& of) {
    ProtobufMessage shape, tensorType, typed, message;
    for (const OnnxSide& side : of.shape) {
        ProtobufMessage one;
        if (const auto* number = std::get_if<std::int64_t>(&side))
            one.number(type::Number, *number);
        else
            one.text(type::Free, std::get<std::string>(side));
        shape.message(type::Side, one);
    }
    tensorType.number(type::Element, elementType(of.type));
    tensorType.message(type::Shape, shape);
    typed.message(type::Tensor, tensorType);
    message.text(value::Name, of.name);
    message.message(value::Type, typed);
    return message;
}

// Constants that lie in a file of their own, one after the other.
class DataFile final {
public:
    explicit DataFile(const std::filesystem::path& file) : m_name(file.filename().string()), m_file(file) {}
    void add(ProtobufMessage& message, const at::Tensor& value) {
        message.message(tensor::External, pairOf("location", m_name));
        message.message(tensor::External, pairOf("offset", std::to_string(m_bytes)));
        message.message(tensor::External, pairOf("length", std::to_string(value.nbytes())));
        message.number(tensor::Location, tensor::kExternal);
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
        message.number(tensor::Sides, side);
    message.number(tensor::Type, elementType(value.scalar_type()));
    message.text(tensor::Name, constant.name);
    if (outside && value.is_floating_point() && value.dim() > 0) // shapes are read before such files are
        outside->add(message, value);
    else
        message.text(tensor::Bytes, {static_cast<const char*>(value.const_data_ptr()), value.nbytes()});
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
        message.message(graph::Node, nodeMessage(node));
    message.text(graph::Name, "thaw");
    for (const OnnxConstant& constant : model.constants)
        message.message(graph::Constant, constantMessage(constant, outside));
    message.message(graph::Input, valueMessage(model.input));
    message.message(graph::Output, valueMessage(model.output));
    return message;
}

} // namespace

void writeOnnx(const std::filesystem::path& file, const OnnxModel& written, std::size_t inside) {
    std::optional<DataFile> outside;
    if (bytesOf(written) > inside)
        outside.emplace(file.string() + ".data");
    ProtobufMessage message, operators;
    operators.text(set::Domain, "");
    operators.number(set::Version, kOnnxOperatorSet);
    message.number(model::IrVersion, kOnnxIrVersion);
    message.text(model::Producer, "Thaw");
    message.text(model::ProducerVersion, THAW_VERSION);
    message.message(model::Graph, graphMessage(written, outside));
    message.message(model::OperatorSet, operators);
    for (const auto& [key, text] : written.metadata)
        message.message(model::Metadata, pairOf(key, text));
    AtomicFile out(file);
    out.write(message.bytes().data(), message.bytes().size());
    out.commit();
    if (outside)
        outside->commit();
}

} // namespace engine
