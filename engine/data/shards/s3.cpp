#include "engine/data/shards/s3.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"

#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <sstream>
#include <string_view>

namespace engine {
namespace {

// SHA-256 of nothing: what a request without a body must say.
constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kUsualRegion = "us-east-1";

using Profile = std::map<std::string, std::string, std::less<>>;

std::string set(const char* variable) {
    const char* value = std::getenv(variable);
    return value == nullptr ? std::string() : value;
}

std::string firstOf(std::initializer_list<std::string> values) {
    for (const std::string& value : values)
        if (!value.empty())
            return value;
    return {};
}

std::string withoutBlanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r");
    return first == std::string_view::npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(" \t\r") + 1 - first));
}

// Adds what an INI file says of a section, which config calls "profile NAME".
void addProfile(const std::filesystem::path& file, const std::string& name, Profile& profile) {
    std::error_code code;
    if (!std::filesystem::is_regular_file(file, code))
        return;
    std::istringstream lines(readFile(file));
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        const std::string text = withoutBlanks(line);
        if (text.starts_with('[')) {
            const std::string section = withoutBlanks(std::string_view(text).substr(1, text.find(']') - 1));
            inside = section == name || section == "profile " + name;
        } else if (const std::size_t sign = text.find('='); inside && sign != std::string::npos && text[0] != '#') {
            profile.try_emplace(withoutBlanks(std::string_view(text).substr(0, sign)),
                                withoutBlanks(std::string_view(text).substr(sign + 1)));
        }
    }
}

Profile chosenProfile() {
    const std::string name = firstOf({set("AWS_PROFILE"), set("AWS_DEFAULT_PROFILE"), "default"});
    Profile profile;
    addProfile(expandHome(firstOf({set("AWS_SHARED_CREDENTIALS_FILE"), "~/.aws/credentials"})), name, profile);
    addProfile(expandHome(firstOf({set("AWS_CONFIG_FILE"), "~/.aws/config"})), name, profile);
    return profile;
}

// As the signature wants it: all but letters, digits and -._~ as %XX, slashes as they are.
std::string canonical(std::string_view path) {
    std::string result;
    for (const char c : path) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~/").find(c) != std::string_view::npos;
        result += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return result;
}

} // namespace

HttpRequest s3Request(const std::string& address) {
    const Profile profile = chosenProfile();
    const auto said = [&profile](std::string_view key) {
        const auto found = profile.find(key);
        return found == profile.end() ? std::string() : found->second;
    };
    std::string endpoint = firstOf({set("AWS_ENDPOINT_URL_S3"), set("AWS_ENDPOINT_URL"), said("endpoint_url")});
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    if (endpoint.empty())
        throw Error(ErrorKind::BadInput, fmt::format("Where {} lies is not known.", address),
                    "Set AWS_ENDPOINT_URL to the address of the storage.");
    HttpRequest request{.url = endpoint + "/" + canonical(std::string_view(address).substr(5)), .receive = {}};
    const bool fromVariables = !set("AWS_ACCESS_KEY_ID").empty();
    const std::string key = fromVariables ? set("AWS_ACCESS_KEY_ID") : said("aws_access_key_id");
    const std::string secret = fromVariables ? set("AWS_SECRET_ACCESS_KEY") : said("aws_secret_access_key");
    const std::string token = fromVariables ? set("AWS_SESSION_TOKEN") : said("aws_session_token");
    if (key.empty())
        return request;
    request.signer =
        fmt::format("aws:amz:{}:s3",
                    firstOf({set("AWS_REGION"), set("AWS_DEFAULT_REGION"), said("region"), std::string(kUsualRegion)}));
    request.user = key;
    request.password = secret;
    request.headers.push_back(fmt::format("x-amz-content-sha256: {}", kEmptySha256));
    if (!token.empty())
        request.headers.push_back("x-amz-security-token: " + token);
    return request;
}

} // namespace engine
