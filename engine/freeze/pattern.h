#pragma once

#include <optional>
#include <regex>
#include <string>

namespace engine {

// Names blocks and parameters: a glob ("blocks.[45]*") or, behind "re:", a regular expression (ECMAScript) for the
// whole name.
class Pattern final {
public:
    // Throws Error(BadInput) for a regular expression that is none.
    explicit Pattern(const std::string& text);

    [[nodiscard]] bool matches(const std::string& name) const;
    // The name, or that of a block around it.
    [[nodiscard]] bool covers(const std::string& name) const;

private:
    std::string m_glob;
    std::optional<std::regex> m_expression;
};

} // namespace engine
