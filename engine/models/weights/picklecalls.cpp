// What a pickle may name and call: the whole list.
#include "engine/models/weights/limits.h"
#include "engine/models/weights/pickle.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace engine {
namespace {

struct NamedType {
    std::string_view name;
    DType dtype;
};

// Storage classes and torch's own names of number formats.
constexpr std::array kTypes{
    NamedType{"HalfStorage", DType::Float16},
    NamedType{"float16", DType::Float16},
    NamedType{"half", DType::Float16},
    NamedType{"BFloat16Storage", DType::BFloat16},
    NamedType{"bfloat16", DType::BFloat16},
    NamedType{"FloatStorage", DType::Float32},
    NamedType{"float32", DType::Float32},
    NamedType{"float", DType::Float32},
    NamedType{"DoubleStorage", DType::Float64},
    NamedType{"float64", DType::Float64},
    NamedType{"double", DType::Float64},
    NamedType{"CharStorage", DType::Int8},
    NamedType{"int8", DType::Int8},
    NamedType{"ByteStorage", DType::UInt8},
    NamedType{"uint8", DType::UInt8},
    NamedType{"ShortStorage", DType::Int16},
    NamedType{"int16", DType::Int16},
    NamedType{"IntStorage", DType::Int32},
    NamedType{"int32", DType::Int32},
    NamedType{"LongStorage", DType::Int64},
    NamedType{"int64", DType::Int64},
    NamedType{"BoolStorage", DType::Bool},
    NamedType{"bool", DType::Bool},
};

constexpr std::array<std::string_view, 4> kUntypedStorages{"torch.UntypedStorage", "torch.storage.UntypedStorage",
                                                           "torch.storage._UntypedStorage", "torch._UntypedStorage"};

constexpr std::array<std::string_view, 18> kCallables{"torch._utils._rebuild_tensor",
                                                      "torch._utils._rebuild_tensor_v2",
                                                      "torch._utils._rebuild_tensor_v3",
                                                      "torch._utils._rebuild_parameter",
                                                      "torch._utils._rebuild_parameter_with_state",
                                                      "torch._tensor._rebuild_from_type_v2",
                                                      "collections.OrderedDict",
                                                      "torch.Size",
                                                      "copyreg._reconstructor",
                                                      "copy_reg._reconstructor",
                                                      "_codecs.encode",
                                                      "numpy.dtype",
                                                      "numpy.core.multiarray._reconstruct",
                                                      "numpy._core.multiarray._reconstruct",
                                                      "numpy.core.numeric._frombuffer",
                                                      "numpy._core.numeric._frombuffer",
                                                      "collections.defaultdict",
                                                      "collections.Counter"};

// Of Python's own module, under its present and its former name: what holds nothing but data.
constexpr std::array<std::string_view, 14> kBuiltins{"set",       "frozenset", "list",    "tuple", "dict",
                                                     "bytearray", "object",    "complex", "slice", "range",
                                                     "int",       "float",     "str",     "bool"};
constexpr std::array<std::string_view, 4> kSequences{"set", "frozenset", "list", "tuple"};

// Functions that say something about the training or the program but make no tensors; what they give is left empty.
constexpr std::array kHarmless{std::string_view("torch.device"),
                               std::string_view("torch.jit._pickle.restore_type_tag"),
                               std::string_view("torch.jit._pickle.build_intlist"),
                               std::string_view("torch.jit._pickle.build_doublelist"),
                               std::string_view("torch.jit._pickle.build_boollist"),
                               std::string_view("torch.jit._pickle.build_tensorlist"),
                               std::string_view("numpy.core.multiarray.scalar"),
                               std::string_view("numpy._core.multiarray.scalar"),
                               std::string_view("datetime.datetime"),
                               std::string_view("datetime.timedelta"),
                               std::string_view("functools.partial")};

// Modules of which nothing belongs into weights; a mention is enough to refuse the file.
constexpr std::array<std::string_view, 17> kNeverIn{
    "os",  "posix",  "nt",     "sys",    "subprocess", "builtins", "__builtin__", "importlib", "runpy",
    "pty", "socket", "shutil", "ctypes", "pickle",     "_pickle",  "marshal",     "webbrowser"};

// Classes of a TorchScript program; their code is not looked at.
constexpr std::string_view kScriptClass = "__torch__.";

template <typename Names>
bool contains(const Names& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::optional<DType> dtypeOfType(std::string_view fullName) {
    if (!fullName.starts_with("torch."))
        return std::nullopt;
    std::string_view name = fullName.substr(6);
    if (name.starts_with("cuda."))
        name = name.substr(5); // storages of a GPU are read like any other
    for (const NamedType& type : kTypes) {
        if (type.name == name)
            return type.dtype;
    }
    return std::nullopt;
}

bool builtin(std::string_view fullName) {
    for (const std::string_view module : {"builtins.", "__builtin__."})
        if (fullName.starts_with(module))
            return contains(kBuiltins, fullName.substr(module.size()));
    return false;
}

bool storesNumbers(std::string_view fullName) {
    return contains(kUntypedStorages, fullName) || dtypeOfType(fullName).has_value();
}

// Classes begin with a capital letter as everybody writes Python; what else is called might do something.
bool namesClass(std::string_view fullName) {
    if (fullName.starts_with(kScriptClass))
        return true;
    std::string_view name = fullName.substr(fullName.rfind('.') + 1);
    while (name.starts_with('_'))
        name.remove_prefix(1);
    return !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
}

} // namespace

PickleValue* Pickle::global(std::string_view module, std::string_view name) {
    const std::string& full = m_names.emplace_back(
        fmt::format("{}.{}", module.substr(0, limits::kNameBytes), name.substr(0, limits::kNameBytes)));
    m_nameBytes += full.size();
    if (m_names.size() > limits::kTypes || m_nameBytes > limits::kAllNameBytes)
        damaged("too many names of types");
    if (contains(kCallables, full) || builtin(full))
        return makeText(Kind::Callable, full);
    if (contains(kNeverIn, module.substr(0, module.find('.'))))
        forbidden(full);
    return makeText(Kind::Type, full);
}

PickleValue* Pickle::call(const PickleValue& callable, const PickleValue& arguments) {
    if (callable.kind == Kind::Type && callable.text.starts_with(kScriptClass) && arguments.kind != Kind::Tuple)
        return make(Kind::Opaque); // a program's enumeration, with one of its values
    if (arguments.kind != Kind::Tuple || (callable.kind != Kind::Callable && callable.kind != Kind::Type))
        damaged("a call of something that is no function");
    if (callable.kind == Kind::Callable)
        return callFunction(callable.text, arguments.items);
    if (contains(kHarmless, callable.text))
        return make(Kind::Opaque);
    if (!namesClass(callable.text) || storesNumbers(callable.text))
        forbidden(fmt::format("a call of {}", callable.text));
    return make(Kind::Object);
}

PickleValue* Pickle::makeObject(const PickleValue& type, const PickleValue& arguments) {
    if (type.kind == Kind::Callable)
        return call(type, arguments);
    if (type.kind != Kind::Type || storesNumbers(type.text))
        damaged("an object of something that is no class");
    return make(Kind::Object);
}

PickleValue* Pickle::callFunction(std::string_view name, const std::vector<PickleValue*>& items) {
    if (name.ends_with("_rebuild_tensor") || name.ends_with("_rebuild_tensor_v2"))
        return makeTensor(items, false);
    if (name.ends_with("_rebuild_tensor_v3"))
        return makeTensor(items, true);
    if (name.find("_rebuild_parameter") != std::string_view::npos) {
        if (items.empty() || items[0]->kind != Kind::Tensor)
            damaged("a parameter without a tensor");
        return items[0];
    }
    if (name.ends_with("_rebuild_from_type_v2")) {
        if (items.size() < 3 || items[0]->kind != Kind::Callable || items[0]->text.ends_with("_rebuild_from_type_v2"))
            damaged("a tensor of unknown making");
        return call(*items[0], *items[2]);
    }
    if (name.ends_with("._reconstruct"))
        return make(Kind::Array);
    if (name.ends_with("._frombuffer")) {
        if (items.size() < 3)
            damaged("an array was expected");
        PickleValue* array = make(Kind::Array);
        fillArray(*array, *items[1], *items[2], items[0]->text, false);
        return array;
    }
    if (name == "numpy.dtype")
        return makeFormat(items);
    if (name == "_codecs.encode")
        return encode(items);
    if (name.ends_with("._reconstructor"))
        return make(Kind::Object);
    return makeContainer(name, items);
}

PickleValue* Pickle::makeContainer(std::string_view name, const std::vector<PickleValue*>& items) {
    const std::string_view leaf = name.substr(name.rfind('.') + 1);
    const bool dictionary = leaf.ends_with("Dict") || leaf.ends_with("dict") || leaf == "Counter";
    if (!dictionary && leaf != "Size" && !contains(kSequences, leaf))
        return make(Kind::Opaque);
    PickleValue* made = make(dictionary ? Kind::Dict : leaf == "tuple" || leaf == "Size" ? Kind::Tuple : Kind::List);
    const PickleValue* content = items.empty() ? nullptr : items.back();
    if (content && !dictionary) {
        made->items = content->items;
    } else if (content && content->kind == Kind::Dict) {
        made->items = content->items;
    } else if (content && (content->kind == Kind::List || content->kind == Kind::Tuple)) {
        // Old protocols give the pairs as a list of two-element lists.
        for (const PickleValue* pair : content->items) {
            if (pair->items.size() != 2)
                damaged("a pair was expected");
            extend(made, pair->items, Kind::Dict);
        }
    }
    m_steps += made->items.size();
    return made;
}

void Pickle::setState(PickleValue& object, const PickleValue& state) {
    switch (object.kind) {
    case Kind::Object: {
        // With slots it is a pair: the dictionary of attributes, or nothing, and the slots.
        const bool pair = state.kind == Kind::Tuple && state.items.size() == 2;
        for (const PickleValue* part : pair ? state.items : std::vector{const_cast<PickleValue*>(&state)}) {
            if (part->kind != Kind::Dict)
                continue;
            m_steps += part->items.size();
            object.items.insert(object.items.end(), part->items.begin(), part->items.end());
        }
        return;
    }
    case Kind::Array:
        fillArray(object, state);
        return;
    case Kind::Format:
        // (version, byte order, …)
        if (state.kind == Kind::Tuple && state.items.size() > 1 && state.items[1]->text == ">")
            object.integer = 1;
        return;
    case Kind::Dict:
    case Kind::List:
    case Kind::Tensor:
    case Kind::Opaque:
        return; // its attributes are not looked at
    default:
        damaged("a state for something that has none");
    }
}

PickleValue* Pickle::makeStorage(const PickleValue& id) {
    const auto& items = id.items;
    if (id.kind != Kind::Tuple || items.empty() || items[0]->kind != Kind::Text)
        damaged("a reference to something unknown");
    if (items[0]->text != "storage")
        forbidden(fmt::format("a {} from outside the file", items[0]->text.substr(0, limits::kNameBytes)));
    if (items.size() < 5 || items[1]->kind != Kind::Type || items[2]->kind != Kind::Text ||
        items[4]->kind != Kind::Int || items[4]->integer < 0)
        damaged("a storage was expected");
    PickledStorage& storage = m_storages.emplace_back();
    storage.untyped = contains(kUntypedStorages, items[1]->text);
    storage.dtype = dtypeOfType(items[1]->text).value_or(DType::UInt8);
    storage.key = items[2]->text;
    storage.elements = items[4]->integer;
    if (items.size() > 5 && items[5]->kind == Kind::Tuple && items[5]->items.size() == 3) {
        const auto view = integers(PickleValue{.kind = Kind::Tuple, .items = {items[5]->items[1], items[5]->items[2]}});
        storage.viewOffset = view[0];
        storage.elements = view[1];
    }
    PickleValue* made = make(Kind::Storage);
    made->storage = &storage;
    return made;
}

std::unordered_map<std::string_view, std::size_t> Pickle::storageWidths() const {
    std::unordered_map<std::string_view, std::size_t> widths;
    for (const PickledStorage& storage : m_storages)
        if (!storage.held)
            widths[storage.key] = dtypeBytes(storage.dtype);
    return widths;
}

std::vector<std::int64_t> Pickle::integers(const PickleValue& value) const {
    if ((value.kind != Kind::Tuple && value.kind != Kind::List) || value.items.size() > limits::kDimensions)
        damaged("a shape was expected");
    std::vector<std::int64_t> out;
    for (const PickleValue* item : value.items) {
        if (item->kind != Kind::Int || item->integer < 0)
            damaged("a size was expected");
        out.push_back(item->integer);
    }
    return out;
}

PickleValue* Pickle::makeTensor(const std::vector<PickleValue*>& arguments, bool typedByArgument) {
    if (arguments.size() < (typedByArgument ? 7u : 4u) || arguments[0]->kind != Kind::Storage ||
        arguments[1]->kind != Kind::Int || arguments[1]->integer < 0)
        damaged("a tensor was expected");
    if (m_tensors.size() == limits::kTensors)
        damaged("too many tensors");
    PickledTensor tensor;
    tensor.storage = arguments[0]->storage;
    tensor.dtype = tensor.storage->dtype;
    tensor.offset = arguments[1]->integer;
    tensor.shape = integers(*arguments[2]);
    tensor.strides = integers(*arguments[3]);
    if (tensor.shape.size() != tensor.strides.size())
        damaged("a tensor whose shape and strides differ in length");
    if (typedByArgument) {
        const auto dtype = arguments[6]->kind == Kind::Type ? dtypeOfType(arguments[6]->text) : std::nullopt;
        if (!dtype)
            forbidden(fmt::format("the number format {}", arguments[6]->text.substr(0, limits::kNameBytes)));
        tensor.dtype = *dtype;
    }
    PickleValue* made = make(Kind::Tensor);
    made->tensor = &m_tensors.emplace_back(std::move(tensor));
    return made;
}

} // namespace engine
