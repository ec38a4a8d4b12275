#include "engine/models/weights/weightsfile.h"

#include "engine/models/weights/limits.h"
#include "engine/models/weights/otherfile.h"
#include "engine/models/weights/safetensors.h"
#include "engine/models/weights/shardindex.h"
#include "engine/models/weights/statedict.h"
#include "engine/models/weights/torchpickle.h"

#include <algorithm>
#include <iterator>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>

namespace engine {

namespace {

WeightsContent readOne(const MappedFile& file) {
    const std::string_view bytes = file.bytes();
    refuseOtherFile(file);
    if (bytes.starts_with("PK"))
        return readTorchZip(file);
    if (looksLikeTorchLegacy(bytes))
        return readTorchLegacy(file);
    if (looksLikePickle(bytes))
        return readPlainPickle(file);
    if (looksLikeSafetensors(bytes) || file.path().extension() == ".safetensors")
        return readSafetensors(file);
    refuseWeights(
        fmt::format("{} is not a file of weights: it is neither safetensors nor what torch.save writes.", file.name()),
        "Choose a .safetensors, .pth or .pt file.");
}

// Takes from one shard what the index says it holds.
void takeShard(WeightsContent& whole, WeightsContent shard, const std::vector<std::string>& names,
               const MappedFile& index, const std::string& shardName) {
    std::unordered_map<std::string_view, StoredTensor*> byName;
    for (StoredTensor& tensor : shard.tensors)
        byName.emplace(tensor.name, &tensor);
    std::vector<StoredTensor> taken;
    for (const std::string& name : names) {
        const auto found = byName.find(name);
        if (found == byName.end())
            refuseWeights(
                fmt::format("{} says that {} holds the tensor {}, but it does not.", index.name(), shardName, name),
                "Fetch both files again.");
        taken.push_back(*found->second);
    }
    std::move(taken.begin(), taken.end(), std::back_inserter(whole.tensors));
    whole.metadata.merge(shard.metadata);
}

MappedFile openShard(const MappedFile& index, const std::string& shard) {
    const std::filesystem::path path = index.path().parent_path() / shard;
    std::error_code code;
    if (!std::filesystem::exists(path, code))
        refuseWeights(fmt::format("{} needs the shard {}, which is not beside it.", index.name(), shard),
                      fmt::format("Fetch {} into the same folder.", shard));
    return MappedFile(path);
}

} // namespace

struct WeightsFile::Impl {
    std::vector<MappedFile> files;
    WeightsContent content;
};

WeightsFile::WeightsFile(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
WeightsFile::~WeightsFile() = default;
WeightsFile::WeightsFile(WeightsFile&&) noexcept = default;
WeightsFile& WeightsFile::operator=(WeightsFile&&) noexcept = default;

WeightsFile WeightsFile::open(const std::filesystem::path& path) { return read(MappedFile(path)); }

WeightsFile WeightsFile::read(MappedFile file) {
    auto impl = std::make_unique<Impl>();
    WeightsContent& whole = impl->content;
    if (looksLikeShardIndex(file)) {
        for (const auto& [shard, names] : readShardIndex(file).tensorsOfShard) {
            const MappedFile& part = impl->files.emplace_back(openShard(file, shard));
            WeightsContent shardRead = readOne(part);
            whole.format = fmt::format("{} in {} shards", shardRead.format, impl->files.size());
            takeShard(whole, std::move(shardRead), names, file, shard);
        }
    } else {
        whole = readOne(file);
        impl->files.push_back(std::move(file));
    }
    return WeightsFile(std::move(impl));
}

const std::string& WeightsFile::format() const { return m_impl->content.format; }
std::span<const StoredTensor> WeightsFile::tensors() const { return m_impl->content.tensors; }
const std::map<std::string, std::string>& WeightsFile::metadata() const { return m_impl->content.metadata; }

std::vector<std::string> WeightsFile::classNames(int classes) const {
    if (classes == 0)
        return {};
    for (const auto& names : m_impl->content.classNames)
        if (std::ssize(names) == classes)
            return names;
    std::vector<std::string> lines;
    if (const auto found = metadata().find("classes"); found != metadata().end()) {
        std::istringstream text(found->second);
        for (std::string line; std::getline(text, line);)
            lines.push_back(printable(line));
    }
    return std::ssize(lines) == classes ? lines : std::vector<std::string>();
}

const StoredTensor* WeightsFile::find(std::string_view name) const {
    const auto& tensors = m_impl->content.tensors;
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [name](const StoredTensor& t) { return t.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

} // namespace engine
