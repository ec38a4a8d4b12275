#pragma once

#include "engine/api/progress.h"

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>

namespace engine {

// Calls work(0 … count − 1) in as many threads as there are cores. `progress` hears how far it is, with `message`, on
// the calling thread; null: nobody does. Throws Error(Stopped) where it was stopped.
void forManyFiles(std::size_t count, const std::function<void(std::size_t)>& work, std::stop_token stop,
                  ProgressSink* progress, const std::string& message = {});

} // namespace engine
