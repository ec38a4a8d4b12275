#pragma once

#include <QDialog>
#include <QList>

namespace ui {

struct ShortcutLine {
    QString group; // "Everywhere", "Charts"
    QString keys;
    QString words;
};

// All keys on one sheet, opened by "?". Lines given by the program come after the frame's own.
class ShortcutSheet final : public QDialog {
    Q_OBJECT
public:
    explicit ShortcutSheet(const QList<ShortcutLine>& more, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
};

} // namespace ui
