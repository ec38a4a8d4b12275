#include "ui/frame/topbar.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QAction>
#include <QActionGroup>
#include <QHBoxLayout>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>

namespace ui {

// Folder, project name, chevron; opens the project menu.
class ProjectButton final : public QAbstractButton {
public:
    ProjectButton() {
        setAttribute(Qt::WA_Hover);
        setFocusPolicy(Qt::TabFocus);
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
        setAccessibleName(TopBar::tr("Project"));
        setToolTip(TopBar::tr("Project"));
    }
    [[nodiscard]] QSize sizeHint() const override {
        return {std::min(280, QFontMetrics(ui::font(FontRole::Strong)).horizontalAdvance(text())) + 8 + 16 + 8 + 8 +
                    16 + 8,
                28};
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        const bool ring = hasFocus() && keyboardFocusVisible();
        if (underMouse() || ring)
            drawOutline(painter, rect(), color(Role::AccentText), ring ? 2 : 0, metric::kControlRadius,
                        color(underMouse() ? Role::Hover : Role::Window));
        const qreal scale = devicePixelRatioF();
        painter.drawPixmap(8, 6, theme().pixmap(QStringLiteral("folder"), 16, color(Role::Muted), scale));
        painter.setFont(ui::font(FontRole::Strong));
        painter.setPen(color(Role::Text));
        const QRect box(32, 0, width() - 32 - 32, height());
        painter.drawText(box, Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(text(), Qt::ElideRight, box.width() + 2));
        painter.drawPixmap(width() - 24, 6,
                           theme().pixmap(QStringLiteral("chevron-down"), 16, color(Role::Muted), scale));
    }
};

// Looks like a search field; a press opens the palette over it.
class FindBox final : public QAbstractButton {
public:
    FindBox() {
        setText(TopBar::tr("Find a setting, run or command"));
        setFocusPolicy(Qt::TabFocus);
        setCursor(Qt::IBeamCursor);
        setFixedHeight(28);
        setAttribute(Qt::WA_Hover);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        const bool ring = hasFocus() && keyboardFocusVisible();
        drawOutline(painter, rect(), color(Role::AccentText), ring ? 2 : 0, metric::kControlRadius,
                    color(Role::Sunken));
        painter.drawPixmap(8, 6, theme().pixmap(QStringLiteral("search"), 16, color(Role::Muted), devicePixelRatioF()));
        const QString keys = TopBar::tr("Ctrl K");
        painter.setFont(ui::font(FontRole::SmallMedium));
        const int wide = painter.fontMetrics().horizontalAdvance(keys) + 16;
        const QRect chip(width() - wide - 8, 1, wide, height() - 2);
        drawOutline(painter, chip, color(Role::Border), 1, 5, color(theme().dark() ? Role::Window : Role::Surface));
        painter.setPen(color(Role::Muted));
        painter.drawText(chip, Qt::AlignCenter, keys);
        painter.setFont(ui::font(FontRole::Body));
        const QRect box(37, 0, chip.left() - 45, height());
        painter.drawText(box, Qt::AlignVCenter, painter.fontMetrics().elidedText(text(), Qt::ElideRight, box.width()));
    }
};

TopBar::TopBar(QWidget* parent)
    : QWidget(parent),
      m_mainMenu(new QMenu(this)),
      m_projectMenu(new QMenu(this)),
      m_menu(new IconButton(QStringLiteral("menu"), tr("Menu"))),
      m_project(new ProjectButton),
      m_find(new FindBox),
      m_undo(new IconButton(QStringLiteral("undo-2"), tr("Undo"))),
      m_redo(new IconButton(QStringLiteral("redo-2"), tr("Redo"))),
      m_help(new IconButton(QStringLiteral("circle-help"), tr("Keys and help (?)"))),
      m_right(new QWidget) {
    setFixedHeight(metric::kTopBarHeight + 1); // the line below it
    setAccessibleName(tr("Top bar"));
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(22, 0, 12, 1);
    all->setSpacing(0);
    all->addWidget(m_menu);
    all->addWidget(m_project);
    all->addStretch();
    m_find->setParent(this);
    auto* right = new QHBoxLayout(m_right);
    right->setContentsMargins(0, 0, 0, 0);
    right->setSpacing(8);
    right->addWidget(m_undo);
    right->addWidget(m_redo);
    right->addWidget(m_help);
    all->addWidget(m_right);
    m_undo->setEnabled(false);
    m_redo->setEnabled(false);
    m_project->setText(tr("No project"));

    const auto popUnder = [](QWidget* button, QMenu* menu) {
        menu->popup(button->mapToGlobal(QPoint(0, button->height() + 4)));
    };
    connect(m_menu, &IconButton::clicked, this, [this, popUnder] { popUnder(m_menu, m_mainMenu); });
    connect(m_project, &ProjectButton::clicked, this, [this, popUnder] { popUnder(m_project, m_projectMenu); });
    connect(m_find, &FindBox::clicked, this, &TopBar::openFind);
    connect(m_help, &IconButton::clicked, this, &TopBar::helpRequested);

    QMenu* appearance = m_mainMenu->addMenu(ui::icon(QStringLiteral("sun")), tr("Appearance"));
    auto* group = new QActionGroup(this);
    for (const auto choice : {Appearance::Light, Appearance::Dark}) {
        QAction* action = appearance->addAction(choice == Appearance::Light ? tr("Light") : tr("Dark"));
        action->setCheckable(true);
        action->setChecked(theme().appearance() == choice);
        group->addAction(action);
        connect(action, &QAction::triggered, this, [this, choice] {
            theme().setAppearance(choice);
            Q_EMIT appearanceChosen(choice);
        });
        connect(&theme(), &Theme::changed, action,
                [action, choice] { action->setChecked(theme().appearance() == choice); });
    }
}

void TopBar::setProjectName(const QString& name) {
    m_project->setText(name);
    m_project->updateGeometry();
    m_project->update();
}

void TopBar::setUndoActions(QAction* undo, QAction* redo) {
    const auto follow = [this](IconButton* button, QAction* action, const QString& keys) {
        const auto refresh = [button, action, keys] {
            button->setEnabled(action->isEnabled());
            const QString words = QStringLiteral("%1 (%2)").arg(action->text(), keys);
            button->setToolTip(words);
            button->setAccessibleName(action->text());
        };
        connect(action, &QAction::changed, button, refresh);
        connect(button, &IconButton::clicked, action, &QAction::trigger);
        refresh();
        addAction(action);
    };
    follow(m_undo, undo, tr("Ctrl Z"));
    follow(m_redo, redo, tr("Ctrl Shift Z"));
}

void TopBar::setCommands(const std::function<QList<Command>()>& commands) { m_commands = commands; }

void TopBar::openFind() {
    auto* palette = new CommandPalette(m_commands ? m_commands() : QList<Command>(), window());
    connect(palette, &CommandPalette::chosen, this, &TopBar::commandChosen);
    palette->openOver(QRect(m_find->mapToGlobal(QPoint(0, 0)), m_find->size()));
}

void TopBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Window));
    painter.fillRect(QRect(0, height() - 1, width(), 1), color(Role::Border));
}

void TopBar::resizeEvent(QResizeEvent*) {
    // In the middle of the window where there is room, else between project and undo.
    const int left = m_project->x() + m_project->sizeHint().width() + 16;
    const int right = width() - 12 - m_right->sizeHint().width() - 16;
    const int wide = std::clamp(right - left, 120, 360);
    const int x = std::clamp((width() - wide) / 2 + 19, left, std::max(left, right - wide));
    m_find->setGeometry(x, 8, wide, 28);
}

} // namespace ui
