#include "engine/models/hub/hubcache.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/models/weights/shardindex.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::array kUsualNames{"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                                 "pytorch_model.bin.index.json"};

fs::path variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

bool isCommit(const std::string& text) {
    return text.size() == 40 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool shardsAreThere(const fs::path& index) {
    const ShardIndex shards = readShardIndex(MappedFile(index));
    return std::ranges::all_of(shards.tensorsOfShard, [&index](const auto& shard) {
        std::error_code code;
        return fs::exists(index.parent_path() / shard.first, code);
    });
}

// A file of weights that can be opened without the network; an index counts with all its shards only.
bool complete(const fs::path& file) {
    std::error_code code;
    if (!fs::exists(file, code))
        return false;
    try {
        return !file.filename().string().ends_with(".index.json") || shardsAreThere(file);
    } catch (const Error&) {
        return false; // a damaged index is fetched again
    }
}

} // namespace

fs::path hubCacheFolder() {
    if (const auto own = variable("HF_HUB_CACHE"); !own.empty())
        return own;
    if (const auto home = variable("HF_HOME"); !home.empty())
        return home / "hub";
    if (const auto shared = variable("XDG_CACHE_HOME"); !shared.empty())
        return shared / "huggingface" / "hub";
    return variable("HOME") / ".cache" / "huggingface" / "hub";
}

HubRepository::HubRepository(const HubName& name) {
    std::string folder = "models--" + name.repository;
    folder.replace(folder.find('/'), 1, "--");
    m_folder = hubCacheFolder() / folder;
    m_locks = hubCacheFolder() / ".locks" / folder;
}

std::string HubRepository::commit(const std::string& revision) const {
    if (isCommit(revision))
        return revision;
    std::error_code code;
    const fs::path reference = m_folder / "refs" / revision;
    if (!fs::is_regular_file(reference, code))
        return {};
    std::string text = readFile(reference);
    text.erase(text.find_last_not_of(" \r\n") + 1);
    return isCommit(text) ? text : std::string();
}

fs::path HubRepository::snapshotFile(const std::string& commit, const std::string& file) const {
    return m_folder / "snapshots" / commit / file;
}
fs::path HubRepository::blob(const std::string& etag) const { return m_folder / "blobs" / etag; }
fs::path HubRepository::incomplete(const std::string& etag) const {
    return m_folder / "blobs" / (etag + ".incomplete");
}
fs::path HubRepository::lock(const std::string& etag) const { return m_locks / (etag + ".lock"); }

void HubRepository::link(const std::string& commit, const std::string& file, const std::string& etag) const {
    const fs::path place = snapshotFile(commit, file);
    fs::create_directories(place.parent_path());
    replaceLink(place, blob(etag).lexically_relative(place.parent_path()));
}

void HubRepository::remember(const std::string& revision, const std::string& commit) const {
    if (isCommit(revision))
        return;
    const fs::path reference = m_folder / "refs" / revision;
    fs::create_directories(reference.parent_path());
    writeFileAtomically(reference, commit);
}

std::string usualWeights(std::span<const std::string> files) {
    for (const char* name : kUsualNames) {
        if (std::ranges::find(files, name) != files.end())
            return name;
    }
    return {};
}

fs::path cachedHubFile(std::string_view text) {
    const HubName name = parseHubName(text);
    const HubRepository repository(name);
    const std::string commit = repository.commit(name.revision);
    if (commit.empty())
        return {};
    if (!name.file.empty()) {
        const fs::path file = repository.snapshotFile(commit, name.file);
        return complete(file) ? file : fs::path();
    }
    for (const char* usual : kUsualNames) {
        if (const fs::path file = repository.snapshotFile(commit, usual); complete(file))
            return file;
    }
    return {};
}

} // namespace engine
