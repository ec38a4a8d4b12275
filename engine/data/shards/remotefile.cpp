#include "engine/data/shards/remotefile.h"

#include "engine/api/error.h"
#include "engine/base/hash.h"
#include "engine/data/shards/s3.h"
#include "engine/models/hub/httpclient.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <functional>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>

namespace engine {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kShortestWait{50}, kLongestWait{5000};
constexpr double kUsualPatience = 60; // seconds

// What is wrong for the moment; empty: nothing.
using Trouble = std::string;

milliseconds patience() {
    double seconds = kUsualPatience;
    if (const char* set = std::getenv("THAW_NETWORK_PATIENCE"); set != nullptr)
        std::from_chars(set, set + std::strlen(set), seconds);
    return milliseconds(static_cast<std::int64_t>(1000 * std::clamp(seconds, 0.0, 86'400.0)));
}

HttpRequest requestFor(const std::string& url) {
    return url.starts_with("s3://") ? s3Request(url) : HttpRequest{.url = url, .receive = {}};
}

std::string hostOf(const std::string& url) {
    const std::size_t begin = url.find("://") + 3;
    return url.substr(begin, url.find('/', begin) - begin);
}

// ", ExpiredToken" of what an object store answers; empty where it says something else.
std::string refusalIn(std::string_view body) {
    constexpr std::array<std::string_view, 6> kRefusals{"AccessDenied",         "ExpiredToken",
                                                        "InvalidAccessKeyId",   "InvalidToken",
                                                        "RequestTimeTooSkewed", "SignatureDoesNotMatch"};
    for (const std::string_view code : kRefusals)
        if (body.find(fmt::format("<Code>{}</Code>", code)) != std::string_view::npos)
            return fmt::format(", {}", code);
    return {};
}

// Throws what trying again does not mend.
Trouble troubleOf(const std::string& url, const HttpAnswer& answer) {
    const long status = answer.status;
    if (status == 404 || status == 410)
        throw Error(ErrorKind::NotFound, fmt::format("The server has no {}.", url), "Correct the address.");
    if (const std::string code = refusalIn(answer.body); status == 401 || status == 403 || !code.empty())
        throw Error(ErrorKind::DataGone, fmt::format("The server refuses {} (HTTP {}{}).", url, status, code),
                    "Renew the credential or the signed address, then go on with the run.");
    if (!answer.failure.empty())
        return answer.failure;
    if (status / 100 == 2)
        return {};
    if (status / 100 == 5 || status == 408 || status == 416 || status == 425 || status == 429)
        return fmt::format("it answers with HTTP {}", status);
    throw Error(ErrorKind::DataGone, fmt::format("The server answers with HTTP {} for {}.", status, url),
                "Check the address.");
}

void pause(milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any ended;
    std::unique_lock lock(mutex);
    (void)ended.wait_for(lock, stop, time, [] { return false; });
    if (stop.stop_requested())
        throw Error(ErrorKind::Stopped, "Waiting for a server was stopped.");
}

// Tries until there is no trouble; whoever gets further has all the patience again.
void persist(const std::string& url, const std::function<Trouble()>& attempt,
             const std::function<std::uint64_t()>& done, const std::stop_token& stop = {}) {
    const milliseconds most = patience();
    auto since = Clock::now();
    milliseconds wait = kShortestWait;
    for (std::uint64_t before = done();;) {
        const Trouble trouble = attempt();
        if (trouble.empty())
            return;
        if (const std::uint64_t now = done(); now > before) {
            before = now;
            since = Clock::now();
            wait = kShortestWait;
        }
        if (Clock::now() - since + wait > most)
            throw Error(ErrorKind::DataGone,
                        fmt::format("{} cannot be had from {}: {}.", url, hostOf(requestFor(url).url), trouble),
                        "Go on with the run when the server is back: nothing is lost.");
        pause(wait, stop);
        wait = std::min(kLongestWait, 2 * wait);
    }
}

std::optional<std::uint64_t> numberOf(std::string_view text) {
    std::uint64_t number = 0;
    const auto [stop, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    return code == std::errc() && stop == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// A file that grows by what comes; a server that cannot send from its middle on begins it anew.
class Partial final {
public:
    explicit Partial(const std::filesystem::path& file)
        : m_path(file), m_file(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
        struct stat status {};
        if (!m_file || fstat(m_file.number(), &status) != 0)
            fail();
        m_bytes = static_cast<std::uint64_t>(status.st_size);
    }
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; }
    void cut(std::uint64_t bytes) {
        if (ftruncate(m_file.number(), static_cast<off_t>(bytes)) != 0)
            fail();
        m_bytes = bytes;
    }
    void add(std::string_view more) {
        while (!more.empty()) {
            const ssize_t count = pwrite(m_file.number(), more.data(), more.size(), static_cast<off_t>(m_bytes));
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                fail();
            m_bytes += static_cast<std::uint64_t>(count);
            more.remove_prefix(static_cast<std::size_t>(count));
        }
    }

private:
    [[noreturn]] void fail() const {
        const int problem = errno;
        const bool full = problem == ENOSPC || problem == EDQUOT;
        throw Error(full ? ErrorKind::DiskFull : ErrorKind::BadInput,
                    fmt::format("{} could not be written: {}.", m_path.string(), std::strerror(problem)),
                    full ? "Free some space, or let the cache of shards take less (THAW_SHARD_CACHE)."
                         : "Check the folder's permissions.");
    }

    std::filesystem::path m_path;
    FileDescriptor m_file;
    std::uint64_t m_bytes = 0;
};

// Where the answer's bytes belong: "bytes 100-199/200" of a part, the beginning of a whole. Nothing: it is of another
// length than was said.
std::optional<std::uint64_t> placeOf(const HttpAnswer& answer, std::uint64_t bytes) {
    if (answer.status != 206) {
        const auto length = numberOf(answer.header("content-length"));
        return bytes == 0 || !length || *length == bytes ? std::optional(std::uint64_t{0}) : std::nullopt;
    }
    const std::string range = answer.header("content-range");
    const std::size_t dash = range.find('-'), slash = range.find('/');
    if (!range.starts_with("bytes ") || dash == std::string::npos || slash == std::string::npos)
        return std::nullopt;
    const std::string_view all = std::string_view(range).substr(slash + 1);
    if (bytes != 0 && all != "*" && numberOf(all) != bytes)
        return std::nullopt;
    return numberOf(std::string_view(range).substr(6, dash - 6));
}

Trouble addRest(const std::string& url, const ShardStamp& stamp, Partial& partial, const std::stop_token& stop) {
    HttpRequest request = requestFor(url);
    request.from = partial.bytes();
    Trouble wrong;
    bool begun = false;
    request.receive = [&](const HttpAnswer& answer, std::string_view more) {
        if (!begun) {
            const auto place = placeOf(answer, stamp.bytes);
            if (!place || *place > partial.bytes())
                wrong = "it sends another length than it said";
            else
                partial.cut(*place);
            begun = true;
        }
        if (wrong.empty() && stamp.bytes != 0 && partial.bytes() + more.size() > stamp.bytes) {
            wrong = "it sends another length than it said";
            partial.cut(0);
        }
        if (!wrong.empty())
            return; // and the rest with it
        partial.add(more);
    };
    const HttpAnswer answer = ask(request, stop);
    if (answer.status == 416 && partial.bytes() > 0)
        partial.cut(0);
    Trouble trouble = troubleOf(url, answer);
    if (!wrong.empty())
        trouble = wrong;
    if (trouble.empty() && stamp.bytes != 0 && partial.bytes() < stamp.bytes)
        trouble = fmt::format("it ends after {} of {} bytes", partial.bytes(), stamp.bytes);
    return trouble;
}

} // namespace

ShardStamp remoteStamp(const std::string& url) {
    ShardStamp stamp;
    persist(
        url,
        [&] {
            HttpRequest request = requestFor(url);
            request.method = HttpMethod::Head;
            const HttpAnswer answer = ask(request, {});
            const Trouble trouble = troubleOf(url, answer);
            const std::string tag = answer.header("etag");
            const std::string what = tag.empty() ? answer.header("last-modified") : tag;
            stamp = {.bytes = numberOf(answer.header("content-length")).value_or(0),
                     .seconds = static_cast<std::int64_t>(hashText(what) >> 1)};
            return trouble;
        },
        [] { return std::uint64_t{0}; });
    return stamp;
}

void download(const std::string& url, const ShardStamp& stamp, const std::filesystem::path& partial,
              const std::stop_token& stop) {
    Partial file(partial);
    if (stamp.bytes == 0 || file.bytes() > stamp.bytes) // nothing says what the rest of it is
        file.cut(0);
    if (stamp.bytes != 0 && file.bytes() == stamp.bytes)
        return;
    persist(
        url, [&] { return addRest(url, stamp, file, stop); }, [&] { return file.bytes(); }, stop);
}

std::optional<std::string> remoteText(const std::string& url) {
    std::string text;
    try {
        persist(
            url,
            [&] {
                HttpAnswer answer = ask(requestFor(url), {});
                Trouble trouble = troubleOf(url, answer);
                text = std::move(answer.body);
                return trouble;
            },
            [] { return std::uint64_t{0}; });
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::NotFound)
            return std::nullopt;
        throw;
    }
    return text;
}

} // namespace engine
