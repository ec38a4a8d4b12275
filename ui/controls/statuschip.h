#pragma once

#include "ui/theme.h"

#include <QWidget>

namespace ui {

// What a thing's state means; gives the icon and the colour.
enum class Tone { None, Muted, Accent, Success, Warning, Danger, Frozen, Thawed };

[[nodiscard]] Role textRole(Tone tone);
[[nodiscard]] Role tintRole(Tone tone);
[[nodiscard]] QString toneIcon(Tone tone); // circle-check, triangle-alert, circle-alert, info …

// State in an icon and a word: plain (in card headers) or filled with the tone's tint (beside titles).
class StatusChip final : public QWidget {
    Q_OBJECT
public:
    enum class Look { Plain, Filled };
    explicit StatusChip(Look look = Look::Plain, QWidget* parent = nullptr);
    void setState(Tone tone, const QString& words); // empty words hide the chip
    void setState(Tone tone, const QString& words, const QString& iconName);
    [[nodiscard]] QString words() const { return m_words; }
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;
    void setElides(); // gives way where it is narrow; the tooltip has the words

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Look m_look;
    Tone m_tone = Tone::None;
    QString m_words;
    QString m_iconName;
    bool m_elides = false;
};

} // namespace ui
