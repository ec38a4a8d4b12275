#pragma once

#include "engine/api/catalog.h"
#include "src/experimentanalysis.h"
#include "ui/setup/setupdata.h"

// What Setup says about backbones: which are suggested and why, what is known of each, their layers.
namespace app {

struct Suggestion {
    QString name;
    QString reason; // in a word or two
    QString tip;    // as a sentence
};
// Three for the pictures at hand, those whose weights are here first. A chosen one that is none of them takes the
// place of the last.
[[nodiscard]] QList<Suggestion> suggestedBackbones(const engine::Experiment& experiment,
                                                   const ExperimentAnalysis& analysis);
[[nodiscard]] QList<ui::BackboneRow> backboneRows(const engine::Experiment& experiment,
                                                  const ExperimentAnalysis& analysis);
[[nodiscard]] QList<ui::LayerRow> layerRows(const std::vector<engine::BlockInfo>& tree);
[[nodiscard]] QString backboneFacts(const engine::BackboneInfo& info); // a line on its weights

} // namespace app
