#pragma once

#include <QWidget>

namespace ui {

class Button;
class IconLabel;
class Label;

// What is wrong, in a sentence with its icon, and the button that sets it right. For what has no field of its own.
class ProblemLine final : public QWidget {
    Q_OBJECT
public:
    enum class Kind { Warning, Error };
    explicit ProblemLine(QWidget* parent = nullptr);
    // An empty sentence hides the line, an empty fix its button.
    void setProblem(Kind kind, const QString& sentence, const QString& fix);
    void clear() { setProblem(Kind::Warning, {}, {}); }

Q_SIGNALS:
    void fixRequested();

private:
    IconLabel* m_icon;
    Label* m_text;
    Button* m_fix;
};

} // namespace ui
