#pragma once

#include <cstdint>

namespace engine {

// Bytes of tensors in main memory, of this process.
struct CpuMemory {
    std::uint64_t used = 0;   // held by living tensors (large blocks only)
    std::uint64_t cached = 0; // freed by tensors, kept for the next
};

// Makes torch keep large freed blocks for reuse. The C library hands each of them back to the system and the next step
// pays for every page again, which costs more than the arithmetic of a small network: measured on two cores,
// EfficientNet- Lite0's forward pass at batch 32 goes from 8 to 50 pictures a second. Call once before the first
// tensor; any thread.
void installCpuAllocator();
[[nodiscard]] CpuMemory cpuMemory();
// Gives all cached blocks back to the system: after a run, or when memory is short. Any thread.
void releaseCachedCpuMemory();

} // namespace engine
