#pragma once

#include "engine/data/preprocess.h"
#include "engine/train/checkpoint.h"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace engine {

// A program with words between @ signs that are filled in.
class Template final {
public:
    explicit Template(std::string_view text) : m_text(text) {}
    Template& set(std::string_view word, const std::string& value) {
        const std::string mark = fmt::format("@{}@", word);
        for (std::size_t at = m_text.find(mark); at != std::string::npos; at = m_text.find(mark, at + value.size()))
            m_text.replace(at, mark.size(), value);
        return *this;
    }
    [[nodiscard]] const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

[[nodiscard]] std::string joined(const auto& values) {
    std::string text;
    for (const auto value : values)
        text += fmt::format("{}{:.9g}", text.empty() ? "" : ", ", static_cast<double>(value));
    return text;
}

// Of labels, one each; none where a picture has one class.
[[nodiscard]] std::vector<double> thresholdsOf(const ModelDescription& description);
// Fills in how pictures are prepared.
Template& prepare(Template& text, const Preprocess& preprocess);

} // namespace engine
