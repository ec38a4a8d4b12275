#include "ui/frame/modebar.h"

#include "ui/controls/label.h"

#include <QAbstractButton>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {

// Icon above a word, 56 × 52.
class ModeButton final : public QAbstractButton {
public:
    ModeButton(const QString& iconName, const QString& text, bool mode) : m_iconName(iconName), m_isMode(mode) {
        setText(text);
        setCheckable(mode);
        setAttribute(Qt::WA_Hover);
        setFocusPolicy(Qt::TabFocus);
        setFixedSize(56, 52);
    }
    void set(const QString& iconName, const QString& text, const QString& tip) {
        m_iconName = iconName;
        setText(text);
        setToolTip(tip);
        setAccessibleName(text);
        setAccessibleDescription(tip);
        update();
    }
    void setAccent(bool accent) {
        m_accent = accent;
        update();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        const bool current = isChecked();
        const bool ring = hasFocus() && keyboardFocusVisible();
        if (current || ring || (isEnabled() && underMouse()))
            drawOutline(painter, rect(), color(Role::AccentText), ring ? 2 : 0, metric::kControlRadius,
                        color(current        ? Role::AccentTint
                              : underMouse() ? Role::Hover
                                             : Role::Window));
        Role ink = m_isMode ? Role::Muted : Role::Text;
        if (!isEnabled())
            ink = Role::Faint;
        else if (current || m_accent)
            ink = Role::AccentText;
        painter.drawPixmap((width() - 20) / 2, 8, theme().pixmap(m_iconName, 20, color(ink), devicePixelRatioF()));
        painter.setFont(ui::font(current || m_accent ? FontRole::SmallStrong : FontRole::SmallMedium));
        painter.setPen(color(ink));
        painter.drawText(QRect(-4, 30, width() + 8, 18), Qt::AlignCenter, text());
    }

private:
    QString m_iconName;
    bool m_isMode;
    bool m_accent = false;
};

ModeBar::ModeBar(QWidget* parent)
    : QWidget(parent),
      m_top(new QVBoxLayout),
      m_runs(new ModeButton(QStringLiteral("list-ordered"), tr("Runs"), false)),
      m_train(new ModeButton(QStringLiteral("play"), tr("Train"), false)),
      m_pause(new ModeButton(QStringLiteral("pause"), tr("Pause"), false)),
      m_stop(new ModeButton(QStringLiteral("square"), tr("Stop"), false)) {
    setFixedWidth(metric::kModeBarWidth + 1); // the line at its right
    setAccessibleName(tr("Modes"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(8, 8, 9, 8);
    all->setSpacing(8);
    m_top->setSpacing(8);
    m_runs->setObjectName(QStringLiteral("runsButton"));
    m_runs->set(QStringLiteral("list-ordered"), tr("Runs"), tr("Show the runs (Ctrl B)"));
    m_runs->hide();
    connect(m_runs, &ModeButton::clicked, this, &ModeBar::runsRequested);
    m_top->addWidget(m_runs);
    all->addLayout(m_top);
    all->addStretch();
    makeFoot(*all);
    setTrainButtons({});
}

void ModeBar::makeFoot(QVBoxLayout& all) {
    auto* line = new QHBoxLayout;
    line->setContentsMargins(8, 0, 8, 0);
    line->addWidget(new Divider);
    all.addLayout(line);
    auto* foot = new QVBoxLayout;
    foot->setSpacing(4);
    all.addLayout(foot);
    m_train->setAccent(true);
    for (ModeButton* button : {m_train, m_pause, m_stop})
        foot->addWidget(button);
    connect(m_train, &ModeButton::clicked, this, &ModeBar::trainRequested);
    connect(m_pause, &ModeButton::clicked, this, &ModeBar::pauseRequested);
    connect(m_stop, &ModeButton::clicked, this, &ModeBar::stopRequested);
}

void ModeBar::addPage(const PageInfo& page) {
    auto* button = new ModeButton(page.iconName, page.title, true);
    button->set(page.iconName, page.title, tr("%1 (%2)").arg(page.title, keyWords(page.shortcut)));
    button->setAutoExclusive(true);
    button->setChecked(m_pages.isEmpty());
    m_top->addWidget(button);
    m_pages.append({page.key, button});
    connect(button, &ModeButton::clicked, this, [this, key = page.key] { Q_EMIT pageChosen(key); });
}

void ModeBar::setPage(const QString& key) {
    for (const auto& [name, button] : m_pages)
        if (name == key)
            button->setChecked(true);
}

void ModeBar::setRunsOffered(bool offered) { m_runs->setVisible(offered); }

void ModeBar::setTrainButtons(const TrainButtons& buttons) {
    const auto withKeys = [](const QString& tip, const QString& keys) {
        return tip.isEmpty() ? keys : QStringLiteral("%1 (%2)").arg(tip, keys);
    };
    m_train->setEnabled(buttons.trainEnabled);
    m_train->set(buttons.queues ? QStringLiteral("list-plus") : QStringLiteral("play"),
                 buttons.queues ? tr("Queue") : tr("Train"), withKeys(buttons.trainTip, tr("Ctrl Return")));
    m_pause->setEnabled(buttons.pauseEnabled);
    m_pause->set(buttons.paused ? QStringLiteral("play") : QStringLiteral("pause"),
                 buttons.paused ? tr("Resume") : tr("Pause"), buttons.pauseTip);
    m_stop->setEnabled(buttons.stopEnabled);
    m_stop->set(QStringLiteral("square"), tr("Stop"), withKeys(buttons.stopTip, tr("Ctrl .")));
}

void ModeBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Window));
    painter.fillRect(QRect(width() - 1, 0, 1, height()), color(Role::Border));
}

} // namespace ui
