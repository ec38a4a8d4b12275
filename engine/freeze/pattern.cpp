#include "engine/freeze/pattern.h"

#include "engine/api/error.h"

#include <fmt/format.h>
#include <fnmatch.h>

namespace engine {

Pattern::Pattern(const std::string& text) : m_glob(text) {
    if (!text.starts_with("re:"))
        return;
    try {
        m_expression.emplace(text.substr(3), std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error&) {
        throw Error(ErrorKind::BadInput, fmt::format("“{}” is not a regular expression.", text),
                    "Correct it; a point in a name is written \\. and a bracket must be closed.");
    }
}

bool Pattern::matches(const std::string& name) const {
    return m_expression ? std::regex_match(name, *m_expression) : fnmatch(m_glob.c_str(), name.c_str(), 0) == 0;
}

bool Pattern::covers(const std::string& name) const {
    for (std::size_t end = name.find('.'); end != std::string::npos; end = name.find('.', end + 1))
        if (matches(name.substr(0, end)))
            return true;
    return matches(name);
}

} // namespace engine
