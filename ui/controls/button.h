#pragma once

#include "ui/theme.h"

#include <QPushButton>

namespace ui {

// Every button of the window: primary (filled, at most one a page), secondary (outlined), ghost (in headers), danger
// (danger text on an outline), link (accent text). Height 28, small 24.
class Button final : public QPushButton {
    Q_OBJECT
public:
    enum class Kind { Primary, Secondary, Ghost, Danger, Link };
    Q_ENUM(Kind)
    Q_PROPERTY(Kind kind READ kind WRITE setKind)

    explicit Button(const QString& text, Kind kind = Kind::Secondary, QWidget* parent = nullptr);
    Button(const QString& iconName, const QString& text, Kind kind = Kind::Secondary, QWidget* parent = nullptr);

    [[nodiscard]] Kind kind() const { return m_kind; }
    void setKind(Kind kind);
    void setSmall(); // 24 px high, 12 px text
    void setLarge(); // the height of Train
    void setIconName(const QString& name);
    void setHint(const QString& hint); // shortcut words at the right end ("Ctrl ↵")
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Kind m_kind;
    QString m_iconName;
    QString m_hint;
    int m_height = metric::kControlHeight;
    FontRole m_font = FontRole::Value;
};

// An icon alone, 28 × 28: always with a tooltip, which is its accessible name too.
class IconButton final : public QAbstractButton {
    Q_OBJECT
public:
    IconButton(const QString& iconName, const QString& tip, QWidget* parent = nullptr);
    void setIconName(const QString& name);
    void setOutlined(); // as a control instead of a ghost
    void setRole(Role role);
    [[nodiscard]] QSize sizeHint() const override { return {metric::kControlHeight, metric::kControlHeight}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_iconName;
    Role m_role = Role::Muted;
    bool m_outlined = false;
};

} // namespace ui
