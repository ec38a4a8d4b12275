#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine {

// A piece of a SentencePiece model. Its types are those of the format.
struct SentencePiece {
    enum class Type { Normal = 1, Unknown = 2, Control = 3, UserDefined = 4, Unused = 5, Byte = 6 };
    std::string text;
    Type type = Type::Normal;
};

struct SentencePieceModel {
    std::vector<SentencePiece> pieces; // by id
    bool joinsPairs = false;           // a BPE; else a unigram model, or one of words or characters
    std::string bytes;                 // for the library, without the texts on which it would try itself
};

// Reads a model as far as the library trusts it, and refuses what would lead it out of its tables: it looks up the
// table that normalises characters without a look at its bounds. `what` is the file in sentences. Throws
// Error(BadWeights).
[[nodiscard]] SentencePieceModel checkedSentencePieceModel(std::string_view bytes, const std::string& what);

} // namespace engine
