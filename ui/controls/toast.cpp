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
    Toast(const ToastText& text, QWidget* parent)
        : QWidget(parent), tone(text.tone), title(text.title), detail(text.detail), ended(text.ended) {
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
    QString title;
    QString detail;
    std::function<void()> ended;
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
    for (QWidget* other : QList<QWidget*>(m_toasts))
        if (const auto* said = static_cast<Toast*>(other); said->title == text.title && said->detail == text.detail)
            remove(other);
    auto* toast = new Toast(text, m_window);
    connect(toast->close, &IconButton::clicked, this, [this, toast] { remove(toast); });
    if (toast->action)
        connect(toast->action, &Button::clicked, this, [this, toast, act = text.act] {
            toast->ended = {};
            remove(toast);
            if (act)
                act();
        });
    if (text.tone != Tone::Danger)
        QTimer::singleShot(text.lifeMs.value_or(m_lifeMs), toast, [this, toast] { remove(toast); });
    m_toasts.append(toast);
    makeRoom();
    place();
    toast->show();
    toast->raise();
}

// The oldest notice goes first; an error only where there are nothing but errors.
void ToastHost::makeRoom() {
    while (m_toasts.size() > kMost) {
        QWidget* victim = m_toasts.first();
        for (QWidget* candidate : m_toasts)
            if (static_cast<Toast*>(candidate)->tone != Tone::Danger) {
                victim = candidate;
                break;
            }
        remove(victim);
    }
}

void ToastHost::setRightMargin(int margin) {
    m_rightMargin = margin;
    place();
}

void ToastHost::remove(QWidget* toast) {
    if (!m_toasts.removeOne(toast))
        return;
    toast->hide();
    toast->deleteLater();
    place();
    if (const auto ended = static_cast<Toast*>(toast)->ended)
        ended();
}

void ToastHost::place() {
    int bottom = m_window->height() - m_bottomMargin - 8;
    const int right = m_window->width() - m_rightMargin;
    const int width = std::min(kWidth, right - 32);
    for (auto it = m_toasts.rbegin(); it != m_toasts.rend(); ++it) {
        const int height = static_cast<const Toast*>(*it)->heightFor(width);
        bottom -= height;
        (*it)->setGeometry(right - width - 16, bottom, width, height);
        bottom -= 8;
    }
}

bool ToastHost::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_window && event->type() == QEvent::Resize)
        place();
    return QObject::eventFilter(watched, event);
}

} // namespace ui
