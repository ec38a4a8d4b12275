#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

struct HttpAnswer {
    long status = 0;
    std::map<std::string, std::string> headers; // of the last answer, names in lower case
    std::string body;                           // where it was not streamed
    std::string failure; // why no answer came, or why it broke off; empty: it is whole as far as the protocol can tell

    [[nodiscard]] std::string header(const std::string& name) const; // empty where there is none
};

enum class HttpMethod { Get, Head };
enum class Redirects { Follow, Report };

struct HttpRequest {
    std::string url;
    HttpMethod method = HttpMethod::Get;
    Redirects redirects = Redirects::Follow;
    std::string token;                // sent to the address's own host only
    std::uint64_t from = 0;           // asks for the bytes from here on
    std::vector<std::string> headers; // "name: value"
    std::string signer;               // "aws:amz:REGION:SERVICE": signed in this way by user and password
    std::string user, password;
    // Receives the bytes of a 2xx answer as they come; empty: they are collected in the body. What it throws ends the
    // transfer and comes out of ask().
    std::function<void(const HttpAnswer&, std::string_view)> receive;
};

// One request over http or https; proxies as the environment says. Gives up where nothing moves for 30 s. Throws
// Error(Stopped) and what `receive` throws; the world's failures are in the answer. Blocks; any thread.
[[nodiscard]] HttpAnswer ask(const HttpRequest& request, std::stop_token stop);

} // namespace engine
