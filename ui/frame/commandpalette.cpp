#include "ui/frame/commandpalette.h"

#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QPainter>
#include <QStandardItemModel>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

namespace ui {
namespace {

enum { CommandRole = Qt::UserRole + 1, DetailRole, KeysRole, IconRole };

class CommandDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {option.rect.width(), 32};
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const bool on = index.flags() & Qt::ItemIsEnabled;
        const QRect row = option.rect.adjusted(4, 1, -4, -1);
        if (option.state & QStyle::State_Selected)
            drawOutline(*painter, row, Qt::transparent, 0, metric::kTagRadius, color(Role::AccentTint));
        const QString iconName = index.data(IconRole).toString();
        if (!iconName.isEmpty())
            painter->drawPixmap(
                row.left() + 8, row.center().y() - 7,
                theme().pixmap(iconName, 16, color(Role::Muted), painter->device()->devicePixelRatioF()));
        painter->setFont(ui::font(FontRole::Small));
        painter->setPen(color(Role::Muted));
        const QString keys = index.data(KeysRole).toString();
        const int keysWidth = painter->fontMetrics().horizontalAdvance(keys);
        painter->drawText(row.adjusted(0, 0, -10, 0), Qt::AlignVCenter | Qt::AlignRight, keys);
        QRect text = row.adjusted(34, 0, -20 - keysWidth, 0);
        painter->setFont(ui::font(FontRole::Body));
        painter->setPen(color(on ? Role::Text : Role::Faint));
        const QString title = painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, text.width());
        painter->drawText(text, Qt::AlignVCenter, title);
        text.setLeft(text.left() + painter->fontMetrics().horizontalAdvance(title) + 10);
        painter->setFont(ui::font(FontRole::Label));
        painter->setPen(color(Role::Muted));
        painter->drawText(text, Qt::AlignVCenter,
                          painter->fontMetrics().elidedText(index.data(DetailRole).toString(), Qt::ElideRight,
                                                            std::max(0, text.width())));
    }
};

// Every word must occur in title or detail; a match at the start of the title comes first. −1: no match.
int rank(const Command& command, const QStringList& words) {
    const QString all = command.title + QLatin1Char(' ') + command.detail;
    int best = 2;
    for (const auto& word : words) {
        if (!all.contains(word, Qt::CaseInsensitive))
            return -1;
        if (command.title.startsWith(word, Qt::CaseInsensitive))
            best = 0;
        else if (command.title.contains(word, Qt::CaseInsensitive))
            best = std::min(best, 1);
    }
    return best;
}

} // namespace

CommandPalette::CommandPalette(const QList<Command>& commands, QWidget* parent)
    : QFrame(parent, Qt::Popup),
      m_commands(commands),
      m_field(new QLineEdit),
      m_list(new QListView),
      m_model(new QStandardItemModel(this)) {
    setAttribute(Qt::WA_DeleteOnClose);
    setAccessibleName(tr("Find"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(1, 1, 1, 4);
    all->setSpacing(4);
    m_field->setPlaceholderText(tr("Find a setting, run or command"));
    m_field->setProperty("bare", true);
    m_field->setTextMargins(12, 0, 12, 0);
    m_field->setFixedHeight(36);
    all->addWidget(m_field);
    m_list->setModel(m_model);
    m_list->setItemDelegate(new CommandDelegate(m_list));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->viewport()->setAutoFillBackground(false);
    all->addWidget(m_list, 1);
    m_field->installEventFilter(this);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_list, &QListView::clicked, this, &CommandPalette::accept);
    filter({});
}

void CommandPalette::openOver(const QRect& globalField) {
    const int width = std::max(globalField.width(), 440);
    setGeometry(globalField.center().x() - width / 2, globalField.top() - 4, width, height());
    show();
    m_field->setFocus();
}

void CommandPalette::filter(const QString& text) {
    const QStringList words = text.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    QList<std::pair<int, int>> found;
    for (int i = 0; i < m_commands.size(); ++i) {
        const int place = rank(m_commands.at(i), words);
        if (place >= 0)
            found.append({place, i});
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    m_model->clear();
    for (const auto& [place, i] : found) {
        const Command& command = m_commands.at(i);
        auto* item = new QStandardItem(command.title);
        item->setData(command.id, CommandRole);
        item->setData(command.detail, DetailRole);
        item->setData(command.shortcut, KeysRole);
        item->setData(command.iconName, IconRole);
        item->setEnabled(command.enabled);
        m_model->appendRow(item);
    }
    if (found.isEmpty()) {
        auto* item = new QStandardItem(tr("Nothing has all of these words."));
        item->setEnabled(false);
        m_model->appendRow(item);
    }
    m_list->setCurrentIndex(m_model->index(0, 0));
    resize(width(), 52 + 32 * std::min(11, m_model->rowCount()));
}

void CommandPalette::accept() {
    const QModelIndex index = m_list->currentIndex();
    if (!index.isValid() || !(index.flags() & Qt::ItemIsEnabled))
        return;
    const QString id = index.data(CommandRole).toString();
    close();
    Q_EMIT chosen(id);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int row = m_list->currentIndex().row();
        const int last = m_model->rowCount() - 1;
        const auto go = [this, last](int next) {
            m_list->setCurrentIndex(m_model->index(std::clamp(next, 0, last), 0));
        };
        switch (key->key()) {
        case Qt::Key_Down:
            go(row + 1);
            return true;
        case Qt::Key_Up:
            go(row - 1);
            return true;
        case Qt::Key_PageDown:
            go(row + 8);
            return true;
        case Qt::Key_PageUp:
            go(row - 8);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            accept();
            return true;
        default:
            break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

void CommandPalette::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
    painter.setPen(color(Role::Control));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
    painter.fillRect(QRect(1, m_field->geometry().bottom() + 2, width() - 2, 1), color(Role::Border));
}

} // namespace ui
