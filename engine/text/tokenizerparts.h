#pragma once

#include "engine/models/weights/mappedfile.h"
#include "engine/text/pipelinetokenizer.h"
#include "engine/text/tokenizerconfig.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace engine {

// Which ids play which part: as the files beside the vocabulary say, else by the names that are usual.
[[nodiscard]] SpecialIds specialIdsOf(const TokenizerConfig& config,
                                      const std::function<std::optional<TokenId>(std::string_view)>& idOf);

// The tokenizer of a tokenizer.json. Throws Error(BadWeights) that names what is damaged or not known here.
[[nodiscard]] std::unique_ptr<const Tokenizer> readTokenizerJson(const MappedFile& file, const TokenizerConfig& config);
// The type of the model in it, as it says. Throws Error(BadWeights).
[[nodiscard]] std::string tokenizerJsonModel(const MappedFile& file);
// Of BERT's vocab.txt.
[[nodiscard]] std::unique_ptr<const Tokenizer> readBertVocabulary(const MappedFile& file,
                                                                  const TokenizerConfig& config);
// Of GPT-2's or RoBERTa's vocab.json and merges.txt.
[[nodiscard]] std::unique_ptr<const Tokenizer>
readByteLevelFiles(const MappedFile& vocabulary, const MappedFile& merges, const TokenizerConfig& config);
// Of a SentencePiece model, with the ids of the model's family.
[[nodiscard]] std::unique_ptr<const Tokenizer> readSentencePiece(const MappedFile& file, const TokenizerConfig& config);

} // namespace engine
