#pragma once

#include "engine/text/normalizer.h"

namespace engine {

// Of valid UTF-8; where `details` are not wanted, the result says nothing of where it came from.
void normalizeForBert(std::string_view text, const BertNormalization& steps, Details details, AlignedText& into);

// The canonical or compatibility decomposition of a text in canonical order.
void decompose(std::string_view text, NormalForm form, Details details, AlignedText& into);

// A character's lower case as Rust has it: without regard to what stands around it.
void appendLower(std::string& out, char32_t code);

} // namespace engine
