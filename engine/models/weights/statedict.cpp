#include "engine/models/weights/statedict.h"

#include "engine/models/weights/limits.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

using Kind = PickleValue::Kind;

constexpr std::size_t kDepth = 64; // of containers and modules in each other
constexpr const char* kSaveState = "Save the model's parameters: torch.save(model.state_dict(), …).";
// Where a torch module keeps its own: their names are the state dict's.
constexpr std::array kModuleParts{std::string_view("_parameters"), std::string_view("_buffers"),
                                  std::string_view("_modules")};
// Under which names training scripts keep those of the classes.
constexpr std::array kClassNames{
    std::string_view("classes"),    std::string_view("CLASSES"),      std::string_view("class_names"),
    std::string_view("classnames"), std::string_view("labels"),       std::string_view("label_names"),
    std::string_view("names"),      std::string_view("categories"),   std::string_view("id2label"),
    std::string_view("label2id"),   std::string_view("class_to_idx"), std::string_view("idx_to_class")};

std::string scalarText(const PickleValue& value) {
    switch (value.kind) {
    case Kind::Bool:
        return value.integer ? "true" : "false";
    case Kind::Int:
        return std::to_string(value.integer);
    case Kind::Float:
        return fmt::format("{}", value.number);
    case Kind::Text:
        return std::string(value.text.substr(0, limits::kMetadataBytes));
    default:
        return {};
    }
}

void collectMetadata(const PickleValue& root, std::map<std::string, std::string>& metadata) {
    if (root.kind != Kind::Dict)
        return;
    for (std::size_t i = 0; i + 1 < root.items.size() && metadata.size() < limits::kMetadataEntries; i += 2) {
        if (root.items[i]->kind != Kind::Text || root.items[i]->text.size() > limits::kNameBytes)
            continue;
        if (std::string text = scalarText(*root.items[i + 1]); !text.empty())
            metadata.emplace(root.items[i]->text, std::move(text));
    }
}

// Number of elements of the storage that the tensor reaches; false where that does not fit 63 bits.
bool reach(const PickledTensor& tensor, std::int64_t& end) {
    std::int64_t last = tensor.offset;
    for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        if (tensor.shape[i] == 0) {
            end = tensor.offset;
            return true;
        }
        std::int64_t span = 0;
        if (__builtin_mul_overflow(tensor.shape[i] - 1, tensor.strides[i], &span) ||
            __builtin_add_overflow(last, span, &last))
            return false;
    }
    return !__builtin_add_overflow(last, 1, &end);
}

// Product of the sizes; false where it does not fit. Strides of zero can make it larger than any storage.
bool countElements(const std::vector<std::int64_t>& shape, std::int64_t& count) {
    count = 1;
    for (const std::int64_t size : shape) {
        if (__builtin_mul_overflow(count, size, &count))
            return false;
    }
    return true;
}

StoredTensor locate(std::string_view name, const PickledTensor& tensor, const StorageBytes& storageBytes,
                    const std::string& file) {
    const std::string_view storage = tensor.storage->held ? *tensor.storage->held : storageBytes(*tensor.storage);
    const auto width = static_cast<std::int64_t>(dtypeBytes(tensor.dtype));
    const std::int64_t view = tensor.storage->viewOffset;
    std::int64_t end = 0;
    std::int64_t count = 0;
    const auto stored = static_cast<std::int64_t>(storage.size()) / width;
    if (!reach(tensor, end) || !countElements(tensor.shape, count) || view > stored || end > stored - view ||
        count > stored)
        refuseWeights(fmt::format("{} is damaged: tensor {} reaches outside its storage.", file, name),
                      "Fetch the file again.");
    StoredTensor out;
    out.name = name;
    out.dtype = tensor.dtype;
    out.shape = tensor.shape;
    out.strides = tensor.strides;
    out.data = reinterpret_cast<const std::byte*>(storage.data()) + (view + tensor.offset) * width;
    out.bytes = static_cast<std::size_t>((end - tensor.offset) * width);
    return out;
}

// Names by index, from a list of them or a dictionary between names and numbers; empty where it is something else.
std::vector<std::string> classNamesIn(const PickleValue& value) {
    const bool list = value.kind == Kind::List || value.kind == Kind::Tuple;
    if (!list && value.kind != Kind::Dict)
        return {};
    std::map<std::int64_t, std::string> names;
    const std::size_t width = list ? 1 : 2;
    for (std::size_t i = 0; i + width <= value.items.size() && names.size() < limits::kMetadataEntries * 100;
         i += width) {
        const PickleValue* name = value.items[i];
        const PickleValue* number = list ? nullptr : value.items[i + 1];
        if (number && number->kind == Kind::Text)
            std::swap(name, number);
        if (name->kind != Kind::Text || name->text.size() > limits::kNameBytes || (number && number->kind != Kind::Int))
            return {};
        names[number ? number->integer : static_cast<std::int64_t>(i)] = printable(name->text);
    }
    std::vector<std::string> inOrder;
    for (auto& [index, name] : names) {
        if (index != std::ssize(inOrder))
            return {};
        inOrder.push_back(std::move(name));
    }
    return inOrder;
}

// Every tensor of a pickle under its path: keys of dictionaries, positions in lists, attributes of objects, of which
// torch's modules are named as in a state dict.
class Collector final {
public:
    Collector(const StorageBytes& storageBytes, const std::string& file, WeightsContent& out)
        : m_storageBytes(storageBytes), m_file(file), m_out(out) {}

    void collect(const PickleValue& value, const std::string& path, std::size_t dictionary) {
        const bool inItself = std::ranges::find(m_above, &value) != m_above.end();
        if (inItself || m_above.size() == kDepth)
            return;
        if (path.size() > limits::kNameBytes)
            tooMany();
        m_above.push_back(&value);
        if (value.kind == Kind::Dict || value.kind == Kind::Object)
            collectNamed(value, path, value.kind == Kind::Dict || value.integer == 1 ? path.size() : dictionary);
        else
            collectListed(value, path);
        m_above.pop_back();
    }

private:
    void collectNamed(const PickleValue& container, const std::string& path, std::size_t dictionary) {
        for (std::size_t i = 0; i + 1 < container.items.size(); i += 2) {
            const PickleValue& key = *container.items[i];
            const PickleValue& value = *container.items[i + 1];
            const bool part = container.kind == Kind::Object && value.kind == Kind::Dict &&
                              std::ranges::find(kModuleParts, key.text) != kModuleParts.end();
            if (key.kind == Kind::Text && part)
                collectNamed(value, path, dictionary);
            else if (key.kind == Kind::Text && key.text.size() <= limits::kNameBytes)
                look(key.text, value, path, dictionary);
            else if (key.kind == Kind::Text && value.kind == Kind::Tensor)
                tooMany();
            else if (key.kind == Kind::Int)
                look(std::to_string(key.integer), value, path, dictionary);
        }
    }

    void collectListed(const PickleValue& list, const std::string& path) {
        for (std::size_t i = 0; i < list.items.size(); ++i)
            look(std::to_string(i), *list.items[i], path, path.size());
    }

    void look(std::string_view key, const PickleValue& value, const std::string& path, std::size_t dictionary) {
        if (++m_visits > limits::kPickleSteps) // one object may stand in many places
            tooMany();
        if (value.kind == Kind::Tensor)
            add(path + std::string(key), *value.tensor, dictionary);
        if (value.items.empty())
            return;
        if (std::ranges::find(kClassNames, key) != kClassNames.end())
            if (auto names = classNamesIn(value); names.size() > 1 && m_out.classNames.size() < kDepth)
                m_out.classNames.push_back(std::move(names));
        const std::string inside = path + std::string(key) + '.';
        collect(value, inside, value.kind == Kind::Object ? dictionary : inside.size());
    }

    [[noreturn]] void tooMany() const {
        refuseWeights(fmt::format("{} has too many or too long names of tensors.", m_file), kSaveState);
    }

    void add(const std::string& name, const PickledTensor& tensor, std::size_t dictionary) {
        m_nameBytes += name.size();
        if (m_out.tensors.size() == limits::kTensors || name.size() > limits::kNameBytes ||
            m_nameBytes > limits::kAllNameBytes)
            tooMany();
        m_out.tensors.push_back(locate(name, tensor, m_storageBytes, m_file));
        m_out.tensors.back().dictionary = dictionary;
    }

    const StorageBytes& m_storageBytes;
    const std::string& m_file;
    WeightsContent& m_out;
    std::vector<const PickleValue*> m_above; // the containers that lead to the present one
    std::size_t m_visits = 0;
    std::size_t m_nameBytes = 0;
};

} // namespace

void requireInside(const PickledTensor& tensor, const StorageBytes& storageBytes, std::string_view name,
                   const std::string& file) {
    static_cast<void>(locate(name, tensor, storageBytes, file));
}

WeightsContent collectTensors(const PickleValue& root, const StorageBytes& storageBytes, const std::string& file) {
    WeightsContent content;
    collectMetadata(root, content.metadata);
    Collector(storageBytes, file, content).collect(root, {}, 0);
    if (content.tensors.empty())
        refuseWeights(fmt::format("{} holds no named tensors.", file), kSaveState);
    return content;
}

} // namespace engine
