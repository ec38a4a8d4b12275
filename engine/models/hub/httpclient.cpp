#include "engine/models/hub/httpclient.h"

#include "engine/api/error.h"

#include <algorithm>
#include <charconv>
#include <curl/curl.h>
#include <exception>
#include <memory>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kBodyBytes = 8u << 20;
constexpr long kConnectSeconds = 15;
constexpr long kStalledSeconds = 30;
constexpr long kRedirects = 5;

struct Transfer {
    const HttpRequest& request;
    std::stop_token stop;
    HttpAnswer answer;
    std::exception_ptr thrown;
};

// An answer begins with its status line; a redirect that is followed makes a new one.
std::size_t onHeader(char* data, std::size_t, std::size_t bytes, void* user) {
    HttpAnswer& answer = static_cast<Transfer*>(user)->answer;
    const std::string_view line(data, bytes);
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        answer.headers.clear();
        const std::size_t space = std::min(line.find(' '), line.size() - 1);
        answer.status = 0;
        std::from_chars(data + space + 1, data + bytes, answer.status);
    } else if (colon != std::string_view::npos && answer.headers.size() < 200) {
        std::string name(line.substr(0, colon));
        std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        const std::string_view rest = line.substr(colon + 1);
        const std::size_t first = std::min(rest.find_first_not_of(" \t"), rest.size());
        answer.headers[name] = rest.substr(first, rest.find_last_not_of(" \t\r\n") + 1 - first);
    }
    return bytes;
}

std::size_t onBody(char* data, std::size_t, std::size_t bytes, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    HttpAnswer& answer = transfer.answer;
    try {
        if (transfer.request.receive && answer.status / 100 == 2) {
            transfer.request.receive(answer, {data, bytes});
            return bytes;
        }
    } catch (...) {
        transfer.thrown = std::current_exception();
        return 0;
    }
    if (answer.body.size() + bytes > kBodyBytes)
        return 0;
    answer.body.append(data, bytes);
    return bytes;
}

int onProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void setOptions(CURL* curl, const HttpRequest& request, Transfer& transfer, char* problem, curl_slist* headers) {
    curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(curl, CURLOPT_NOBODY, request.method == HttpMethod::Head ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request.redirects == Redirects::Follow ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kRedirects);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "thaw");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, kStalledSeconds);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, problem);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, onHeader);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, onBody);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, onProgress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (!request.signer.empty()) {
        curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, request.signer.c_str());
        curl_easy_setopt(curl, CURLOPT_USERNAME, request.user.c_str());
        curl_easy_setopt(curl, CURLOPT_PASSWORD, request.password.c_str());
    }
    if (request.from > 0)
        curl_easy_setopt(curl, CURLOPT_RANGE, fmt::format("{}-", request.from).c_str());
}

} // namespace

std::string HttpAnswer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
}

HttpAnswer ask(const HttpRequest& request, std::stop_token stop) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    // One a thread, which keeps its connections for the next request.
    thread_local const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), curl_easy_cleanup);
    if (ready != CURLE_OK || !curl)
        throw Error(ErrorKind::Internal, "The HTTP library could not be started.");
    curl_easy_reset(curl.get());
    // curl takes a header of this name away where a redirect leads to another host.
    Headers headers(nullptr, curl_slist_free_all);
    if (!request.token.empty())
        headers.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + request.token).c_str()));
    for (const std::string& header : request.headers)
        headers.reset(curl_slist_append(headers.release(), header.c_str()));
    Transfer transfer{request, stop, {}, {}};
    char problem[CURL_ERROR_SIZE] = "";
    setOptions(curl.get(), request, transfer, problem, headers.get());
    const CURLcode code = curl_easy_perform(curl.get());
    if (transfer.thrown)
        std::rethrow_exception(transfer.thrown);
    if (stop.stop_requested())
        throw Error(ErrorKind::Stopped, "The download was stopped; what is there of it is kept.");
    if (code != CURLE_OK)
        transfer.answer.failure = *problem ? problem : curl_easy_strerror(code);
    return std::move(transfer.answer);
}

} // namespace engine
