#include "engine/export/confusionpicture.h"

#include "engine/base/utf8.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr std::size_t kMostNumbered = 20; // classes
constexpr std::size_t kLongestName = 24;  // letters
constexpr double kLetter = 0.6;           // of a letter's height, about its width
constexpr int kMargin = 12, kFoot = 30;
constexpr const char* kAccent = "#4149c3";

// Shortened, and safe within an element whatever it holds.
std::string nameOf(const std::string& name) {
    std::string safe;
    std::size_t letters = 0;
    for (const char byte : utf8FromBytes(name)) {
        const auto value = static_cast<unsigned char>(byte);
        if ((value & 0xc0) != 0x80 && ++letters > kLongestName)
            return safe + "…";
        if (value < 0x20)
            safe += ' ';
        else if (byte == '&' || byte == '<')
            safe += byte == '&' ? "&amp;" : "&lt;";
        else
            safe += byte;
    }
    return safe;
}

std::size_t lettersOf(const std::string& name) {
    return std::min(kLongestName + 1, static_cast<std::size_t>(std::ranges::count_if(name, [](char byte) {
                        return (static_cast<unsigned char>(byte) & 0xc0) != 0x80;
                    })));
}

class Drawing final {
public:
    explicit Drawing(const ConfusionCounts& confusion)
        : m_confusion(confusion),
          m_numbered(confusion.classes.size() <= kMostNumbered),
          m_cell(m_numbered ? 28 : 12),
          m_letter(m_numbered ? 11 : 9) {
        std::size_t longest = 0;
        for (const std::string& name : confusion.classes)
            longest = std::max(longest, lettersOf(name));
        m_names = kMargin + 8 + static_cast<int>(std::lround(kLetter * m_letter * static_cast<double>(longest)));
    }

    std::string text() {
        const int side = m_cell * static_cast<int>(m_confusion.classes.size());
        const int width = std::max(m_names + side + kMargin, 280), height = m_names + side + kFoot;
        m_text = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} "
                             "{1}\" font-family=\"sans-serif\" font-size=\"{2}\" fill=\"#1a1d21\">\n"
                             "<title>Confusion matrix</title>\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
                             width, height, m_letter);
        for (std::size_t label = 0; label < m_confusion.classes.size(); ++label)
            row(label);
        m_text +=
            fmt::format("<text x=\"{}\" y=\"{}\" fill=\"#59616c\">Rows: the true class. Columns: the answer.</text>\n"
                        "</svg>\n",
                        kMargin, height - 10);
        return m_text;
    }

private:
    [[nodiscard]] int edge(std::size_t place) const { return m_names + m_cell * static_cast<int>(place); }

    void row(std::size_t label) {
        const std::string name = nameOf(m_confusion.classes[label]);
        const double middle = edge(label) + m_cell / 2.0;
        m_text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", m_names - 6,
                              middle + m_letter * 0.36, name);
        m_text += fmt::format("<text transform=\"translate({} {}) rotate(-90)\">{}</text>\n", middle + m_letter * 0.36,
                              m_names - 6, name);
        std::int64_t all = 0;
        for (std::size_t answer = 0; answer < m_confusion.classes.size(); ++answer)
            all += m_confusion.at(label, answer);
        for (std::size_t answer = 0; answer < m_confusion.classes.size(); ++answer)
            cell(label, answer, all);
    }

    // Single mistakes show as well.
    void cell(std::size_t label, std::size_t answer, std::int64_t all) {
        const std::int64_t count = m_confusion.at(label, answer);
        const double share = all == 0 ? 0 : static_cast<double>(count) / static_cast<double>(all);
        m_text += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", edge(answer), edge(label),
                              m_cell - 1, m_cell - 1);
        m_text += count == 0 ? " fill=\"#f3f4f6\"/>\n"
                             : fmt::format(" fill=\"{}\" fill-opacity=\"{:.3f}\"/>\n", kAccent,
                                           share < 0.5 ? std::max(0.08, 1.6 * share) : share);
        if (m_numbered && count > 0)
            m_text += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\"{}>{}</text>\n",
                                  edge(answer) + (m_cell - 1) / 2.0, edge(label) + m_cell / 2.0 + m_letter * 0.36,
                                  share >= 0.4 ? " fill=\"#ffffff\"" : "", count);
    }

    const ConfusionCounts& m_confusion;
    bool m_numbered;
    int m_cell, m_letter, m_names = 0;
    std::string m_text;
};

} // namespace

std::string confusionPicture(const ConfusionCounts& confusion) { return Drawing(confusion).text(); }

} // namespace engine
