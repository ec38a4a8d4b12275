#pragma once

#include "engine/text/addedtokens.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

struct JsonTree;
class MappedFile;

// What transformers writes beside a vocabulary: tokenizer_config.json, special_tokens_map.json, added_tokens.json.
struct TokenizerConfig {
    struct Role {
        std::string name;  // "pad_token", "cls_token", …
        AddedToken token;  // its id is not known here
        bool bare = false; // given as a text, without how it is looked for
    };
    std::string file;                                        // the first of them that is there, in sentences
    std::string tokenizerClass;                              // "BertTokenizer"
    std::string modelType;                                   // of config.json
    std::optional<bool> lowers, stripsAccents, setsHanApart; // do_lower_case, strip_accents, tokenize_chinese_chars
    std::optional<bool> blankBefore;                         // add_prefix_space
    std::optional<bool> removesSpace, keepsAccents;          // remove_space, keep_accents of ALBERT
    std::optional<std::size_t> extraIds;                     // extra_ids of T5
    std::optional<bool> addsBegin, addsEnd;                  // add_bos_token, add_eos_token
    std::size_t statedLength = 0;                            // model_max_length; 0: it says none
    std::vector<Role> roles;
    std::vector<AddedToken> added; // added_tokens_decoder, else added_tokens.json; with ids

    [[nodiscard]] const Role* role(std::string_view name) const;
};

// Adds what a tokenizer_config.json says. Throws Error(BadWeights).
void addTokenizerConfig(const MappedFile& file, TokenizerConfig& config);
// Of the files that lie in the folder; none need be there. Throws Error(BadWeights) for one that is damaged.
[[nodiscard]] TokenizerConfig readTokenizerConfig(const std::filesystem::path& folder);

// An entry of "added_tokens". Throws Error(BadWeights); `what` is the file in sentences.
[[nodiscard]] AddedToken addedTokenOf(const JsonTree& tree, const std::string& what);
// Throws Error(BadWeights) where it is no id.
[[nodiscard]] TokenId tokenIdOf(double number, const std::string& what);

} // namespace engine
