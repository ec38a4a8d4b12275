#include "ui/frame/extenddialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"
#include "ui/controls/segmentedcontrol.h"

#include <QHBoxLayout>
#include <QPainter>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {
namespace {

constexpr int kMostExtendedEpochs = 100'000;
constexpr int kExtendWidth = 520;

} // namespace

ExtendDialog::ExtendDialog(const QString& name, int done, const QString& rate, QWidget* parent)
    : QDialog(parent),
      m_epochs(new QSpinBox),
      m_schedule(new SegmentedControl({tr("Goes on"), tr("Begins anew")})),
      m_sketch(new ScheduleSketch),
      m_time(new Label({}, FontRole::Value)),
      m_notes(new Label({}, FontRole::Body)),
      m_train(new Button(QStringLiteral("play"), tr("Train"), Button::Kind::Primary)) {
    setWindowTitle(tr("Train longer"));
    setModal(true);
    setFixedWidth(kExtendWidth);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 18, 20, 16);
    all->setSpacing(12);
    auto* title = new Label(tr("Train %1 longer").arg(name), FontRole::SectionTitle);
    title->setWordWrap(true);
    all->addWidget(title);
    all->addLayout(makeChoices(done, rate));
    auto* head = new QHBoxLayout;
    head->addWidget(new Label(tr("Learning rate"), FontRole::ChartTitle));
    head->addStretch();
    head->addWidget(m_time);
    all->addLayout(head);
    all->addWidget(m_sketch);
    m_notes->setWordWrap(true);
    m_notes->setObjectName(QStringLiteral("extendNotes"));
    m_notes->setMinimumHeight(2 * m_notes->fontMetrics().lineSpacing());
    m_notes->setAlignment(Qt::AlignTop);
    all->addWidget(m_notes);
    all->addLayout(makeButtons());
    m_epochs->selectAll();
    m_epochs->setFocus();
}

QLayout* ExtendDialog::makeChoices(int done, const QString& rate) {
    m_epochs->setObjectName(QStringLiteral("extendEpochs"));
    m_epochs->setRange(done + 1, kMostExtendedEpochs);
    m_epochs->setValue(done + std::max(1, done / 2));
    m_epochs->setAccessibleName(tr("To epoch"));
    m_epochs->setToolTip(tr("It has %1 epochs. With how many it is to end.").arg(done));
    m_schedule->setObjectName(QStringLiteral("extendSchedule"));
    m_schedule->setAccessibleName(tr("Schedule"));
    m_schedule->setCurrent(0);
    m_schedule->setTips({tr("The learning rate goes on from where it stands"),
                         tr("The schedule begins again at learning rate %1").arg(rate)});
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    auto* epochs = new LabeledField(tr("To epoch, it has %1").arg(done), m_epochs);
    epochs->setFixedWidth(160);
    row->addWidget(epochs);
    row->addWidget(new LabeledField(tr("Schedule"), m_schedule));
    row->addStretch();
    connect(m_epochs, &QSpinBox::valueChanged, this, &ExtendDialog::changed);
    connect(m_schedule, &SegmentedControl::chosen, this, &ExtendDialog::changed);
    return row;
}

QLayout* ExtendDialog::makeButtons() {
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addStretch();
    auto* cancel = new Button(tr("Cancel"));
    row->addWidget(cancel);
    row->addWidget(m_train);
    m_train->setObjectName(QStringLiteral("extendTrain"));
    m_train->setEnabled(false); // until an offer is here
    m_train->setDefault(true);
    connect(cancel, &Button::clicked, this, &QDialog::reject);
    connect(m_train, &Button::clicked, this, &QDialog::accept);
    return row;
}

int ExtendDialog::epochs() const { return m_epochs->value(); }

bool ExtendDialog::beginsAnew() const { return m_schedule->current() == 1; }

void ExtendDialog::setOffer(const ExtendOffer& offer) {
    const bool possible = offer.problem.isEmpty();
    m_sketch->setCurves(offer.curves);
    m_time->setText(offer.time);
    m_notes->setText(possible ? offer.notes.join(QLatin1Char(' ')) : offer.problem);
    m_notes->setRole(possible ? Role::Muted : Role::DangerText);
    m_train->setEnabled(possible);
}

void ExtendDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
}

} // namespace ui
