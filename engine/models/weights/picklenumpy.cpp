// NumPy's arrays, as pickles of all ages hold them.
#include "engine/models/weights/limits.h"
#include "engine/models/weights/pickle.h"

#include <array>

namespace engine {
namespace {

struct FormatCode {
    std::string_view code;
    DType dtype;
};
constexpr std::array kFormats{
    FormatCode{"f2", DType::Float16}, FormatCode{"f4", DType::Float32}, FormatCode{"f8", DType::Float64},
    FormatCode{"i1", DType::Int8},    FormatCode{"u1", DType::UInt8},   FormatCode{"i2", DType::Int16},
    FormatCode{"i4", DType::Int32},   FormatCode{"i8", DType::Int64},   FormatCode{"b1", DType::Bool}};

std::optional<DType> dtypeOfCode(std::string_view code) {
    if (!code.empty() && (code.front() == '<' || code.front() == '|' || code.front() == '='))
        code.remove_prefix(1);
    for (const FormatCode& format : kFormats)
        if (format.code == code)
            return format.dtype;
    return std::nullopt;
}

// In elements, the last dimension running fastest, or the first; false where they do not fit 63 bits.
bool layOut(PickledTensor& tensor, bool columnsFirst, std::int64_t& count) {
    tensor.strides.assign(tensor.shape.size(), 1);
    count = 1;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        const std::size_t at = columnsFirst ? i : tensor.shape.size() - 1 - i;
        tensor.strides[at] = count;
        if (__builtin_mul_overflow(count, tensor.shape[at], &count))
            return false;
    }
    return true;
}

} // namespace

PickleValue* Pickle::makeFormat(const std::vector<PickleValue*>& arguments) {
    PickleValue* made = make(Kind::Format);
    if (!arguments.empty() && arguments[0]->kind == Kind::Text)
        made->text = arguments[0]->text;
    made->integer = made->text.starts_with('>');
    return made;
}

// Protocol 2 has no bytes: they stand as the text of the characters U+0000 to U+00FF, and this call turns them back.
PickleValue* Pickle::encode(const std::vector<PickleValue*>& arguments) {
    if (arguments.empty() || arguments[0]->kind != Kind::Text)
        return make(Kind::Opaque);
    const std::string_view text = arguments[0]->text;
    m_decodedBytes += text.size();
    if (m_decodedBytes > m_bytes.size())
        damaged("more bytes than the file has");
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        if (first < 0x80) {
            bytes += text[i];
        } else if ((first == 0xc2 || first == 0xc3) && i + 1 < text.size()) {
            bytes += static_cast<char>((first << 6) | (static_cast<unsigned char>(text[++i]) & 0x3f));
        } else {
            return make(Kind::Opaque); // no bytes at all
        }
    }
    return makeText(Kind::Bytes, m_decoded->emplace_back(std::move(bytes)));
}

// (version, shape, format, columns first, bytes)
void Pickle::fillArray(PickleValue& array, const PickleValue& state) {
    if (state.kind != Kind::Tuple || state.items.size() != 5)
        damaged("an array was expected");
    const PickleValue& data = *state.items[4];
    if (data.kind == Kind::Bytes || data.kind == Kind::Text) // Python 2 had one kind for both
        fillArray(array, *state.items[2], *state.items[1], data.text, state.items[3]->integer != 0);
    else
        array.kind = Kind::Opaque; // of objects
}

void Pickle::fillArray(PickleValue& array, const PickleValue& format, const PickleValue& shape, std::string_view bytes,
                       bool columnsFirst) {
    const auto dtype = format.kind == Kind::Format ? dtypeOfCode(format.text) : std::nullopt;
    if (!dtype || (format.integer != 0 && dtypeBytes(*dtype) > 1)) {
        array.kind = Kind::Opaque; // dates, texts, another byte order
        return;
    }
    if (m_tensors.size() == limits::kTensors)
        damaged("too many tensors");
    PickledTensor tensor;
    tensor.dtype = *dtype;
    tensor.shape = integers(shape);
    std::int64_t count = 0;
    const auto held = static_cast<std::int64_t>(bytes.size() / dtypeBytes(*dtype));
    if (!layOut(tensor, columnsFirst, count) || count > held)
        damaged("an array that is larger than its bytes");
    PickledStorage& storage = m_storages.emplace_back();
    storage.dtype = *dtype;
    storage.elements = held;
    storage.held = bytes;
    tensor.storage = &storage;
    array.kind = Kind::Tensor;
    array.tensor = &m_tensors.emplace_back(std::move(tensor));
}

} // namespace engine
