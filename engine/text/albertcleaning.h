#pragma once

#include "engine/text/alignedtext.h"
#include "engine/text/tokenizer.h"

#include <string_view>

namespace engine {

// What ALBERT's tokenizer does to a text before SentencePiece sees it.
struct AlbertCleaning {
    bool lowers = true;       // do_lower_case
    bool removesSpace = true; // remove_space: one blank between words, none around
    bool keepsAccents = false;
};

// Of valid UTF-8; the result says where each byte came from.
[[nodiscard]] AlignedText cleanedForAlbert(std::string_view text, const AlbertCleaning& steps);

} // namespace engine
