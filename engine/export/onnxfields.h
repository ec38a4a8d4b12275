#pragma once

// Numbers of fields in onnx.proto, by message.
namespace engine::onnx {

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

} // namespace engine::onnx
