#pragma once

#include "engine/models/backbone.h"
#include "engine/models/weights/mappedfile.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace engine {

// The sizes of a BERT, by the names that config.json has for them.
struct BertSettings {
    std::int64_t vocabulary = 30522; // vocab_size
    std::int64_t width = 768;        // hidden_size
    std::int64_t layers = 12;        // num_hidden_layers
    std::int64_t heads = 12;         // num_attention_heads
    std::int64_t inner = 3072;       // intermediate_size
    std::int64_t positions = 512;    // max_position_embeddings: tokens of a text at most
    std::int64_t segments = 2;       // type_vocab_size
    double epsilon = 1e-12;          // layer_norm_eps
    double dropout = 0.1;            // hidden_dropout_prob
};

// Of the config.json beside a BERT's weights. Throws Error(BadWeights): no JSON, another model, or sizes that none has.
[[nodiscard]] BertSettings readBertSettings(const MappedFile& file);

// BERT (Devlin et al. 2019) and its like (MiniLM) without a head, with the names of transformers' BertModel. Stages:
// embeddings, encoder.layer.0 …, pooler. In training, dropout stands where transformers has it, except on the attention
// itself. Like every torch module it belongs to one thread at a time.
class Bert final : public torch::nn::Module {
public:
    // Parameters are undefined in value. Throws Error(BadInput): heads that do not divide the width.
    explicit Bert(const BertSettings& settings);
    ~Bert() override;

    // tokens.value: ids, int64 [N, T], or ids and segments [N, T, 2]; tokens.mask: true where a token counts.
    // Returns [N, T, width] and the mask; rows of what does not count mean nothing. Throws Error(BadInput): more tokens
    // than positions.
    [[nodiscard]] Signal forward(const Signal& tokens);
    // forward(), and behind it the pooler: tanh of a layer on the first token, [N, width].
    [[nodiscard]] std::vector<Stage> stages();
    [[nodiscard]] const BertSettings& settings() const { return m_settings; }

private:
    class Embeddings;
    class Layer;
    class Pooler;

    BertSettings m_settings;
    std::shared_ptr<Embeddings> m_embeddings;
    std::vector<std::shared_ptr<Layer>> m_layers;
    std::shared_ptr<Pooler> m_pooler;
};

// The mean over the tokens that count, [N, T, width] → [N, width]: what sentence models make of a text.
[[nodiscard]] at::Tensor meanOverTokens(const Signal& hidden);

} // namespace engine
