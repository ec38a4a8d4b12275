#include "engine/data/leaveout.h"

#include <fnmatch.h>

namespace engine {

LeaveOut::LeaveOut(const std::vector<std::string>& entries) {
    for (const std::string& text : entries) {
        std::string path = text.starts_with("./") ? text.substr(2) : text;
        while (path.size() > 1 && path.back() == '/')
            path.pop_back();
        m_exact[path].push_back(m_entries.size());
        if (path.find_first_of("*?[") != std::string::npos)
            m_patterns.push_back(m_entries.size());
        m_entries.push_back({.text = text, .path = std::move(path)});
    }
}

bool LeaveOut::takes(const std::string& relative) {
    bool taken = false;
    if (const auto exact = m_exact.find(relative); exact != m_exact.end())
        for (const std::size_t entry : exact->second)
            taken = m_entries[entry].met = true;
    for (const std::size_t entry : m_patterns)
        if (fnmatch(m_entries[entry].path.c_str(), relative.c_str(), 0) == 0)
            taken = m_entries[entry].met = true;
    return taken;
}

std::vector<std::string> LeaveOut::unmet() const {
    std::vector<std::string> result;
    for (const Entry& entry : m_entries)
        if (!entry.met)
            result.push_back(entry.text);
    return result;
}

} // namespace engine
