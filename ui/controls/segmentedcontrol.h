#pragma once

#include "ui/theme.h"

#include <QStringList>
#include <QWidget>

namespace ui {

// One choice of 2 to 6 that fit one line. Arrow keys, Home and End move the choice; it is one tab stop.
class SegmentedControl final : public QWidget {
    Q_OBJECT
public:
    explicit SegmentedControl(const QStringList& choices = {}, QWidget* parent = nullptr);
    void setChoices(const QStringList& choices);
    void setTips(const QStringList& tips);
    [[nodiscard]] int current() const { return m_current; } // -1: none
    [[nodiscard]] QString currentText() const;
    void setCurrent(int index); // does not emit chosen()
    [[nodiscard]] QRect segmentRect(int index) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return sizeHint(); }

Q_SIGNALS:
    void chosen(int index); // by the person

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] int segmentAt(QPoint position) const;
    [[nodiscard]] int segmentWidth(int index) const;
    void choose(int index);
    QStringList m_choices;
    QStringList m_tips;
    int m_current = -1;
    int m_hover = -1;
};

} // namespace ui
