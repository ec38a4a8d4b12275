#include "ui/controls/toast.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPainter>
#include <QTimer>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kWidth = 440;

class Toast final : public QWidget {
public:
    Toast(const ToastText& text, QWidget* parent) : QWidget(parent), tone(text.tone) {
        setAccessibleName(text.title);
        setAccessibleDescription(text.detail);
        auto* all = new QHBoxLayout(this);
        all->setContentsMargins(12, 6, 8, 6);
        all->setSpacing(8);
        all->addWidget(
            new IconLabel(text.iconName.isEmpty() ? toneIcon(text.tone) : text.iconName, 16, textRole(text.tone)));
        auto* words = new QVBoxLayout;
        words->setSpacing(1);
        words->addWidget(line(text.title, FontRole::Value, Role::Text));
        if (!text.detail.isEmpty())
            words->addWidget(line(text.detail, FontRole::Label, Role::Muted));
        all->addLayout(words, 1);
        if (!text.action.isEmpty()) {
            action = new Button(text.action);
            all->addWidget(action);
        }
        close = new IconButton(QStringLiteral("x"), ToastHost::tr("Close"));
        all->addWidget(close);
    }
    [[nodiscard]] int heightFor(int width) const {
        const int wanted = layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width) : 0;
        return std::max(metric::kToastHeight, wanted);
    }
    Tone tone;
    Button* action = nullptr;
    IconButton* close = nullptr;

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.fillRect(rect(), color(Role::Window));
        drawOutline(painter, rect(), color(Role::Control), 1, metric::kCardRadius, color(Role::Raised));
    }

private:
    // What went wrong is read whole; a path may break after each of its folders.
    [[nodiscard]] Label* line(QString text, FontRole font, Role role) const {
        const bool whole = tone == Tone::Danger || tone == Tone::Warning;
        if (whole)
            text.replace(QLatin1Char('/'), QStringLiteral("/\u200B"));
        auto* made = new Label(text, font, role);
        if (whole)
            made->setWordWrap(true);
        else
            made->setElide(Qt::ElideRight);
        return made;
    }
};

} // namespace

ToastHost::ToastHost(QWidget* window, int bottomMargin)
    : QObject(window), m_window(window), m_bottomMargin(bottomMargin) {
    window->installEventFilter(this);
}

void ToastHost::show(const ToastText& text) {
    auto* toast = new Toast(text, m_window);
    connect(toast->close, &IconButton::clicked, this, [this, toast] { remove(toast); });
    if (toast->action)
        connect(toast->action, &Button::clicked, this, [this, toast, act = text.act] {
            remove(toast);
            if (act)
                act();
        });
    if (text.tone != Tone::Danger)
        QTimer::singleShot(m_lifeMs, toast, [this, toast] { remove(toast); });
    m_toasts.append(toast);
    // The oldest notice makes room; an error only where there are nothing but errors.
    while (m_toasts.size() > kMost) {
        QWidget* victim = m_toasts.first();
        for (QWidget* candidate : m_toasts)
            if (static_cast<Toast*>(candidate)->tone != Tone::Danger) {
                victim = candidate;
                break;
            }
        remove(victim);
    }
    place();
    toast->show();
    toast->raise();
}

void ToastHost::remove(QWidget* toast) {
    if (!m_toasts.removeOne(toast))
        return;
    toast->hide();
    toast->deleteLater();
    place();
}

void ToastHost::place() {
    int bottom = m_window->height() - m_bottomMargin - 8;
    const int width = std::min(kWidth, m_window->width() - 32);
    for (auto it = m_toasts.rbegin(); it != m_toasts.rend(); ++it) {
        const int height = static_cast<const Toast*>(*it)->heightFor(width);
        bottom -= height;
        (*it)->setGeometry(m_window->width() - width - 16, bottom, width, height);
        bottom -= 8;
    }
}

bool ToastHost::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_window && event->type() == QEvent::Resize)
        place();
    return QObject::eventFilter(watched, event);
}

} // namespace ui
