#include "engine/api/error.h"
#include "engine/api/hub.h"
#include "engine/base/nearest.h"
#include "engine/models/hub/blobfile.h"
#include "engine/models/hub/httpclient.h"
#include "engine/models/hub/hubanswer.h"
#include "engine/models/hub/hubcache.h"
#include "engine/models/hub/hublisting.h"
#include "engine/models/weights/shardindex.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr const char* kPublicHub = "https://huggingface.co";
constexpr int kBarrenTries = 2; // in a row that bring no byte
constexpr int kRedirects = 5;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

std::string endpoint() {
    std::string address = variable("HF_ENDPOINT");
    address.erase(address.find_last_not_of('/') + 1);
    return address.empty() ? kPublicHub : address;
}

bool offline() {
    std::string value = variable("HF_HUB_OFFLINE");
    std::ranges::transform(value, value.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
    return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

std::string token() {
    const std::string value = variable("HF_TOKEN");
    if (std::ranges::any_of(value, [](char c) { return c <= ' ' || c == 0x7f; }))
        throw Error(ErrorKind::BadInput, "HF_TOKEN holds characters that no token has.",
                    "Set it again, without spaces and line ends.");
    return value;
}

std::string encoded(std::string_view path, std::string_view keep) {
    std::string out;
    for (const char c : path) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           std::string_view("-_.~").find(c) != std::string_view::npos ||
                           keep.find(c) != std::string_view::npos;
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

std::uint64_t numberOf(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string megabytes(std::uint64_t bytes) { return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6); }

struct RemoteFile {
    std::string url;
    std::string etag;
    std::uint64_t bytes = 0; // 0: not said
};

class HubDownload final {
public:
    HubDownload(HubName name, std::stop_token stop, ProgressSink* progress)
        : m_name(std::move(name)),
          m_cache(m_name),
          m_hub(endpoint()),
          m_token(token()),
          m_stop(std::move(stop)),
          m_progress(progress) {}

    fs::path fetch() {
        const HttpAnswer answer = ask(
            {.url = fmt::format("{}/api/models/{}/revision/{}", m_hub, m_name.repository, encoded(m_name.revision, "")),
             .token = m_token},
            m_stop);
        checkAnswer(answer, {m_hub, m_name.repository, m_name.revision, {}});
        m_listing = readHubListing(answer.body);
        const std::string file = chooseFile();
        const std::string folder = file.substr(0, file.rfind('/') + 1); // npos + 1 is 0
        for (const char* beside : {"config.json", "preprocessor_config.json", "processor_config.json"}) {
            if (has(folder + beside))
                fetchFile(folder + beside);
        }
        const fs::path fetched = fetchFile(file);
        if (file.ends_with(".index.json")) {
            for (const auto& [shard, names] : readShardIndex(MappedFile(fetched)).tensorsOfShard)
                fetchFile(folder + shard);
        }
        m_cache.remember(m_name.revision, m_listing.commit);
        return fetched;
    }

private:
    bool has(const std::string& file) const {
        return std::ranges::find(m_listing.files, file) != m_listing.files.end();
    }

    std::string chooseFile() const {
        const std::string file = m_name.file.empty() ? usualWeights(m_listing.files) : m_name.file;
        if (file.empty())
            throw Error(ErrorKind::NotFound,
                        fmt::format("{} has no weights under one of the usual names.", m_name.repository),
                        fmt::format("Write the file behind the name: hub:{}/FILE.", m_name.repository));
        if (!has(file))
            throw Error(ErrorKind::NotFound, fmt::format("{} has no file {}.", m_name.repository, file),
                        fmt::format("Near names are {}.", fmt::join(nearestNames(file, m_listing.files), ", ")));
        return file;
    }

    // Size and checksum stand in the first answer, which for large files is a redirect to where they are stored.
    RemoteFile describe(const std::string& file) const {
        std::string url =
            fmt::format("{}/{}/resolve/{}/{}", m_hub, m_name.repository, m_listing.commit, encoded(file, "/"));
        HttpAnswer answer;
        for (int i = 0; i < kRedirects; ++i) {
            answer =
                ask({.url = url, .method = HttpMethod::Head, .redirects = Redirects::Report, .token = m_token}, m_stop);
            const std::string place = answer.header("location");
            if (answer.status / 100 != 3 || !place.starts_with('/'))
                break;
            url = m_hub.substr(0, m_hub.find('/', m_hub.find("://") + 3)) + place; // a repository that was renamed
        }
        checkAnswer(answer, {m_hub, m_name.repository, m_name.revision, file});
        const std::string linked = answer.header("x-linked-etag");
        const std::string etag = plainEtag(linked.empty() ? answer.header("etag") : linked);
        if (etag.empty())
            throw Error(ErrorKind::Network,
                        fmt::format("{} does not say which version of {} it has.", hostOf(m_hub), file),
                        "Check HF_ENDPOINT: it may not be a hub.");
        const std::string size = answer.header("x-linked-size");
        const bool direct = answer.status / 100 == 2;
        return {url, etag, numberOf(!size.empty() ? size : direct ? answer.header("content-length") : "")};
    }

    fs::path fetchFile(const std::string& file) {
        const fs::path place = m_cache.snapshotFile(m_listing.commit, file);
        std::error_code code;
        if (fs::exists(place, code))
            return place;
        const RemoteFile remote = describe(file);
        if (!fs::exists(m_cache.blob(remote.etag), code)) {
            const BlobLock lock(m_cache.lock(remote.etag), file);
            download(file, remote);
        }
        m_cache.link(m_listing.commit, file, remote.etag);
        return place;
    }

    // Goes on where a connection broke off, as long as every second try brings something.
    void download(const std::string& file, const RemoteFile& remote) {
        BlobFile blob(m_cache.incomplete(remote.etag), file);
        if (remote.bytes > 0 && blob.bytes() > remote.bytes)
            blob.clear();
        blob.makeRoom(remote.bytes);
        std::string failure;
        bool whole = remote.bytes > 0 && blob.bytes() == remote.bytes;
        bool restarted = false;
        for (int barren = 0; !whole && barren < kBarrenTries;) {
            const std::uint64_t before = blob.bytes();
            const HttpAnswer answer = transfer(file, remote, blob);
            if (answer.status == 416) { // what is there is no beginning of it
                blob.clear();
                if (std::exchange(restarted, true))
                    break;
            } else if (answer.status != 0 && answer.status / 100 != 2) {
                checkAnswer(answer, {m_hub, m_name.repository, m_name.revision, file});
            }
            failure = answer.failure;
            whole = answer.status / 100 == 2 && (remote.bytes > 0 ? blob.bytes() == remote.bytes : failure.empty());
            barren = blob.bytes() > before ? 0 : barren + 1;
        }
        if (!whole)
            throw Error(ErrorKind::Network,
                        fmt::format("The download of {} broke off after {} of {} bytes{}.", file, blob.bytes(),
                                    remote.bytes > 0 ? std::to_string(remote.bytes) : "unknown",
                                    failure.empty() ? "" : fmt::format(": {}", failure)),
                        "Try again; it goes on where it stopped.");
        blob.finish(m_cache.blob(remote.etag), remote.bytes, remote.etag);
    }

    HttpAnswer transfer(const std::string& file, const RemoteFile& remote, BlobFile& blob) {
        const std::uint64_t from = blob.bytes();
        bool first = true;
        const auto receive = [&](const HttpAnswer& answer, std::string_view bytes) {
            if (first && from > 0 && !answer.header("content-range").starts_with(fmt::format("bytes {}-", from)))
                blob.clear(); // the whole file comes instead
            first = false;
            blob.append(bytes, remote.bytes);
            if (m_progress)
                m_progress->onProgress(
                    {.phase = Phase::LoadingWeights,
                     .step = static_cast<std::int64_t>(blob.bytes()),
                     .steps = static_cast<std::int64_t>(remote.bytes),
                     .message = fmt::format("Downloading {}: {} of {}", file, megabytes(blob.bytes()),
                                            megabytes(std::max(blob.bytes(), remote.bytes)))});
        };
        return ask({.url = remote.url, .token = m_token, .from = from, .receive = receive}, m_stop);
    }

    HubName m_name;
    HubRepository m_cache;
    std::string m_hub;
    std::string m_token;
    std::stop_token m_stop;
    ProgressSink* m_progress;
    HubListing m_listing;
};

} // namespace

fs::path fetchHubFile(std::string_view text, std::stop_token stop, ProgressSink* progress) {
    if (const fs::path cached = cachedHubFile(text); !cached.empty())
        return cached;
    HubName name = parseHubName(text);
    if (offline())
        throw Error(ErrorKind::NotFound,
                    fmt::format("{} is not in the cache {}, and HF_HUB_OFFLINE forbids the network.", text.substr(4),
                                hubCacheFolder().string()),
                    "Unset HF_HUB_OFFLINE, or choose a file of weights.");
    try {
        return HubDownload(std::move(name), std::move(stop), progress).fetch();
    } catch (const fs::filesystem_error& error) {
        throw Error(
            ErrorKind::DiskFull,
            fmt::format("The cache {} cannot be written: {}.", hubCacheFolder().string(), error.code().message()),
            "Set HF_HUB_CACHE to a folder that you may write to.");
    }
}

} // namespace engine
