#pragma once

#include "ui/theme.h"

#include <QLabel>

namespace ui {

// A text in one of the font roles and colour roles, right after a theme switch too.
class Label final : public QLabel {
    Q_OBJECT
public:
    explicit Label(const QString& text = {}, FontRole font = FontRole::Body, Role role = Role::Text,
                   QWidget* parent = nullptr);
    void setRole(Role role);
    void setFontRole(FontRole font);
    // Too long texts end in "…" (or lose their middle: paths) and show the whole in the tooltip.
    void setElide(Qt::TextElideMode mode);
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void refresh();
    FontRole m_font;
    Role m_role;
    Qt::TextElideMode m_elide = Qt::ElideNone;
};

// A 1 px line in the border colour.
class Divider final : public QWidget {
    Q_OBJECT
public:
    explicit Divider(Qt::Orientation orientation = Qt::Horizontal, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Qt::Orientation m_orientation;
};

// An icon that follows the theme.
class IconLabel final : public QWidget {
    Q_OBJECT
public:
    explicit IconLabel(const QString& iconName, int size = 16, Role role = Role::Muted, QWidget* parent = nullptr);
    void setIconName(const QString& name, Role role);
    [[nodiscard]] QSize sizeHint() const override { return {m_size, m_size}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_name;
    int m_size;
    Role m_role;
};

} // namespace ui
