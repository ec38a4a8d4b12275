#include "ui/live/logdialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QLineEdit>
#include <QPainter>
#include <QPlainTextEdit>
#include <QShortcut>
#include <QTextBlock>
#include <QVBoxLayout>

namespace ui {

LogDialog::LogDialog(const QString& runName, const QString& log, QWidget* parent)
    : QDialog(parent),
      m_search(new QLineEdit),
      m_count(new Label({}, FontRole::Label, Role::Muted)),
      m_text(new QPlainTextEdit(log)) {
    setWindowTitle(tr("Log of %1").arg(runName));
    resize(QSize(860, 560).boundedTo(parent ? parent->window()->size() - QSize(40, 40) : QSize(860, 560)));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(12, 12, 12, 12);
    all->setSpacing(8);
    all->addWidget(makeHead());
    m_text->setReadOnly(true);
    m_text->setFont(ui::font(FontRole::Mono));
    m_text->setAccessibleName(tr("Log"));
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    all->addWidget(m_text, 1);
    all->addWidget(makeFoot());
    connect(m_search, &QLineEdit::textChanged, this, &LogDialog::mark);
    connect(m_search, &QLineEdit::returnPressed, this, [this] { find(Way::Onward); });
    new QShortcut(QKeySequence::Find, this, [this] { m_search->setFocus(); });
    new QShortcut(QKeySequence::FindNext, this, [this] { find(Way::Onward); });
    new QShortcut(QKeySequence::FindPrevious, this, [this] { find(Way::Back); });
    m_text->moveCursor(QTextCursor::End); // the newest is what one looks for
    m_search->setFocus();
}

QWidget* LogDialog::makeHead() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_search->setObjectName(QStringLiteral("logSearch"));
    m_search->setPlaceholderText(tr("Find in the log"));
    m_search->setAccessibleName(m_search->placeholderText());
    m_search->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_search->setClearButtonEnabled(true);
    row->addWidget(m_search, 1);
    m_count->setObjectName(QStringLiteral("logCount"));
    row->addWidget(m_count);
    auto* back = new IconButton(QStringLiteral("chevron-up"), tr("Previous place (Shift F3)"));
    auto* onward = new IconButton(QStringLiteral("chevron-down"), tr("Next place (Return)"));
    row->addWidget(back);
    row->addWidget(onward);
    connect(back, &IconButton::clicked, this, [this] { find(Way::Back); });
    connect(onward, &IconButton::clicked, this, [this] { find(Way::Onward); });
    return made;
}

QWidget* LogDialog::makeFoot() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto* wrap = new QCheckBox(tr("Wrap long lines"));
    wrap->setObjectName(QStringLiteral("logWrap"));
    wrap->setChecked(true);
    row->addWidget(wrap);
    row->addStretch();
    auto* copy = new Button(QStringLiteral("copy"), tr("Copy all"));
    copy->setObjectName(QStringLiteral("logCopy"));
    copy->setAutoDefault(false);
    auto* close = new Button(tr("Close"));
    close->setAutoDefault(false); // Return finds the next place
    row->addWidget(copy);
    row->addWidget(close);
    connect(wrap, &QCheckBox::toggled, this,
            [this](bool on) { m_text->setLineWrapMode(on ? QPlainTextEdit::WidgetWidth : QPlainTextEdit::NoWrap); });
    connect(copy, &Button::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_text->toPlainText()); });
    connect(close, &Button::clicked, this, &QDialog::reject);
    return made;
}

void LogDialog::find(Way way) {
    const QString wanted = m_search->text();
    const auto flags = way == Way::Back ? QTextDocument::FindBackward : QTextDocument::FindFlags();
    if (wanted.isEmpty() || m_text->find(wanted, flags))
        return;
    m_text->moveCursor(way == Way::Back ? QTextCursor::End : QTextCursor::Start); // round the end
    m_text->find(wanted, flags);
}

void LogDialog::mark() {
    QList<QTextEdit::ExtraSelection> places;
    const QString wanted = m_search->text();
    for (QTextCursor at = m_text->document()->find(wanted); !wanted.isEmpty() && !at.isNull();
         at = m_text->document()->find(wanted, at)) {
        QTextEdit::ExtraSelection place;
        place.cursor = at;
        place.format.setBackground(color(Role::WarningTint));
        places.append(place);
    }
    m_text->setExtraSelections(places);
    m_count->setText(wanted.isEmpty()     ? QString()
                     : places.size() == 1 ? tr("1 place")
                                          : tr("%1 places").arg(places.size()));
    m_text->moveCursor(QTextCursor::Start);
    find(Way::Onward);
}

} // namespace ui
