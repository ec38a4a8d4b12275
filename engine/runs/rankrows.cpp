// What several ranks that train together share and send.
#include "engine/runs/rowmakers.h"
#include "engine/runs/tablerows.h"

namespace engine {

std::vector<ParameterRow> rankRows() {
    using E = Experiment;
    return {
        textRow(
            withChoices({.key = "devices.batch_norm",
                         .label = "BatchNorm",
                         .help = "Of several ranks: whether each normalises by its own pictures, or all by those of "
                                 "all (SyncBatchNorm), as one device with the whole batch would.",
                         .usual = "Synchronized where a rank has fewer than 16 pictures a batch",
                         .cost = "Synchronized: two messages a layer in each step."},
                        {{"per-rank", "Each rank its own"}, {"synchronized", "Synchronized"}}),
            &E::devices, &DeviceSettings::batchNorm),
        textRow(withChoices({.key = "devices.optimizer",
                             .label = "Optimizer state",
                             .help = "Of several ranks: whether each keeps all of the optimizer's state, or its share "
                                     "of it (ZeRO-1). What is learned is the same, and so are checkpoints.",
                             .cost = "Sharded: a rank keeps 1/ranks of the state and sends as much as before."},
                            {{"replicated", "All of it on each rank"}, {"sharded", "Sharded (ZeRO-1)"}}),
                &E::devices, &DeviceSettings::optimizer),
        textRow(withChoices({.key = "devices.gradients",
                             .label = "Gradients are sent as",
                             .help = "Of several ranks: the number format in which gradients are added up.",
                             .cost = "bf16 halves what is sent and keeps 8 of 24 bits of each gradient."},
                            {{"fp32", "fp32"}, {"bf16", "bf16"}}),
                &E::devices, &DeviceSettings::gradients),
        textRow(withChoices({.key = "devices.learning_rate",
                             .label = "Learning rate of several ranks",
                             .help = "What a step of several ranks, whose batches it adds up, makes of the learning "
                                     "rate.",
                             .usual = "Linear for SGD, square root for Adam and AdamW"},
                            {{"as-set", "As it is set"},
                             {"linear", "Times the ranks"},
                             {"square-root", "Times the root of the ranks"}}),
                &E::devices, &DeviceSettings::learningRate),
    };
}

} // namespace engine
