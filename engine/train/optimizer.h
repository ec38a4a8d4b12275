#pragma once

#include "engine/api/experiment.h"
#include "engine/base/torchheader.h"
#include "engine/models/weights/safetensorswriter.h"
#include "engine/models/weights/weightsfile.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace engine {

// What decides about an update, as float32 scalars on the device, so that nothing has to be asked there first.
struct QueuedUpdate {
    at::Tensor learningRate;
    at::Tensor skip; // 1: nothing changes
};

// Updates named parameters from their gradients with one fused operator for all. State is kept by parameter name, so
// that it survives a change of what is frozen. Weight decay reaches exactly the given parameters, as in torch.optim.
class Optimizer {
public:
    virtual ~Optimizer() = default;

    // The parameters that train from now on; state of parameters that were trained before is kept.
    void setParameters(std::map<std::string, at::Tensor> parameters);
    virtual void step(double learningRate) = 0;
    // The same on a device that works behind our back.
    virtual void step(const QueuedUpdate& update) = 0;
    void zeroGradients(); // frees them

    [[nodiscard]] std::vector<TensorView> stateViews() const; // "momentum_buffer.fc.weight" …
    void loadState(const WeightsFile& file);                  // throws Error(BadWeights)
    [[nodiscard]] std::uint64_t stateBytes() const;

protected:
    struct Slot {
        std::map<std::string, at::Tensor> tensors; // "exp_avg" → tensor
        at::Tensor step;                           // number of updates, float32 scalar, as the fused operators want it
    };
    [[nodiscard]] Slot& slot(const std::string& name) { return m_slots[name]; }
    [[nodiscard]] const std::map<std::string, at::Tensor>& parameters() const { return m_parameters; }

private:
    void layOutState();

    std::map<std::string, at::Tensor> m_parameters;
    std::map<std::string, Slot> m_slots;
};

// Throws Error(BadInput) that names the known ones.
[[nodiscard]] std::unique_ptr<Optimizer> makeOptimizer(const TrainSettings& settings);

} // namespace engine
