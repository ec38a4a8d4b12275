#include "engine/runs/runname.h"

#include <algorithm>
#include <cctype>
#include <ctime>

namespace engine {
namespace {

// "Ants & bees" → "ants-bees": what every file system and shell takes.
std::string slug(const std::string& name) {
    std::string result;
    for (const char c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)))
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (!result.empty() && result.back() != '-')
            result += '-';
    }
    while (!result.empty() && result.back() == '-')
        result.pop_back();
    result.resize(std::min<std::size_t>(result.size(), 60));
    return result.empty() ? "run" : result;
}

std::string timeStamp(double time) {
    const auto seconds = static_cast<std::time_t>(time);
    std::tm local{};
    localtime_r(&seconds, &local);
    char text[32];
    std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &local);
    return text;
}

} // namespace

std::string runFolderName(const std::string& name, double time) { return timeStamp(time) + "-" + slug(name); }

} // namespace engine
