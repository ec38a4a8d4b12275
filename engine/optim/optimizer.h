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

// What an optimizer remembers of one parameter.
struct OptimizerState {
    std::map<std::string, at::Tensor> tensors; // "exp_avg" → tensor, laid out like the parameter
    at::Tensor step;                           // number of updates, float32 scalar, as the fused operators want it
};
using OptimizerStates = std::map<std::string, OptimizerState>; // by parameter

// On the CPU; "momentum_buffer.fc.weight" …
[[nodiscard]] std::vector<TensorView> stateViews(const OptimizerStates& states);
[[nodiscard]] OptimizerStates statesIn(const WeightsFile& file); // throws Error(BadWeights)

// Updates named parameters from their gradients with one fused operator for all that share a learning rate. State is
// kept by parameter name, so that it survives a change of what is frozen. Weight decay reaches exactly the given
// parameters, as in torch.optim.
class Optimizer {
public:
    virtual ~Optimizer() = default;

    // The parameters that train from now on; state of parameters that were trained before is kept. `factors` multiply
    // the learning rate of the parameters they name.
    void setParameters(std::map<std::string, at::Tensor> parameters, const std::map<std::string, double>& factors = {});
    void step(double learningRate);
    // The same on a device that works behind our back.
    void step(const QueuedUpdate& update);
    void zeroGradients();                                // frees them
    virtual void setWeightDecay(double weightDecay) = 0; // from the next step on

    [[nodiscard]] const OptimizerStates& states() const { return m_states; }
    void setStates(OptimizerStates states); // all of them; they are laid out like the parameters, where these lie
    [[nodiscard]] std::uint64_t stateBytes() const;

protected:
    using Parameters = std::map<std::string, at::Tensor>;
    // One update of these, which all have this learning rate.
    virtual void update(const Parameters& parameters, double learningRate) = 0;
    virtual void update(const Parameters& parameters, const QueuedUpdate& queued) = 0;

    [[nodiscard]] OptimizerState& state(const std::string& name) { return m_states[name]; }

private:
    void layOutState();

    Parameters m_parameters;
    std::map<double, Parameters> m_groups; // the same by factor
    OptimizerStates m_states;
};

// Throws Error(BadInput) that names the known ones.
[[nodiscard]] std::unique_ptr<Optimizer> makeOptimizer(const TrainSettings& settings);
[[nodiscard]] std::unique_ptr<Optimizer> makeAdamW(const TrainSettings& settings);
[[nodiscard]] std::unique_ptr<Optimizer> makeAdam(const TrainSettings& settings);
[[nodiscard]] std::unique_ptr<Optimizer> makeSgd(const TrainSettings& settings);

} // namespace engine
