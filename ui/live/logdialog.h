#pragma once

#include <QDialog>

class QLineEdit;
class QPlainTextEdit;

namespace ui {

class Label;

// All of a run's log: searched, wrapped or not, copied.
class LogDialog final : public QDialog {
    Q_OBJECT
public:
    LogDialog(const QString& runName, const QString& log, QWidget* parent = nullptr);

private:
    QWidget* makeHead();
    QWidget* makeFoot();
    enum class Way { Onward, Back };
    void find(Way way);
    void mark(); // every place that is found
    QLineEdit* m_search;
    Label* m_count;
    QPlainTextEdit* m_text;
};

} // namespace ui
