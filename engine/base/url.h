#pragma once

#include <filesystem>
#include <string>

namespace engine {

// Whether a path is the address of something on a server.
[[nodiscard]] inline bool isUrl(const std::filesystem::path& path) {
    return path.native().starts_with("http://") || path.native().starts_with("https://") ||
           path.native().starts_with("s3://");
}

// "http://host/a" for "http://host/a/b"; an address without a folder is its own.
[[nodiscard]] inline std::string parentOfUrl(const std::string& url) {
    const std::size_t slash = url.rfind('/');
    const std::size_t host = url.find("://");
    return slash == std::string::npos || host == std::string::npos || slash <= host + 2 ? url : url.substr(0, slash);
}

} // namespace engine
