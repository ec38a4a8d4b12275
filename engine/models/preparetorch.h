#pragma once

namespace engine {

// Before this process's first use of torch: its memory is ours, and the CUDA libraries are there, for torch asks for
// them once and keeps the answer. Whoever builds a backbone or loads a program has it done. Takes up to a second the
// first time where there is a GPU. Any thread.
void prepareTorch();

} // namespace engine
