#pragma once

#include "ui/setup/setuppage.h"
#include "ui/try/trypage.h"

// A made-up experiment and predictions for tests and the gallery.
namespace fake {

QList<ui::FieldSpec> fieldSpecs();
QList<ui::BlockRow> blocks();
QList<ui::BlockRow> partlyTrainedBlocks(); // without blocks.4.0
ui::ThawPlan thawPlan();                   // of blocks(): 60 epochs in three phases
QList<QPointF> cosine(int epochs);         // a schedule with warm-up
QList<ui::BackboneRow> backbones();
ui::BackboneDetails details(const QString& backbone);
ui::DataState data();
void fillSetup(ui::SetupPage& page);
// So many GPUs in pairs, the first two used, the others by somebody else; `next`: the next so many that are free.
void fillGpus(ui::SetupPage& page, int gpus, int next = 0);
QList<ui::TryResult> tryResults();
void fillTry(ui::TryPage& page);

} // namespace fake
