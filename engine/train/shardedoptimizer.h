#pragma once

#include "engine/distributed/gradientsync.h"
#include "engine/optim/optimizer.h"

#include <map>
#include <string>

namespace engine {

// An optimizer of which each rank has the state of its shares only (GradientSync::Update::Sharded). Whole states do not
// know how many ranks there were. All ranks call these; parameters are given by name.
using NamedParameters = std::map<std::string, at::Tensor>;

// Of all parameters, those that were trained before among them. On the CPU.
[[nodiscard]] OptimizerStates wholeStates(const Optimizer& optimizer, const GradientSync& sync, ProcessGroup& group,
                                          const NamedParameters& parameters);
// Lets `optimizer` update this rank's shares and continue from whole states.
void shareOut(Optimizer& optimizer, const GradientSync& sync, const NamedParameters& parameters,
              const std::map<std::string, double>& factors, OptimizerStates whole);

} // namespace engine
