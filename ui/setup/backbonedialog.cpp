#include "ui/setup/backbonedialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/setup/backbonetable.h"

#include <QLineEdit>
#include <QVBoxLayout>

namespace ui {

BackboneDialog::BackboneDialog(BackboneModel* backbones, const QString& chosen, QWidget* parent)
    : QDialog(parent),
      m_table(new BackboneTable(backbones, BackboneTable::Shows::All)),
      m_use(new Button({}, Button::Kind::Primary)) {
    setWindowTitle(tr("All backbones"));
    resize(1080, 560);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(16, 16, 16, 16);
    all->setSpacing(12);
    auto* head = new QHBoxLayout;
    head->addWidget(new Label(tr("All backbones"), FontRole::SectionTitle));
    head->addStretch();
    auto* search = new QLineEdit;
    search->setPlaceholderText(tr("Name or family"));
    search->setAccessibleName(tr("Search"));
    search->setProperty("sunken", true);
    search->setFixedWidth(240);
    search->setClearButtonEnabled(true);
    head->addWidget(search);
    all->addLayout(head);
    m_table->setObjectName(QStringLiteral("allBackbones"));
    all->addWidget(m_table, 1);
    auto* foot = new QHBoxLayout;
    foot->addStretch();
    auto* cancel = new Button(tr("Cancel"));
    foot->addWidget(cancel);
    foot->addWidget(m_use);
    all->addLayout(foot);
    m_table->setChosen(chosen);
    showChosen();
    connect(search, &QLineEdit::textChanged, m_table, &BackboneTable::setFilter);
    connect(m_table, &BackboneTable::backboneChosen, this, &BackboneDialog::showChosen);
    connect(m_table, &BackboneTable::doubleClicked, this, &QDialog::accept);
    connect(cancel, &Button::clicked, this, &QDialog::reject);
    connect(m_use, &Button::clicked, this, &QDialog::accept);
    search->setFocus();
}

QString BackboneDialog::chosen() const { return m_table->chosen(); }

void BackboneDialog::showChosen() {
    m_use->setText(tr("Use %1").arg(m_table->chosen()));
    m_use->updateGeometry();
}

} // namespace ui
