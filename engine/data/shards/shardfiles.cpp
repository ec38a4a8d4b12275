#include "engine/data/shards/shardfiles.h"

#include "engine/api/datakinds.h"
#include "engine/api/error.h"
#include "engine/base/url.h"
#include "engine/data/pictureformats.h"
#include "engine/data/shards/braces.h"
#include "engine/data/shards/remotefile.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fnmatch.h>
#include <nlohmann/json.hpp>
#include <string_view>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr int kDeepestShards = 3; // folders below the data folder
constexpr std::array<std::string_view, 5> kShardEndings{".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"};

enum class Seen { Nothing, Tars, Pictures };

bool isHidden(const fs::path& path) { return path.filename().native().starts_with('.'); }

// The first picture decides; so a folder of pictures is known at once.
Seen lookFor(const fs::path& folder, int deep) {
    Seen seen = Seen::Nothing;
    std::vector<fs::path> below;
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        std::error_code ignored;
        if (isHidden(entry.path()))
            continue;
        if (entry.is_directory(ignored))
            below.push_back(entry.path());
        else if (fileKind(entry.path()) == FileKind::Picture)
            return Seen::Pictures;
        else if (isShardName(entry.path()))
            seen = Seen::Tars;
    }
    if (deep == 0)
        return seen;
    for (const fs::path& child : below) {
        const Seen there = lookFor(child, deep - 1);
        if (there == Seen::Pictures)
            return there;
        seen = std::max(seen, there);
    }
    return seen;
}

void listShards(const fs::path& folder, int deep, std::vector<fs::path>& found) {
    std::error_code code;
    for (const auto& entry : fs::directory_iterator(folder, code)) {
        std::error_code ignored;
        if (isHidden(entry.path()))
            continue;
        if (entry.is_directory(ignored)) {
            if (deep > 0)
                listShards(entry.path(), deep - 1, found);
        } else if (isShardName(entry.path())) {
            found.push_back(entry.path());
        }
    }
}

bool isPattern(const fs::path& data) {
    std::error_code code;
    return hasBraces(data.native()) && !fs::exists(data, code);
}

fs::path commonFolder(const fs::path& one, const fs::path& other) {
    if (one == other)
        return one;
    fs::path common;
    for (auto a = one.begin(), b = other.begin(); a != one.end() && b != other.end() && *a == *b; ++a, ++b)
        common /= *a;
    return common;
}

// The folder of an address.
std::string rootOnServer(std::string url) {
    if (hasBraces(url))
        return parentOfUrl(url.substr(0, url.find('{')));
    while (url.ends_with('/'))
        url.pop_back();
    return isShardName(url) ? parentOfUrl(url) : url;
}

std::vector<FoundShard> shardsOnServer(const std::string& url) {
    std::vector<FoundShard> found;
    if (hasBraces(url) || isShardName(url)) {
        for (std::string& file : expandBraces(url))
            found.push_back({std::move(file)});
        return found;
    }
    const std::string root = rootOnServer(url);
    const auto text = remoteText(root + "/index.json");
    const nlohmann::json index = nlohmann::json::parse(text.value_or("{}"), nullptr, false);
    try {
        for (const nlohmann::json& shard : index.at("shards"))
            found.push_back({root + "/" + shard.at("file").get<std::string>(), shard.value("sha256", std::string())});
    } catch (const nlohmann::json::exception&) {
        found.clear();
    }
    if (found.empty())
        throw Error(ErrorKind::NotFound, fmt::format("{} has no index.json that names shards.", root),
                    fmt::format("Name them: {}/train-{{000000..000123}}.tar, for instance.", root));
    return found;
}

// "a/train-001.tar.gz" → "train-001"
std::string stemOf(const std::string& name) {
    const std::string file = fs::path(name).filename().string();
    return file.substr(0, file.find('.'));
}

} // namespace

bool isShardName(const fs::path& file) {
    std::string name = file.filename().string();
    for (char& c : name)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return std::ranges::any_of(kShardEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

bool areShards(const fs::path& data) {
    std::error_code code;
    if (isUrl(data))
        return true;
    if (fs::is_directory(data, code))
        return lookFor(data, kDeepestShards) == Seen::Tars;
    return isShardName(data) && (fs::is_regular_file(data, code) || isPattern(data));
}

bool isDataThere(const fs::path& data) {
    std::error_code code;
    return !data.empty() && (isUrl(data) || fs::exists(data, code) ||
                             (isPattern(data) && fs::exists(expandBraces(data.native()).front(), code)));
}

fs::path dataRoot(const fs::path& data) {
    std::error_code code;
    if (isUrl(data))
        return rootOnServer(data.native());
    if (fs::is_directory(data, code))
        return data;
    if (!isPattern(data))
        return data.parent_path();
    const std::vector<std::string> files = expandBraces(data.native());
    fs::path root = fs::path(files.front()).parent_path();
    for (const std::string& file : files)
        root = commonFolder(root, fs::path(file).parent_path());
    return root;
}

std::vector<FoundShard> findShards(const fs::path& data) {
    if (isUrl(data))
        return shardsOnServer(data.native());
    std::error_code code;
    std::vector<FoundShard> found;
    if (fs::is_directory(data, code)) {
        std::vector<fs::path> files;
        listShards(data, kDeepestShards, files);
        std::ranges::sort(files);
        for (fs::path& file : files)
            found.push_back({std::move(file)});
        if (found.empty())
            throw Error(ErrorKind::NotFound, fmt::format("There are no shards in {}.", data.string()),
                        "Choose a folder with tar files.");
        return found;
    }
    std::size_t missing = 0;
    std::string firstMissing;
    for (const std::string& file : isPattern(data) ? expandBraces(data.native()) : std::vector{data.native()}) {
        if (fs::is_regular_file(file, code))
            found.push_back({file});
        else if (missing++ == 0)
            firstMissing = file;
    }
    if (missing > 0)
        throw Error(ErrorKind::NotFound,
                    missing == 1 ? fmt::format("The shard {} does not exist.", firstMissing)
                                 : fmt::format("{} of {} shards do not exist, {} the first of them.", missing,
                                               missing + found.size(), firstMissing),
                    "Correct the path or the numbers between the braces.");
    return found;
}

Part partOfShard(const std::string& name) {
    Part part = partName(stemOf(name)).part;
    for (fs::path folder = fs::path(name).parent_path(); part == Part::None && !folder.empty();
         folder = folder.parent_path())
        part = partName(folder.filename().native()).part;
    return part;
}

bool isMeant(const std::string& name, const std::string& setting) {
    const std::string file = fs::path(name).filename().string();
    return std::ranges::any_of(expandBraces(setting), [&](std::string one) {
        while (one.size() > 1 && one.ends_with('/'))
            one.pop_back();
        return one == name || name.starts_with(one + "/") || fnmatch(one.c_str(), name.c_str(), 0) == 0 ||
               fnmatch(one.c_str(), file.c_str(), 0) == 0 ||
               (one.find_first_of("*?[./") == std::string::npos && file.starts_with(one));
    });
}

} // namespace engine
