#pragma once

#include "engine/api/progress.h"

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>

namespace engine {

// Calls work(0 … count − 1) in so many threads; 0: as many as there are cores. `progress` hears how far it is, with
// `message`, on the calling thread; null: nobody does. Throws Error(Stopped) where it was stopped, and the first that
// `work` throws.
void forManyFiles(std::size_t count, const std::function<void(std::size_t)>& work, std::stop_token stop,
                  ProgressSink* progress, const std::string& message = {}, unsigned threads = 0);

} // namespace engine
