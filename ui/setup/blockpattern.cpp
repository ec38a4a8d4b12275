#include "ui/setup/blockpattern.h"

#include <QCoreApplication>

namespace ui {
namespace {

const auto kRegular = QStringLiteral("re:");

} // namespace

BlockPattern::BlockPattern(const QString& text) {
    const QString words = text.trimmed();
    const bool regular = words.startsWith(kRegular);
    m_empty = regular ? words.size() == kRegular.size() : words.isEmpty();
    static const QRegularExpression wild(QStringLiteral("[*?\\[]"));
    if (regular)
        m_expression.setPattern(QRegularExpression::anchoredPattern(words.mid(kRegular.size())));
    else if (words.contains(wild))
        m_expression.setPattern(QRegularExpression::wildcardToRegularExpression(words));
    else {
        m_expression.setPattern(QRegularExpression::escape(words));
        m_expression.setPatternOptions(QRegularExpression::CaseInsensitiveOption);
    }
}

QString BlockPattern::problem() const {
    return m_empty || m_expression.isValid()
               ? QString()
               : QCoreApplication::translate("ui::BlockPattern", "Not a regular expression: %1.")
                     .arg(m_expression.errorString());
}

bool BlockPattern::matches(const QString& name) const {
    return !m_empty && m_expression.isValid() && m_expression.match(name).hasMatch();
}

} // namespace ui
