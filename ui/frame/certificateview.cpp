#include "ui/frame/certificateview.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/frame/exportdialog.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace ui {
namespace {

// A text that a machine reads under its name, with a button that copies it.
Label* addCopied(QVBoxLayout& box, const QString& name, const QString& tip, const char* object) {
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new Label(name, FontRole::Label, Role::Muted));
    head->addStretch();
    auto* copy = new IconButton(QStringLiteral("copy"), tip);
    head->addWidget(copy);
    box.addLayout(head);
    auto* text = new Label({}, FontRole::Mono);
    text->setObjectName(QLatin1String(object));
    text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    text->setWordWrap(true);
    box.addWidget(text);
    QObject::connect(copy, &IconButton::clicked, text,
                     [text] { QGuiApplication::clipboard()->setText(text->property("whole").toString()); });
    return text;
}

// Long words without a space, such as paths and sums, may be broken anywhere.
void setMachineText(Label& label, const QString& text) {
    label.setProperty("whole", text);
    QString broken;
    for (const QChar letter : text) {
        broken += letter;
        if (letter == QLatin1Char('/') || letter == QLatin1Char('_') || letter == QLatin1Char('('))
            broken += QChar(0x200B);
    }
    label.setText(broken);
}

} // namespace

CertificateView::CertificateView(QWidget* parent)
    : QWidget(parent),
      m_verdict(new StatusChip(StatusChip::Look::Filled)),
      m_detail(new Label({}, FontRole::Body)),
      m_facts(new FactList) {
    setObjectName(QStringLiteral("certificate"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    auto* head = new QHBoxLayout;
    head->addWidget(m_verdict);
    head->addStretch();
    all->addLayout(head);
    m_verdict->setObjectName(QStringLiteral("certificateVerdict"));
    m_detail->setObjectName(QStringLiteral("certificateDetail"));
    m_detail->setWordWrap(true);
    all->addSpacing(4);
    all->addWidget(m_detail);
    all->addSpacing(4);
    all->addWidget(m_facts);
    all->addSpacing(4);
    all->addWidget(new Divider);
    m_sum = addCopied(*all, QStringLiteral("SHA-256"), tr("Copy the sum"), "certificateSum");
    m_opening = addCopied(*all, tr("It opens with"), tr("Copy the lines"), "certificateOpening");
    m_place = addCopied(*all, tr("Folder"), tr("Copy the path"), "certificatePlace");
    all->addStretch();
}

void CertificateView::setOutcome(const ExportOutcome& outcome) {
    m_verdict->setState(outcome.tone, outcome.verdict);
    m_detail->setText(outcome.detail);
    m_detail->setVisible(!outcome.detail.isEmpty());
    m_facts->setFacts(outcome.facts);
    setMachineText(*m_sum, outcome.sha256);
    setMachineText(*m_opening, outcome.opening);
    setMachineText(*m_place, outcome.place);
}

} // namespace ui
