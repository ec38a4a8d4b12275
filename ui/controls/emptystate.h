#pragma once

#include <QWidget>

namespace ui {

class Button;

// What an empty page says: icon, one sentence, one in muted, one button that helps.
class EmptyState final : public QWidget {
    Q_OBJECT
public:
    EmptyState(const QString& iconName, const QString& sentence, const QString& detail, const QString& action,
               QWidget* parent = nullptr);
    [[nodiscard]] Button* button() const { return m_button; } // null where `action` was empty

Q_SIGNALS:
    void acted();

private:
    Button* m_button = nullptr;
};

} // namespace ui
