#pragma once

#include "engine/models/weights/dtype.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace engine {

// A typed run of numbers that a pickle refers to by key; where it lies is the container's business.
struct PickledStorage {
    DType dtype = DType::Float32;
    bool untyped = false; // counted in bytes; the tensor says the type
    std::string_view key;
    std::int64_t elements = 0;
    std::int64_t viewOffset = 0;          // legacy files: elements into the storage of `key`
    std::optional<std::string_view> held; // of a NumPy array: its bytes, which stand in the pickle itself
};

struct PickledTensor {
    const PickledStorage* storage = nullptr;
    DType dtype = DType::Float32;
    std::int64_t offset = 0; // elements
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> strides;
};

// What a pickle may build. Text points into the file. Values may contain each other in circles.
struct PickleValue {
    enum class Kind {
        None,
        Bool,
        Int,
        LongInt,
        Float,
        Text,
        Bytes,
        Tuple,
        List,
        Dict,
        Callable,
        Type,
        Storage,
        Tensor,
        Object, // of any class: attributes by name, and what it holds as a dictionary (`integer` is 1), as a Dict has
                // them
        Array,  // of NumPy, before its state makes a Tensor of it
        Format, // NumPy's number format: `text` is its code ("f4"), `integer` 1 where its bytes are swapped
        Opaque
    };
    Kind kind = Kind::None;
    std::int64_t integer = 0;
    double number = 0;
    std::string_view text;           // of a Callable or Type: its full name; of a LongInt: its little-endian bytes
    std::vector<PickleValue*> items; // of a Dict: key, value, key, value …
    const PickledStorage* storage = nullptr;
    const PickledTensor* tensor = nullptr;
};

// A restricted pickle machine: builds tensors, NumPy's arrays, numbers, texts and plain containers; of an object of any
// other class it keeps the attributes under their names, and a call of any other function it refuses by name. It calls
// nothing and imports nothing.
class Pickle final {
public:
    // `file` is the name used in sentences.
    Pickle(std::string_view bytes, std::string file) : m_bytes(bytes), m_file(std::move(file)) {}

    // Reads the pickle that starts at `at` and moves `at` behind it; the value lives as long as this object.
    // Throws Error(BadWeights).
    [[nodiscard]] const PickleValue& read(std::size_t& at);
    // Every tensor built so far, wherever it stands.
    [[nodiscard]] const std::deque<PickledTensor>& tensors() const { return m_tensors; }
    // Bytes of one element, for every storage key seen so far.
    [[nodiscard]] std::unordered_map<std::string_view, std::size_t> storageWidths() const;
    // What `held` may point into besides the file; to be kept as long as the tensors.
    [[nodiscard]] std::shared_ptr<const std::deque<std::string>> decoded() const { return m_decoded; }

private:
    using Kind = PickleValue::Kind;

    void step(unsigned char opcode);
    [[nodiscard]] bool stepNumber(unsigned char opcode);
    [[nodiscard]] bool stepText(unsigned char opcode);
    [[nodiscard]] bool stepContainer(unsigned char opcode);
    [[nodiscard]] bool stepMemo(unsigned char opcode);
    [[nodiscard]] bool stepObject(unsigned char opcode);

    [[nodiscard]] std::string_view take(std::uint64_t count);
    [[nodiscard]] std::string_view takeLine();
    template <typename Number>
    [[nodiscard]] Number takeNumber();

    PickleValue* make(Kind kind);
    PickleValue* makeText(Kind kind, std::string_view text);
    void push(PickleValue* value);
    [[nodiscard]] PickleValue* pop();
    [[nodiscard]] PickleValue* top();
    [[nodiscard]] std::vector<PickleValue*> popToMark();
    void extend(PickleValue* container, const std::vector<PickleValue*>& items, Kind wanted);
    void remember(std::uint64_t key);
    void recall(std::uint64_t key);

    [[nodiscard]] PickleValue* global(std::string_view module, std::string_view name);
    [[nodiscard]] PickleValue* call(const PickleValue& callable, const PickleValue& arguments);
    [[nodiscard]] PickleValue* callFunction(std::string_view name, const std::vector<PickleValue*>& arguments);
    [[nodiscard]] PickleValue* makeObject(const PickleValue& type, const PickleValue& arguments);
    [[nodiscard]] PickleValue* makeContainer(std::string_view name, const std::vector<PickleValue*>& arguments);
    void setState(PickleValue& object, const PickleValue& state);
    void fillArray(PickleValue& array, const PickleValue& state);
    void fillArray(PickleValue& array, const PickleValue& format, const PickleValue& shape, std::string_view bytes,
                   bool columnsFirst);
    [[nodiscard]] PickleValue* makeFormat(const std::vector<PickleValue*>& arguments);
    [[nodiscard]] PickleValue* encode(const std::vector<PickleValue*>& arguments);
    [[nodiscard]] PickleValue* makeStorage(const PickleValue& id);
    [[nodiscard]] PickleValue* makeTensor(const std::vector<PickleValue*>& arguments, bool typedByArgument);
    [[nodiscard]] std::vector<std::int64_t> integers(const PickleValue& value) const;
    [[noreturn]] void damaged(std::string_view what) const;
    [[noreturn]] void forbidden(std::string_view name) const;

    std::string_view m_bytes;
    std::string m_file;
    std::size_t m_at = 0;
    std::size_t m_steps = 0;
    std::deque<PickleValue> m_values;
    std::deque<PickledStorage> m_storages;
    std::deque<PickledTensor> m_tensors;
    std::deque<std::string> m_names;
    std::size_t m_nameBytes = 0;
    std::shared_ptr<std::deque<std::string>> m_decoded = std::make_shared<std::deque<std::string>>();
    std::size_t m_decodedBytes = 0;
    std::vector<PickleValue*> m_stack; // nullptr is a mark
    std::unordered_map<std::uint64_t, PickleValue*> m_memo;
};

} // namespace engine
