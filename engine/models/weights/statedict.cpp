#include "engine/models/weights/statedict.h"

#include "engine/models/weights/limits.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace engine {
namespace {

using Kind = PickleValue::Kind;

// Under which keys training scripts keep the model, most telling first: the averaged parameters are those that were
// evaluated.
constexpr std::array kWrapperKeys{std::string_view("state_dict_ema"),
                                  std::string_view("model_ema"),
                                  std::string_view("ema_state_dict"),
                                  std::string_view("ema_model"),
                                  std::string_view("ema"),
                                  std::string_view("state_dict"),
                                  std::string_view("model_state_dict"),
                                  std::string_view("model_state"),
                                  std::string_view("model"),
                                  std::string_view("net"),
                                  std::string_view("network"),
                                  std::string_view("module"),
                                  std::string_view("params"),
                                  std::string_view("weights")};
// What wrapping a module for several devices, compilation, averaging or training frameworks puts before every name.
constexpr std::array kPrefixes{
    std::string_view("module."),     std::string_view("_orig_mod."), std::string_view("model."),
    std::string_view("state_dict."), std::string_view("ema_model."), std::string_view("ema."),
    std::string_view("net."),        std::string_view("network."),   std::string_view("backbone.")};
// How many steps went into an average; torch.optim.swa_utils keeps it beside "module.".
constexpr std::string_view kAverageCount = "n_averaged";
constexpr int kDepth = 4;
constexpr int kObjectDepth = 32; // of modules in modules
constexpr const char* kSaveState = "Save the model's parameters: torch.save(model.state_dict(), …).";

bool isTensorDict(const PickleValue& value) {
    if (value.kind != Kind::Dict)
        return false;
    for (std::size_t i = 1; i < value.items.size(); i += 2) {
        if (value.items[i]->kind == Kind::Tensor && value.items[i - 1]->kind == Kind::Text)
            return true;
    }
    return false;
}

const PickleValue* member(const PickleValue& dict, std::string_view key) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        if (dict.items[i]->kind == Kind::Text && dict.items[i]->text == key)
            return dict.items[i + 1];
    }
    return nullptr;
}

// Breadth is the list of known keys, depth is bounded: circles end.
const PickleValue* findTensorDict(const PickleValue& value, std::vector<std::string>& wrappers, int depth) {
    if (value.kind != Kind::Dict || depth == kDepth)
        return nullptr;
    for (const std::string_view key : kWrapperKeys) {
        const PickleValue* inner = member(value, key);
        if (!inner)
            continue;
        wrappers.emplace_back(key);
        if (const PickleValue* found = findTensorDict(*inner, wrappers, depth + 1))
            return found;
        wrappers.pop_back();
    }
    return isTensorDict(value) ? &value : nullptr;
}

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
    const std::string_view storage = storageBytes(*tensor.storage);
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

// The tensors of one container or script object, and of the objects in it, by dotted names.
class Collector final {
public:
    Collector(const StorageBytes& storageBytes, const std::string& file, std::vector<StoredTensor>& out)
        : m_storageBytes(storageBytes), m_file(file), m_out(out) {}

    void collect(const PickleValue& container, const std::string& prefix, int depth) {
        if (prefix.size() > limits::kNameBytes)
            tooMany();
        for (std::size_t i = 0; i + 1 < container.items.size(); i += 2) {
            const PickleValue& key = *container.items[i];
            const PickleValue& value = *container.items[i + 1];
            if (++m_visits > limits::kPickleSteps) // one object may stand in many places
                tooMany();
            if (key.kind != Kind::Text)
                continue;
            if (value.kind == Kind::Tensor)
                add(prefix + std::string(key.text.substr(0, limits::kNameBytes + 1)), *value.tensor);
            else if (value.kind == Kind::Object && depth < kObjectDepth && key.text.size() <= limits::kNameBytes)
                collect(value, prefix + std::string(key.text) + '.', depth + 1);
        }
    }

private:
    [[noreturn]] void tooMany() const {
        refuseWeights(fmt::format("{} has too many or too long names of tensors.", m_file), kSaveState);
    }

    void add(const std::string& name, const PickledTensor& tensor) {
        m_nameBytes += name.size();
        if (m_out.size() == limits::kTensors || name.size() > limits::kNameBytes || m_nameBytes > limits::kAllNameBytes)
            tooMany();
        m_out.push_back(locate(name, tensor, m_storageBytes, m_file));
    }

    const StorageBytes& m_storageBytes;
    const std::string& m_file;
    std::vector<StoredTensor>& m_out;
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
    const PickleValue* dict = root.kind == Kind::Object ? &root : findTensorDict(root, content.wrappers, 0);
    if (dict) {
        collectMetadata(root, content.metadata);
        Collector(storageBytes, file, content.tensors).collect(*dict, {}, 0);
    }
    if (content.tensors.empty())
        refuseWeights(fmt::format("{} holds no dictionary of named tensors.", file), kSaveState);
    return content;
}

void stripPrefixes(WeightsContent& content) {
    const auto allStartWith = [&content](std::string_view prefix) {
        const auto counts = std::ranges::count(content.tensors, kAverageCount, &StoredTensor::name);
        const auto starting = std::ranges::count_if(content.tensors, [prefix](const StoredTensor& tensor) {
            return tensor.name.size() > prefix.size() && tensor.name.starts_with(prefix);
        });
        return starting > 0 && starting + counts == std::ssize(content.tensors);
    };
    for (bool found = !content.tensors.empty(); found;) {
        found = false;
        for (const std::string_view prefix : kPrefixes) {
            if (!allStartWith(prefix))
                continue;
            std::erase_if(content.tensors, [](const StoredTensor& tensor) { return tensor.name == kAverageCount; });
            for (StoredTensor& tensor : content.tensors)
                tensor.name.erase(0, prefix.size());
            content.wrappers.emplace_back(prefix);
            found = true;
        }
    }
}

} // namespace engine
