#pragma once

#include <QDialog>

#include <functional>

class QLineEdit;

namespace ui {

struct TextQuestion {
    QString title = {};
    QString label = {}; // above the line: what to write, and how
    QString text = {};  // what stands in it
    QString act = {};   // the button that takes it
};

// Asks for one line of text.
class TextDialog final : public QDialog {
    Q_OBJECT
public:
    explicit TextDialog(const TextQuestion& question, QWidget* parent = nullptr);
    [[nodiscard]] QString text() const;

    // Opens without blocking; `take` is called with the text where it was accepted. Deletes itself.
    static void ask(QWidget* parent, const TextQuestion& question, std::function<void(const QString& text)> take);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QLineEdit* m_line;
};

} // namespace ui
