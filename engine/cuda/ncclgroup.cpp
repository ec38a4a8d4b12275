#include "engine/cuda/ncclgroup.h"

#define USE_C10D_NCCL // as the library was built
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

namespace engine::cuda {

c10::intrusive_ptr<c10d::Backend> joinNccl(const c10::intrusive_ptr<c10d::Store>& store, int rank, int size) {
    return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, size);
}

} // namespace engine::cuda
