#include "engine/api/error.h"
#include "engine/api/sample.h"

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

// thaw-sample [FOLDER]: draws the sample project there, or where the window keeps it, and prints the folder.
int main(int count, char** arguments) {
    if (count > 2 || (count == 2 && std::string_view(arguments[1]).starts_with("-"))) {
        fmt::print(
            stderr,
            "Usage: thaw-sample [FOLDER]\n"
            "Draws the sample project (500 pictures of machined parts, two experiments) and prints its folder.\n");
        return 2;
    }
    try {
        const std::filesystem::path folder = count == 2 ? std::filesystem::path(arguments[1]) : engine::sampleFolder();
        engine::createSampleProject(folder);
        fmt::print("{}\n", folder.string());
        return 0;
    } catch (const engine::Error& error) {
        fmt::print(stderr, "{} {}\n", error.what(), error.remedy());
        return engine::exitCode(error.kind());
    }
}
