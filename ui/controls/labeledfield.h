#pragma once

#include "ui/theme.h"

#include <QWidget>

class QHBoxLayout;

namespace ui {

class Button;
class IconLabel;
class Label;

// A field with its label above, and below it, when something is wrong, a sentence with a button that sets the value
// that works. The field's own widget is any editor (QLineEdit, QComboBox, QSpinBox, SegmentedControl …).
class LabeledField final : public QWidget {
    Q_OBJECT
public:
    enum class Problem { None, Warning, Error };
    LabeledField(const QString& label, QWidget* field, QWidget* parent = nullptr);

    [[nodiscard]] QWidget* field() const { return m_field; }
    void setPlain(); // no label line: it stands beside another field
    // Meaning, usual range and cost; shown as a tooltip of label and field, first line bold.
    void setHelp(const QString& title, const QString& text);
    // fix: label of the button ("Use 48"); empty: no button.
    void setProblem(Problem problem, const QString& sentence = {}, const QString& fix = {});
    [[nodiscard]] Problem problem() const { return m_problem; }
    void addBeside(QWidget* widget);    // at the right of the field ("Choose…")
    void setHint(const QString& words); // muted, at the right end of the label line

Q_SIGNALS:
    void fixRequested();

private:
    QWidget* m_field;
    Label* m_label;
    Label* m_hint;
    QHBoxLayout* m_row;
    QWidget* m_problemLine;
    IconLabel* m_problemIcon;
    Label* m_problemText;
    Button* m_fix;
    Problem m_problem = Problem::None;
};

} // namespace ui
