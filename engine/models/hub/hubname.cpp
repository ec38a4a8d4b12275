#include "engine/api/error.h"
#include "engine/api/hub.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::string_view kPrefix = "hub:";
constexpr std::size_t kLongest = 512;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error(ErrorKind::BadInput, fmt::format("“{}” names nothing on a hub: {}.", text.substr(0, kLongest), why),
                "Write hub:organisation/name, and where needed @revision and /file behind it.");
}

// A name as it may stand in a path and in an address: nothing hidden, nothing that leads upwards.
bool isPlain(std::string_view part) {
    return !part.empty() && part.front() != '.' && part.size() < 200 && part.find("..") == std::string_view::npos &&
           std::ranges::all_of(part, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
                      c == '_' || c == '-' || c == '+' || c == ' ';
           });
}

// "a/b/c": every part plain.
bool isPlainPath(std::string_view path) {
    for (;;) {
        const std::size_t slash = path.find('/');
        if (!isPlain(path.substr(0, slash)))
            return false;
        if (slash == std::string_view::npos)
            return true;
        path.remove_prefix(slash + 1);
    }
}

// Takes what stands before the `count`-th slash.
std::string_view takeParts(std::string_view& text, int count) {
    std::size_t end = 0;
    for (int i = 0; i < count && end != std::string_view::npos; ++i)
        end = text.find('/', end + (i > 0 ? 1 : 0));
    const std::string_view taken = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    return taken;
}

} // namespace

bool isHubName(std::string_view text) { return text.starts_with(kPrefix); }

HubName parseHubName(std::string_view text) {
    if (!isHubName(text) || text.size() > kLongest)
        refuse(text, "it should start with hub: and be of a reasonable length");
    std::string_view rest = text.substr(kPrefix.size());
    HubName name;
    const std::size_t at = rest.find('@');
    if (at != std::string_view::npos) {
        name.repository = rest.substr(0, at);
        rest.remove_prefix(at + 1);
        // Branches of requests are called refs/pr/3.
        name.revision = takeParts(rest, rest.starts_with("refs/") ? 3 : 1);
    } else {
        name.repository = takeParts(rest, 2);
    }
    name.file = rest;
    if (std::ranges::count(name.repository, '/') != 1 || !isPlainPath(name.repository))
        refuse(text, "organisation/name is expected");
    if (!isPlainPath(name.revision))
        refuse(text, "the revision behind @ is a branch, a tag or a commit");
    if (!name.file.empty() && !isPlainPath(name.file))
        refuse(text, "the file is a path inside the repository");
    return name;
}

} // namespace engine
