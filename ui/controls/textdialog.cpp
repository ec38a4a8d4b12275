#include "ui/controls/textdialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {

TextDialog::TextDialog(const TextQuestion& question, QWidget* parent) : QDialog(parent), m_line(new QLineEdit) {
    setWindowTitle(question.title);
    setModal(true);
    setMinimumWidth(440);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 18, 20, 16);
    all->setSpacing(12);
    auto* title = new Label(question.title, FontRole::SectionTitle);
    title->setWordWrap(true);
    all->addWidget(title);
    m_line->setObjectName(QStringLiteral("text"));
    m_line->setText(question.text);
    m_line->setAccessibleName(question.label);
    m_line->setToolTip(question.label);
    all->addWidget(new LabeledField(question.label, m_line));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    auto* cancel = new Button(tr("Cancel"));
    auto* act = new Button(question.act, Button::Kind::Primary);
    row->addWidget(cancel);
    row->addWidget(act);
    all->addLayout(row);
    connect(cancel, &Button::clicked, this, &QDialog::reject);
    connect(act, &Button::clicked, this, &QDialog::accept);
    act->setDefault(true);
    m_line->selectAll();
    m_line->setFocus();
}

QString TextDialog::text() const { return m_line->text(); }

void TextDialog::ask(QWidget* parent, const TextQuestion& question, std::function<void(const QString& text)> take) {
    auto* dialog = new TextDialog(question, parent);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, dialog, [dialog, take = std::move(take)] { take(dialog->text()); });
    dialog->open();
}

void TextDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
}

} // namespace ui
