#include "ui/setup/tensordialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/setup/mappingview.h"

#include <QVBoxLayout>

namespace ui {

TensorDialog::TensorDialog(const WeightsState& weights, QWidget* parent) : QDialog(parent) {
    setWindowTitle(tr("Tensors"));
    resize(960, 560);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(16, 16, 16, 16);
    all->setSpacing(12);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new Label(tr("Tensors"), FontRole::SectionTitle));
    head->addStretch();
    auto* chip = new StatusChip;
    chip->setState(weights.tone, weights.words);
    head->addWidget(chip);
    all->addLayout(head);
    auto* mapping = new MappingView;
    mapping->setWeights(weights);
    all->addWidget(mapping, 1);
    auto* foot = new QHBoxLayout;
    foot->addStretch();
    auto* close = new Button(tr("Close"));
    foot->addWidget(close);
    all->addLayout(foot);
    connect(close, &Button::clicked, this, &QDialog::accept);
}

} // namespace ui
