#include "engine/models/hub/hubanswer.h"

#include "engine/api/error.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kLongestEtag = 128;

std::string laterWords(const HttpAnswer& answer) {
    const std::string seconds = answer.header("retry-after");
    const bool number =
        !seconds.empty() && seconds.size() < 6 && seconds.find_first_not_of("0123456789") == std::string::npos;
    return number ? fmt::format("Try again in {} seconds; what is there already is kept.", seconds)
                  : "Try again in a few minutes; what is there already is kept.";
}

} // namespace

std::string hostOf(const std::string& address) {
    const std::size_t scheme = address.find("://");
    const std::size_t start = scheme == std::string::npos ? 0 : scheme + 3;
    return address.substr(start, address.find('/', start) - start);
}

std::string plainEtag(std::string etag) {
    if (etag.starts_with("W/"))
        etag.erase(0, 2);
    std::erase(etag, '"');
    etag.resize(std::min(etag.size(), kLongestEtag));
    for (char& c : etag) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        c = plain ? c : '-';
    }
    return etag;
}

void checkAnswer(const HttpAnswer& answer, const HubQuestion& question) {
    const std::string host = hostOf(question.hub);
    const std::string what =
        question.file.empty() ? question.repository : fmt::format("{} of {}", question.file, question.repository);
    const auto fail = [](ErrorKind kind, const std::string& message, const std::string& remedy) {
        throw Error(kind, message, remedy);
    };
    if (answer.status == 0)
        fail(ErrorKind::Network, fmt::format("{} cannot be reached: {}.", host, answer.failure),
             "Check the network, set HF_ENDPOINT to a mirror, or choose a file of weights.");
    if (answer.status == 401)
        fail(ErrorKind::Network,
             fmt::format("{} does not show {} to everybody, or there is no such repository (401).", host, what),
             "Check the name; for a private one set HF_TOKEN to a token that may read it.");
    if (answer.status == 403)
        fail(ErrorKind::Network, fmt::format("{} does not let you read {} (403).", host, what),
             fmt::format("Accept its terms at {}/{}, and set HF_TOKEN to your token.", question.hub,
                         question.repository));
    if (answer.status == 404)
        fail(ErrorKind::NotFound,
             question.file.empty() ? fmt::format("{} has no repository {} with the revision {} (404).", host,
                                                 question.repository, question.revision)
                                   : fmt::format("{} does not have {} (404).", host, what),
             "Check the spelling; the revision is a branch, a tag or a commit.");
    if (answer.status == 429)
        fail(ErrorKind::Network, fmt::format("{} asks for a pause: it had too many requests (429).", host),
             laterWords(answer));
    if (answer.status >= 500)
        fail(ErrorKind::Network, fmt::format("{} has a problem of its own ({}).", host, answer.status),
             laterWords(answer));
    if (answer.status >= 400 || answer.status < 200)
        fail(ErrorKind::Network, fmt::format("{} refuses to give {} ({}).", host, what, answer.status),
             "Check the name and HF_ENDPOINT.");
    if (!answer.failure.empty())
        fail(ErrorKind::Network, fmt::format("The connection to {} broke off: {}.", host, answer.failure),
             "Try again.");
}

} // namespace engine
