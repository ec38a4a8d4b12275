#pragma once

#include "ui/controls/statuschip.h"

#include <QList>
#include <QWidget>

#include <functional>
#include <optional>

namespace ui {

// What a toast says. `action` empty: no button; `act` is called when it is pressed.
struct ToastText {
    Tone tone = Tone::Muted;
    QString title = {};
    QString detail = {};
    QString action = {};
    std::function<void()> act = {};
    QString iconName = {};            // empty: the tone's
    std::optional<int> lifeMs = {};   // instead of the usual one
    std::function<void()> ended = {}; // it went without its action
};

// Short notices at the bottom right above the strip: at most 3, gone after 6 s; Danger stays until closed. One that
// says the same as another takes its place.
class ToastHost final : public QObject {
    Q_OBJECT
public:
    explicit ToastHost(QWidget* window, int bottomMargin);
    void show(const ToastText& text);
    [[nodiscard]] int count() const { return static_cast<int>(m_toasts.size()); }
    void setRightMargin(int margin); // what stands at the window's right edge and is not to be covered
    void setLifeMs(int milliseconds) { m_lifeMs = milliseconds; }
    static constexpr int kMost = 3;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeRoom();
    void place();
    void remove(QWidget* toast);
    QWidget* m_window;
    int m_bottomMargin;
    int m_rightMargin = 0;
    int m_lifeMs = 6000;
    QList<QWidget*> m_toasts;
};

} // namespace ui
