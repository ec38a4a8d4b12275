#pragma once

#include "engine/text/tokenizer.h"

#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

namespace engine {

// Encodes many texts in threads of its own; the result is in the order of the texts, whatever the number of threads.
// `threads`: 0 as many as there are cores. Throws Error as Tokenizer::encode does, Error(Stopped) when asked to stop.
[[nodiscard]] std::vector<Encoding> encodeBatch(const Tokenizer& tokenizer, std::span<const std::string_view> texts,
                                                const EncodeOptions& options = {}, int threads = 0,
                                                const std::stop_token& stop = {});

} // namespace engine
