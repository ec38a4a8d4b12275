#include "engine/data/classmatch.h"

#include "engine/data/foldername.h"

#include <algorithm>
#include <map>
#include <set>

namespace engine {

std::vector<std::optional<std::size_t>> matchClasses(const std::vector<std::string>& folders,
                                                     const std::vector<std::string>& classes) {
    std::vector<std::optional<std::size_t>> result(folders.size());
    std::map<std::string, std::size_t> exact;
    std::map<std::string, std::vector<std::size_t>> loose;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        exact[classes[i]] = i;
        loose[looseName(classes[i])].push_back(i);
    }
    std::map<std::string, std::vector<std::size_t>> waiting; // folders by their loose names
    std::set<std::size_t> taken;
    for (std::size_t i = 0; i < folders.size(); ++i) {
        if (const auto found = exact.find(folders[i]); found != exact.end()) {
            result[i] = found->second;
            taken.insert(found->second);
        } else {
            waiting[looseName(folders[i])].push_back(i);
        }
    }
    for (const auto& [name, indices] : waiting) {
        const auto found = loose.find(name);
        if (indices.size() == 1 && found != loose.end() && found->second.size() == 1 &&
            !taken.contains(found->second.front()))
            result[indices.front()] = found->second.front();
    }
    return result;
}

} // namespace engine
