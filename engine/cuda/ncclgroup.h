#pragma once

#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace engine::cuda {

// c10d's group over NCCL for this process's GPU.
[[nodiscard]] c10::intrusive_ptr<c10d::Backend> joinNccl(const c10::intrusive_ptr<c10d::Store>& store, int rank,
                                                         int size);

} // namespace engine::cuda
