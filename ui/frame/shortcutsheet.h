#pragma once

#include <QDialog>
#include <QList>

namespace ui {

struct ShortcutLine {
    QString group; // "Everywhere", "Charts"
    QString keys;
    QString words;
};

// All keys on one sheet, opened by "?", in as many columns as the window is wide enough for.
class ShortcutSheet final : public QDialog {
    Q_OBJECT
public:
    explicit ShortcutSheet(const QList<ShortcutLine>& lines, QWidget* parent = nullptr);
    [[nodiscard]] static QList<ShortcutLine> ownLines(); // of the frame and of what ui/ itself listens to

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] QWidget* makeKeys(const QList<ShortcutLine>& lines) const;
};

} // namespace ui
