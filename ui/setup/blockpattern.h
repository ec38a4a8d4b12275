#pragma once

#include <QRegularExpression>
#include <QString>

namespace ui {

// What is typed to find blocks: words that names contain; a glob ("blocks.[45]*"); or behind "re:" a regular
// expression for the whole name, as in the experiment file.
class BlockPattern final {
public:
    explicit BlockPattern(const QString& text = {});
    [[nodiscard]] bool isEmpty() const { return m_empty; }
    [[nodiscard]] QString problem() const; // why the regular expression is none; empty: it is fine
    [[nodiscard]] bool matches(const QString& name) const;

private:
    bool m_empty = true;
    QRegularExpression m_expression;
};

} // namespace ui
