#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine {

// What a hub says about one revision of a repository.
struct HubListing {
    std::string commit; // 40 hexadecimal digits
    std::vector<std::string> files;
};

// The answer of /api/models/<repository>/revision/<revision>. Throws Error(BadWeights) where it is something else.
[[nodiscard]] HubListing readHubListing(std::string_view json);

} // namespace engine
