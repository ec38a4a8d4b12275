#pragma once

#include "ui/controls/statuschip.h"

#include <QList>
#include <QWidget>

namespace ui {

// Rows of a panel: name muted at the left, value at the right, a muted detail before it. 24 px a row.
struct Fact {
    QString name;
    QString detail;
    QString value;
};

class FactList final : public QWidget {
    Q_OBJECT
public:
    explicit FactList(QWidget* parent = nullptr);
    void setFacts(const QList<Fact>& facts);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Fact> m_facts;
};

// Words of one line in which numbers stand out: "Epoch 41 of 60". Groups are 24 px apart; right aligned.
class InlineFacts final : public QWidget {
    Q_OBJECT
public:
    explicit InlineFacts(QWidget* parent = nullptr);
    void setFacts(const QList<Fact>& facts); // name, then value strong, then detail
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {60, 20}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QList<Fact> m_facts;
};

class Button;

// What happened, newest first: icon, title, and time below it. 36 px a row; a long title takes a second line.
struct EventLine {
    QString iconName;
    Tone tone = Tone::Muted;
    QString title;
    QString detail;
    QString action = {}; // a button at the right, in the first line that has one
};

class EventList final : public QWidget {
    Q_OBJECT
public:
    explicit EventList(QWidget* parent = nullptr);
    void setEvents(const QList<EventLine>& events);
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, sizeHint().height()}; }
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;

Q_SIGNALS:
    void acted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void place();
    [[nodiscard]] QList<QRect> titleBoxes(int width) const;
    QList<EventLine> m_events;
    Button* m_action;
    int m_acting = -1; // the line of the button
};

} // namespace ui
