#include "engine/models/weights/torchpickle.h"

#include "engine/models/weights/limits.h"
#include "engine/models/weights/otherfile.h"
#include "engine/models/weights/statedict.h"
#include "engine/models/weights/ziparchive.h"

#include <cstring>
#include <unordered_map>

#include <fmt/format.h>

namespace engine {
namespace {

// 0x1950a86a20f9469cfc6c, little-endian: the number with which the legacy format starts.
constexpr std::string_view kLegacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t kLegacyProtocol = 1001;
constexpr const char* kFetchAgain = "Fetch the file again.";

// Bytes that a storage claims; false where that does not fit 63 bits.
bool claimedBytes(const PickledStorage& storage, std::int64_t& bytes) {
    const std::int64_t width = storage.untyped ? 1 : static_cast<std::int64_t>(dtypeBytes(storage.dtype));
    return !__builtin_mul_overflow(storage.elements, width, &bytes);
}

constexpr std::uint64_t kCodeBytes = 16u << 20; // of a program, unpacked

// Finds the bytes of storages in `records`, a folder of the archive.
StorageBytes storagesIn(const ZipArchive& archive, std::string records, std::string file) {
    return [&archive, records = std::move(records), file = std::move(file)](const PickledStorage& storage) {
        const std::string_view stored = archive.entry(records + std::string(storage.key.substr(0, limits::kNameBytes)));
        std::int64_t claimed = 0;
        if (!claimedBytes(storage, claimed) || static_cast<std::uint64_t>(claimed) > stored.size())
            refuseWeights(fmt::format("{} is damaged: storage {} should have {} elements, but it has {} bytes.", file,
                                      storage.key, storage.elements, stored.size()),
                          kFetchAgain);
        return stored.substr(0, static_cast<std::size_t>(claimed));
    };
}

using Storages = std::unordered_map<std::string_view, std::string_view>;

// Behind the list of keys, for each: its number of elements, then the elements. The number formats come from the
// references.
Storages legacyStorages(const MappedFile& file, std::size_t at, const PickleValue& keys,
                        const std::unordered_map<std::string_view, std::size_t>& widths) {
    Storages storages;
    const std::string_view bytes = file.bytes();
    for (const PickleValue* key : keys.items) {
        const auto width = widths.find(key->text);
        if (key->kind != PickleValue::Kind::Text || width == widths.end())
            refuseWeights(fmt::format("{} is damaged: its list of storages does not fit its tensors.", file.name()),
                          kFetchAgain);
        std::uint64_t elements = 0;
        const std::size_t left = bytes.size() - at;
        if (left >= sizeof elements)
            std::memcpy(&elements, bytes.data() + at, sizeof elements);
        if (left < sizeof elements || elements > (left - sizeof elements) / width->second)
            refuseWeights(fmt::format("{} is cut short: storage {} of {} needs {} bytes, {} are there.", file.name(),
                                      storages.size() + 1, keys.items.size(),
                                      left < sizeof elements ? sizeof elements : elements * width->second, left),
                          kFetchAgain);
        at += sizeof elements;
        storages[key->text] = bytes.substr(at, elements * width->second);
        at += elements * width->second;
    }
    return storages;
}

} // namespace

bool looksLikeTorchLegacy(std::string_view bytes) {
    // PROTO 2, LONG1 of ten bytes.
    return bytes.size() > 14 && bytes.substr(2, 2) == "\x8a\x0a" && bytes.substr(4, 10) == kLegacyMagic;
}

WeightsContent readTorchZip(const MappedFile& file) {
    const ZipArchive archive(file);
    refuseOtherArchive(archive, file);
    const std::string folder = archive.torchFolder();
    if (archive.contains(folder + "byteorder") && archive.entry(folder + "byteorder") != "little")
        refuseWeights(fmt::format("{} was written on a big-endian machine.", file.name()),
                      "Save it again as safetensors, which has one byte order.");
    Pickle pickle(archive.entry(folder + "data.pkl"), file.name());
    std::size_t at = 0;
    const PickleValue& root = pickle.read(at);
    WeightsContent content = collectTensors(root, storagesIn(archive, folder + "data/", file.name()), file.name());
    content.owned = pickle.decoded();
    content.format = archive.contains(folder + "constants.pkl") ? "TorchScript" : "torch zip pickle";
    return content;
}

void checkProgramFile(const MappedFile& file) {
    const ZipArchive archive(file);
    const std::string folder = archive.torchFolder();
    archive.requireSound(folder, kCodeBytes);
    for (const std::string_view part : {"data", "constants"}) {
        const std::string record = fmt::format("{}{}.pkl", folder, part);
        if (!archive.contains(record))
            continue;
        Pickle pickle(archive.entry(record), file.name());
        std::size_t at = 0;
        static_cast<void>(pickle.read(at));
        const StorageBytes storages = storagesIn(archive, fmt::format("{}{}/", folder, part), file.name());
        std::size_t number = 0;
        for (const PickledTensor& tensor : pickle.tensors())
            requireInside(tensor, storages, fmt::format("number {} of {}", ++number, part), file.name());
    }
}

WeightsContent readTorchLegacy(const MappedFile& file) {
    using Kind = PickleValue::Kind;
    Pickle pickle(file.bytes(), file.name());
    std::size_t at = 0;
    const bool magic = pickle.read(at).text == kLegacyMagic;
    const PickleValue& protocol = pickle.read(at);
    static_cast<void>(pickle.read(at)); // sizes of C types on the machine that wrote it
    if (!magic || protocol.kind != Kind::Int || protocol.integer != kLegacyProtocol)
        refuseWeights(fmt::format("{} is no file of weights that torch.save wrote.", file.name()), kFetchAgain);
    const PickleValue& root = pickle.read(at);
    const PickleValue& keys = pickle.read(at);
    if (keys.kind != Kind::List)
        refuseWeights(fmt::format("{} is damaged: its list of storages is missing.", file.name()), kFetchAgain);
    const Storages storages = legacyStorages(file, at, keys, pickle.storageWidths());
    const auto storageBytes = [&](const PickledStorage& storage) {
        const auto found = storages.find(storage.key);
        if (found == storages.end())
            refuseWeights(fmt::format("{} is damaged: a storage is missing.", file.name()), kFetchAgain);
        return found->second;
    };
    WeightsContent content = collectTensors(root, storageBytes, file.name());
    content.owned = pickle.decoded();
    content.format = "torch legacy pickle";
    return content;
}

bool looksLikePickle(std::string_view bytes) {
    return bytes.size() > 2 && bytes[0] == '\x80' && bytes[1] >= 2 && bytes[1] <= 5;
}

WeightsContent readPlainPickle(const MappedFile& file) {
    Pickle pickle(file.bytes(), file.name());
    std::size_t at = 0;
    const PickleValue& root = pickle.read(at);
    const auto none = [&file](const PickledStorage&) -> std::string_view {
        refuseWeights(fmt::format("{} is damaged: it has no storages.", file.name()), kFetchAgain);
    };
    WeightsContent content = collectTensors(root, none, file.name());
    content.owned = pickle.decoded();
    content.format = "pickle";
    return content;
}

} // namespace engine
