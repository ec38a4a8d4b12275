#include "engine/models/weights/safetensors.h"

#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"

#include <algorithm>
#include <cstring>
#include <set>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr const char* kFetchAgain = "Fetch the file again.";

struct Range {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

struct Entry {
    StoredTensor tensor;
    Range range;
};

std::uint64_t headerLength(const MappedFile& file) {
    std::uint64_t length = 0;
    if (file.bytes().size() < kLengthBytes)
        refuseWeights(fmt::format("{} is cut short: it has {} bytes.", file.name(), file.bytes().size()), kFetchAgain);
    std::memcpy(&length, file.bytes().data(), kLengthBytes);
    if (length > file.bytes().size() - kLengthBytes)
        refuseWeights(
            fmt::format("{} is cut short or damaged: its header is said to have {} bytes, but the file has {}.",
                        file.name(), length, file.bytes().size()),
            kFetchAgain);
    return length;
}

std::vector<std::int64_t> readShape(JsonReader& json, const MappedFile& file, const std::string& name) {
    std::vector<std::int64_t> shape;
    json.beginArray();
    while (json.nextElement()) {
        const std::uint64_t size = json.unsignedInteger();
        if (shape.size() == limits::kDimensions || size > INT64_MAX)
            refuseWeights(fmt::format("Tensor {} in {} has an impossible shape.", name, file.name()), kFetchAgain);
        shape.push_back(static_cast<std::int64_t>(size));
    }
    return shape;
}

Range readRange(JsonReader& json, const MappedFile& file, const std::string& name) {
    std::vector<std::uint64_t> ends;
    json.beginArray();
    while (json.nextElement() && ends.size() < 3)
        ends.push_back(json.unsignedInteger());
    if (ends.size() != 2 || ends[0] > ends[1])
        refuseWeights(fmt::format("Tensor {} in {} has an impossible range of bytes.", name, file.name()), kFetchAgain);
    return {ends[0], ends[1]};
}

Entry readEntry(JsonReader& json, const MappedFile& file, const std::string& name) {
    Entry entry;
    entry.tensor.name = name;
    std::set<std::string> seen;
    std::string key;
    json.beginObject();
    while (json.nextKey(key)) {
        if (key == "dtype") {
            const std::string word = json.text();
            const auto dtype = dtypeFromSafetensors(word);
            if (!dtype)
                refuseWeights(fmt::format("Tensor {} in {} has the number format {}, which is not supported.", name,
                                          file.name(), word),
                              "Save the weights as float32, float16 or bfloat16.");
            entry.tensor.dtype = *dtype;
        } else if (key == "shape") {
            entry.tensor.shape = readShape(json, file, name);
        } else if (key == "data_offsets") {
            entry.range = readRange(json, file, name);
        } else {
            refuseWeights(fmt::format("Tensor {} in {} has the unknown property {}.", name, file.name(), key),
                          kFetchAgain);
        }
        seen.insert(key);
    }
    if (seen.size() != 3)
        refuseWeights(fmt::format("Tensor {} in {} lacks its number format, shape or range.", name, file.name()),
                      kFetchAgain);
    return entry;
}

// Row-major strides, and the size in bytes; false where it does not fit 63 bits.
bool layOut(StoredTensor& tensor, std::uint64_t& bytes) {
    tensor.strides.assign(tensor.shape.size(), 1);
    std::int64_t count = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
        tensor.strides[i] = count;
        if (__builtin_mul_overflow(count, tensor.shape[i], &count))
            return false;
    }
    std::int64_t total = 0;
    if (__builtin_mul_overflow(count, static_cast<std::int64_t>(dtypeBytes(tensor.dtype)), &total))
        return false;
    bytes = static_cast<std::uint64_t>(total);
    return true;
}

void readMetadata(JsonReader& json, std::map<std::string, std::string>& metadata) {
    std::string key;
    if (json.kind() == JsonReader::Kind::Null) {
        json.skipValue();
        return;
    }
    json.beginObject();
    while (json.nextKey(key)) {
        std::string value = json.text();
        if (metadata.size() < limits::kMetadataEntries && key.size() + value.size() <= limits::kMetadataBytes)
            metadata.emplace(key, std::move(value));
    }
}

// The ranges must tile the data: nothing overlaps, nothing is left over, nothing lies outside.
void checkRanges(const std::vector<Entry>& entries, std::uint64_t dataBytes, const MappedFile& file) {
    std::vector<const Entry*> order;
    for (const Entry& entry : entries)
        order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
        return a->range.begin != b->range.begin ? a->range.begin < b->range.begin : a->range.end < b->range.end;
    });
    std::uint64_t next = 0;
    for (const Entry* entry : order) {
        if (entry->range.end > dataBytes)
            refuseWeights(fmt::format("{} is cut short: tensor {} ends at byte {} of the data, but there are {}.",
                                      file.name(), entry->tensor.name, entry->range.end, dataBytes),
                          kFetchAgain);
        if (entry->range.begin != next)
            refuseWeights(fmt::format("In {} tensor {} {}.", file.name(), entry->tensor.name,
                                      entry->range.begin < next ? "overlaps the one before" : "leaves a gap before it"),
                          kFetchAgain);
        next = entry->range.end;
    }
    if (next != dataBytes)
        refuseWeights(fmt::format("{} has {} bytes of data that belong to no tensor.", file.name(), dataBytes - next),
                      kFetchAgain);
}

} // namespace

bool looksLikeSafetensors(std::string_view bytes) {
    return bytes.size() > kLengthBytes && bytes[kLengthBytes] == '{' && bytes.substr(0, 2) != "PK";
}

WeightsContent readSafetensors(const MappedFile& file) {
    const std::uint64_t length = headerLength(file);
    const std::string_view data = file.bytes().substr(kLengthBytes + length);
    JsonReader json(file.bytes().substr(kLengthBytes, length), "The header of " + file.name(), kLengthBytes);

    WeightsContent content;
    content.format = "safetensors";
    std::vector<Entry> entries;
    std::set<std::string> names;
    std::size_t nameBytes = 0;
    std::string name;
    json.beginObject();
    while (json.nextKey(name)) {
        if (name == "__metadata__") {
            readMetadata(json, content.metadata);
            continue;
        }
        nameBytes += name.size();
        if (entries.size() == limits::kTensors || name.size() > limits::kNameBytes || nameBytes > limits::kAllNameBytes)
            refuseWeights(fmt::format("{} has too many or too long names of tensors.", file.name()), kFetchAgain);
        if (!names.insert(name).second)
            refuseWeights(fmt::format("{} has two tensors called {}.", file.name(), name), kFetchAgain);
        entries.push_back(readEntry(json, file, name));
        std::uint64_t bytes = 0;
        const Range& range = entries.back().range;
        if (!layOut(entries.back().tensor, bytes) || bytes != range.end - range.begin)
            refuseWeights(fmt::format("In {} the shape of tensor {} does not fit its {} bytes.", file.name(), name,
                                      range.end - range.begin),
                          kFetchAgain);
    }
    json.end();
    checkRanges(entries, data.size(), file);
    for (Entry& entry : entries) {
        entry.tensor.data = reinterpret_cast<const std::byte*>(data.data()) + entry.range.begin;
        entry.tensor.bytes = entry.range.end - entry.range.begin;
        content.tensors.push_back(std::move(entry.tensor));
    }
    return content;
}

} // namespace engine
