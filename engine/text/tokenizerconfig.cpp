#include "engine/text/tokenizerconfig.h"

#include "engine/models/weights/limits.h"
#include "engine/models/weights/mappedfile.h"
#include "engine/text/jsontree.h"
#include "engine/text/vocabulary.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kRoles[] = {"unk_token",  "sep_token", "pad_token", "cls_token",
                                       "mask_token", "bos_token", "eos_token"};
constexpr double kLongestStated = 1e9; // transformers writes 1e30 for none

JsonTree treeOf(const MappedFile& file) {
    JsonReader json(file.bytes(), file.name());
    JsonTree tree = readJsonTree(json, file.name());
    json.end();
    if (!tree.isObject())
        refuseWeights(fmt::format("{} is no JSON object.", file.name()), "Fetch the file again.");
    return tree;
}

std::optional<JsonTree> readTree(const fs::path& file) {
    std::error_code code;
    if (!fs::is_regular_file(file, code))
        return std::nullopt;
    return treeOf(MappedFile(file));
}

void setRole(TokenizerConfig& config, std::string_view name, const JsonTree& value, const std::string& what) {
    TokenizerConfig::Role role{.name = std::string(name)};
    if (value.kind == JsonReader::Kind::Text) {
        role.token.content = value.text;
        role.bare = true;
    } else if (value.isObject()) {
        role.token = addedTokenOf(value, what);
    }
    role.token.special = true;
    if (!role.token.content.empty() && config.role(name) == nullptr)
        config.roles.push_back(std::move(role));
}

void readDecoder(TokenizerConfig& config, const JsonTree& decoder, const std::string& what) {
    for (std::size_t i = 0; i < decoder.names.size(); ++i) {
        const std::string& key = decoder.names[i];
        const JsonTree& value = decoder.items[i];
        double id = -1;
        const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), id);
        if (problem != std::errc{} || end != key.data() + key.size() || !value.isObject())
            refuseWeights(fmt::format("“{}” in added_tokens_decoder of {} is no token.", key, what),
                          "Fetch the file again.");
        config.added.push_back(addedTokenOf(value, what));
        config.added.back().id = tokenIdOf(id, what);
    }
}

void readMain(TokenizerConfig& config, const JsonTree& tree, const std::string& what) {
    config.tokenizerClass = tree.textOf("tokenizer_class").value_or("");
    config.lowers = tree.switchOf("do_lower_case");
    config.stripsAccents = tree.switchOf("strip_accents");
    config.setsHanApart = tree.switchOf("tokenize_chinese_chars");
    config.blankBefore = tree.switchOf("add_prefix_space");
    config.removesSpace = tree.switchOf("remove_space");
    config.keepsAccents = tree.switchOf("keep_accents");
    config.addsBegin = tree.switchOf("add_bos_token");
    config.addsEnd = tree.switchOf("add_eos_token");
    if (const std::optional<double> extra = tree.numberOf("extra_ids"))
        config.extraIds = static_cast<std::size_t>(tokenIdOf(*extra, what));
    if (const std::optional<double> length = tree.numberOf("model_max_length");
        length && *length >= 1 && *length <= kLongestStated)
        config.statedLength = static_cast<std::size_t>(*length);
    if (const JsonTree* decoder = tree.member("added_tokens_decoder"); decoder != nullptr && decoder->isObject())
        readDecoder(config, *decoder, what);
}

} // namespace

const TokenizerConfig::Role* TokenizerConfig::role(std::string_view name) const {
    for (const Role& role : roles)
        if (role.name == name)
            return &role;
    return nullptr;
}

TokenId tokenIdOf(double number, const std::string& what) {
    if (!(number >= 0 && number < static_cast<double>(Vocabulary::kMostPieces)) || number != std::floor(number))
        refuseWeights(fmt::format("{} names {} as the id of a token.", what, number), "Fetch the file again.");
    return static_cast<TokenId>(number);
}

AddedToken addedTokenOf(const JsonTree& tree, const std::string& what) {
    AddedToken token;
    token.content = tree.textOf("content").value_or("");
    if (token.content.size() > AddedTokens::kMostBytes)
        refuseWeights(fmt::format("{} holds an added token of {} bytes.", what, token.content.size()),
                      "Fetch the file again.");
    token.special = tree.switchOf("special").value_or(false);
    token.normalized = tree.switchOf("normalized").value_or(!token.special);
    token.singleWord = tree.switchOf("single_word").value_or(false);
    token.takesSpaceBefore = tree.switchOf("lstrip").value_or(false);
    token.takesSpaceAfter = tree.switchOf("rstrip").value_or(false);
    return token;
}

void addTokenizerConfig(const MappedFile& file, TokenizerConfig& config) {
    const JsonTree tree = treeOf(file);
    config.file = file.name();
    readMain(config, tree, config.file);
    for (const std::string_view name : kRoles)
        if (const JsonTree* value = tree.member(name))
            setRole(config, name, *value, config.file);
}

TokenizerConfig readTokenizerConfig(const fs::path& folder) {
    TokenizerConfig config;
    std::error_code code;
    if (fs::is_regular_file(folder / "tokenizer_config.json", code))
        addTokenizerConfig(MappedFile(folder / "tokenizer_config.json"), config);
    if (const std::optional<JsonTree> tree = readTree(folder / "special_tokens_map.json")) {
        for (const std::string_view name : kRoles)
            if (const JsonTree* value = tree->member(name))
                setRole(config, name, *value, "special_tokens_map.json");
    }
    if (const std::optional<JsonTree> tree = readTree(folder / "added_tokens.json"); tree && config.added.empty()) {
        for (std::size_t i = 0; i < tree->names.size(); ++i) {
            const JsonTree& id = tree->items[i];
            config.added.push_back({.content = tree->names[i], .normalized = true});
            config.added.back().id =
                tokenIdOf(id.kind == JsonReader::Kind::Number ? id.number : -1, "added_tokens.json");
        }
    }
    if (fs::is_regular_file(folder / "config.json", code)) {
        const MappedFile mapped(folder / "config.json");
        JsonReader json(mapped.bytes(), mapped.name());
        json.beginObject();
        for (std::string key; json.nextKey(key);) {
            if (key == "model_type" && json.kind() == JsonReader::Kind::Text)
                config.modelType = json.text();
            else
                json.skipValue();
        }
    }
    return config;
}

} // namespace engine
