#include "ui/setup/sweepdialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kSweepWidth = 560;
constexpr int kSweepFieldWidth = 190;
constexpr qsizetype kNamedRuns = 4;
const auto kFirstSwept = QStringLiteral("train.learning_rate");
const auto kLastSwept = QStringLiteral("experiment.seed");

} // namespace

SweepDialog::SweepDialog(const QList<SweepField>& fields, const QString& group, QWidget* parent)
    : QDialog(parent),
      m_fields(fields),
      m_group(new QLineEdit(group)),
      m_words(new Label({}, FontRole::Strong)),
      m_names(new Label({}, FontRole::Label, Role::Muted)),
      m_queue(new Button(QStringLiteral("list-plus"), tr("Queue"), Button::Kind::Primary)) {
    setWindowTitle(tr("Sweep"));
    setModal(true);
    setFixedWidth(kSweepWidth);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 18, 20, 16);
    all->setSpacing(8);
    all->addWidget(new Label(tr("Sweep: a run for every combination"), FontRole::SectionTitle));
    auto* hint =
        new Label(tr("Values apart by commas; of whole numbers also a range, 7..9."), FontRole::Label, Role::Muted);
    all->addWidget(hint);
    addRow(*all, kFirstSwept);
    addRow(*all, {});
    addRow(*all, kLastSwept);
    m_group->setObjectName(QStringLiteral("sweepGroup"));
    m_group->setAccessibleName(tr("Tag of the group"));
    m_group->setToolTip(tr("All its runs get this tag; the search finds them by it"));
    m_group->setMaxLength(60);
    all->addWidget(new LabeledField(tr("Tag of the group"), m_group));
    all->addSpacing(4);
    m_words->setObjectName(QStringLiteral("sweepWords"));
    m_words->setWordWrap(true);
    all->addWidget(m_words);
    m_names->setMinimumHeight(static_cast<int>(kNamedRuns + 1) * m_names->fontMetrics().lineSpacing());
    m_names->setAlignment(Qt::AlignTop);
    all->addWidget(m_names);
    all->addLayout(makeButtons());
    m_rows.first().values->setFocus();
    m_rows.first().values->selectAll();
}

void SweepDialog::addRow(QVBoxLayout& box, const QString& key) {
    const Row row{new QComboBox, new QLineEdit};
    row.field->setFixedWidth(kSweepFieldWidth);
    row.field->setAccessibleName(tr("Setting to vary"));
    row.field->setToolTip(tr("Setting to vary"));
    row.field->addItem(tr("Nothing more"), QString());
    for (const auto& field : m_fields)
        row.field->addItem(field.label, field.key);
    row.field->setCurrentIndex(std::max(0, row.field->findData(key)));
    row.values->setObjectName(QStringLiteral("sweepValues%1").arg(m_rows.size() + 1));
    row.field->setObjectName(QStringLiteral("sweepField%1").arg(m_rows.size() + 1));
    row.values->setAccessibleName(tr("Values"));
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(row.field);
    line->addWidget(row.values, 1);
    box.addLayout(line);
    m_rows.append(row);
    fieldChosen(row);
    connect(row.field, &QComboBox::currentIndexChanged, this, [this, row] {
        fieldChosen(row);
        Q_EMIT changed();
    });
    connect(row.values, &QLineEdit::textChanged, this, &SweepDialog::changed);
}

void SweepDialog::fieldChosen(const Row& row) const {
    const QString key = row.field->currentData().toString();
    row.values->setEnabled(!key.isEmpty());
    for (const auto& field : m_fields)
        if (field.key == key) {
            row.values->setText(field.value);
            row.values->setToolTip(field.tip);
            row.values->setPlaceholderText(field.tip.section(QLatin1Char('\n'), 0, 0));
        }
    if (key.isEmpty())
        row.values->clear();
}

QLayout* SweepDialog::makeButtons() {
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    auto* cancel = new Button(tr("Cancel"));
    row->addWidget(cancel);
    row->addWidget(m_queue);
    m_queue->setObjectName(QStringLiteral("sweepQueue"));
    m_queue->setEnabled(false);
    m_queue->setDefault(true);
    connect(cancel, &Button::clicked, this, &QDialog::reject);
    connect(m_queue, &Button::clicked, this, &QDialog::accept);
    return row;
}

QList<SweepDialog::Axis> SweepDialog::axes() const {
    QList<Axis> made;
    for (const auto& row : m_rows)
        if (const QString key = row.field->currentData().toString(); !key.isEmpty())
            made.append({key, row.values->text()});
    return made;
}

QString SweepDialog::group() const { return m_group->text().simplified(); }

void SweepDialog::setOffer(const SweepOffer& offer) {
    const bool possible = offer.problem.isEmpty();
    m_words->setText(possible ? offer.words : offer.problem);
    m_words->setRole(possible ? Role::Text : Role::DangerText);
    QStringList names = offer.names.mid(0, kNamedRuns);
    if (offer.runs > names.size() && !names.isEmpty())
        names.append(tr("and %1 more").arg(offer.runs - names.size()));
    m_names->setText(names.join(QLatin1Char('\n')));
    m_queue->setEnabled(possible && offer.runs > 0);
    m_queue->setText(offer.runs == 1 ? tr("Queue 1 run") : tr("Queue %1 runs").arg(offer.runs));
    m_queue->updateGeometry();
}

void SweepDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
}

} // namespace ui
