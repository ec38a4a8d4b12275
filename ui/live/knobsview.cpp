#include "ui/live/knobsview.h"

#include "ui/controls/button.h"
#include "ui/controls/labeledfield.h"
#include "ui/controls/numberfield.h"
#include "ui/controls/problemline.h"

#include <QComboBox>
#include <QGridLayout>
#include <QLocale>
#include <QVBoxLayout>

#include <utility>

namespace ui {
namespace {

constexpr double kLeastRate = 1e-9, kGreatestRate = 100, kGreatestDecay = 10;

QString numberText(double value) { return QString::number(value, 'g', QLocale::FloatingPointShortest); }

} // namespace

KnobsView::KnobsView(QWidget* parent)
    : QWidget(parent),
      m_rate(new NumberField),
      m_decay(new NumberField),
      m_augmentation(new QComboBox),
      m_apply(new Button(tr("Apply"))),
      m_checkpoint(new Button(tr("Checkpoint"))),
      m_stop(new Button(tr("Stop after epoch %1").arg(1))),
      m_problem(new ProblemLine) {
    m_rate->setObjectName(QStringLiteral("knobRate"));
    m_rate->setRange(kLeastRate, kGreatestRate);
    m_decay->setObjectName(QStringLiteral("knobDecay"));
    m_decay->setRange(0, kGreatestDecay);
    m_augmentation->setObjectName(QStringLiteral("knobAugmentation"));
    m_apply->setObjectName(QStringLiteral("knobsApply"));
    m_checkpoint->setObjectName(QStringLiteral("knobCheckpoint"));
    m_checkpoint->setSmall();
    m_stop->setSmall();
    m_checkpoint->setToolTip(tr("Write a checkpoint now; it is kept when newer ones come"));
    m_stop->setObjectName(QStringLiteral("knobStop"));
    m_stop->setCheckable(true);
    m_stop->setToolTip(tr("End behind this epoch and its validation; press again to go on all the same"));
    m_problem->setObjectName(QStringLiteral("knobsProblem"));
    auto* rate = new LabeledField(tr("Learning rate"), m_rate);
    rate->setHelp(tr("Learning rate"), tr("The schedule goes on at this height from the next step on."));
    auto* decay = new LabeledField(tr("Weight decay"), m_decay);
    decay->setHelp(tr("Weight decay"), tr("Pulls trained weights towards zero from the next step on."));
    auto* augmentation = new LabeledField(tr("Augmentation"), m_augmentation);
    augmentation->setHelp(tr("Augmentation"), tr("How training pictures are varied from the next step on."));
    auto* fields = new QGridLayout;
    fields->setContentsMargins(0, 0, 0, 0);
    fields->setHorizontalSpacing(12);
    fields->setVerticalSpacing(8);
    fields->addWidget(rate, 0, 0);
    fields->addWidget(decay, 0, 1);
    fields->addWidget(augmentation, 1, 0);
    fields->addWidget(m_apply, 1, 1, Qt::AlignLeft | Qt::AlignBottom);
    fields->setColumnStretch(0, 1);
    fields->setColumnStretch(1, 1);
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_checkpoint);
    buttons->addWidget(m_stop);
    buttons->addStretch();
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(8);
    all->addLayout(fields);
    all->addLayout(buttons);
    all->addWidget(m_problem);
    connect(m_rate, &NumberField::edited, this, &KnobsView::offer);
    connect(m_decay, &NumberField::edited, this, &KnobsView::offer);
    connect(m_augmentation, &QComboBox::activated, this, &KnobsView::offer);
    connect(m_apply, &Button::clicked, this, &KnobsView::apply);
    connect(m_checkpoint, &Button::clicked, this, &KnobsView::checkpointRequested);
    connect(m_stop, &Button::clicked, this, &KnobsView::stopAfterEpochRequested);
    m_problem->clear();
    offer();
}

void KnobsView::setKnobs(const LiveKnobs& knobs) {
    if (knobs == m_knobs)
        return;
    const LiveKnobs before = std::exchange(m_knobs, knobs);
    if (knobs.learningRate != before.learningRate)
        m_rate->setValue(knobs.learningRate);
    if (knobs.weightDecay != before.weightDecay)
        m_decay->setValue(knobs.weightDecay);
    if (knobs.augmentation != before.augmentation || knobs.augmentations != before.augmentations) {
        m_augmentation->clear();
        m_augmentation->addItems(knobs.augmentations);
        if (!knobs.augmentations.contains(knobs.augmentation))
            m_augmentation->addItem(knobs.augmentation);
        m_augmentation->setCurrentText(knobs.augmentation);
    }
    m_stop->setChecked(knobs.stopsAfterEpoch);
    m_stop->setText(tr("Stop after epoch %1").arg(knobs.epoch));
    m_stop->updateGeometry();
    m_problem->setProblem(ProblemLine::Kind::Warning, knobs.problem, {});
    offer();
}

QList<KnobSetting> KnobsView::changed() const {
    QList<KnobSetting> settings;
    if (m_rate->value() != m_knobs.learningRate)
        settings.append({QStringLiteral("train.learning_rate"), numberText(m_rate->value())});
    if (m_decay->value() != m_knobs.weightDecay)
        settings.append({QStringLiteral("train.weight_decay"), numberText(m_decay->value())});
    if (m_augmentation->currentText() != m_knobs.augmentation)
        settings.append({QStringLiteral("data.augmentation"), m_augmentation->currentText()});
    return settings;
}

void KnobsView::apply() {
    if (const auto settings = changed(); !settings.isEmpty())
        Q_EMIT applied(settings);
}

void KnobsView::offer() { m_apply->setEnabled(!changed().isEmpty()); }

} // namespace ui
