#pragma once

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace tests {

// THAW_TEST_DATA/`part`, empty where there is no such file or folder; a test on real data then skips with NEEDS_DATA.
inline std::filesystem::path testData(std::string_view part) {
    const char* root = std::getenv("THAW_TEST_DATA");
    if (root == nullptr || !std::filesystem::exists(std::filesystem::path(root) / part))
        return {};
    return std::filesystem::path(root) / part;
}

} // namespace tests

#define NEEDS_DATA(part)                                                                                               \
    if (tests::testData(part).empty())                                                                                 \
    QSKIP("THAW_TEST_DATA has no " part)
