#include "engine/models/text/bert.h"

#include "engine/api/error.h"
#include "engine/models/attentionwatch.h"
#include "engine/models/dropout.h"
#include "engine/models/layers.h"
#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"

#include <cmath>

#include <fmt/format.h>

namespace engine {
namespace {

constexpr double kMostVocabulary = 1e6;
constexpr double kMostWidth = 65536;
constexpr double kMostLayers = 1000;

// Every token looks at every one that counts.
class BertAttention final : public torch::nn::Module {
public:
    explicit BertAttention(const BertSettings& settings)
        : torch::nn::Module("attention"), m_heads(settings.heads), m_dropout(settings.dropout) {
        const auto self = group(*this, "self");
        m_query = child(*self, "query", Linear(settings.width, settings.width));
        m_key = child(*self, "key", Linear(settings.width, settings.width));
        m_value = child(*self, "value", Linear(settings.width, settings.width));
        const auto output = group(*this, "output");
        m_project = child(*output, "dense", Linear(settings.width, settings.width));
        m_norm = child(*output, "LayerNorm", layerNorm(settings.width, settings.epsilon));
    }

    at::Tensor forward(const at::Tensor& input, const at::Tensor& mask) {
        const std::int64_t texts = input.size(0), tokens = input.size(1), width = input.size(2);
        const auto heads = [&](const at::Tensor& value) {
            return value.view({texts, tokens, m_heads, width / m_heads}).transpose(1, 2);
        };
        const at::Tensor queries = heads(m_query(input)), keys = heads(m_key(input)), values = heads(m_value(input));
        AttentionWatch::see(queries, keys);
        std::optional<at::Tensor> counting;
        if (mask.defined())
            counting = mask.view({texts, 1, 1, tokens}).expand({texts, 1, tokens, tokens});
        const at::Tensor mixed = at::scaled_dot_product_attention(queries, keys, values, counting);
        const at::Tensor output = mixed.transpose(1, 2).reshape({texts, tokens, width});
        reportLayer(this, output, 4.0 * static_cast<double>(output.numel()) * static_cast<double>(tokens));
        return m_norm(dropoutOf(m_project(output), m_dropout, is_training()) + input);
    }

private:
    std::int64_t m_heads;
    double m_dropout;
    Linear m_query{nullptr}, m_key{nullptr}, m_value{nullptr}, m_project{nullptr};
    torch::nn::LayerNorm m_norm{nullptr};
};

std::int64_t sizeIn(JsonReader& json, const MappedFile& file, const std::string& key, double most) {
    const double value = json.kind() == JsonReader::Kind::Number ? json.number() : 0;
    if (!(value >= 1 && value <= most) || value != std::floor(value))
        refuseWeights(fmt::format("In {} the value of {} is no size of a BERT.", file.path().string(), key),
                      "Fetch the file again.");
    return static_cast<std::int64_t>(value);
}

void requireWord(JsonReader& json, const MappedFile& file, const std::string& key, std::string_view wanted) {
    const std::string word = json.kind() == JsonReader::Kind::Text ? json.text() : std::string("?");
    if (word != wanted)
        refuseWeights(
            fmt::format("In {} the {} is “{}”; only “{}” is known here.", file.path().string(), key, word, wanted),
            "Choose the weights of a BERT.");
}

} // namespace

class Bert::Embeddings final : public torch::nn::Module {
public:
    explicit Embeddings(const BertSettings& settings) : torch::nn::Module("embeddings"), m_dropout(settings.dropout) {
        m_words = table("word_embeddings", settings.vocabulary, settings.width);
        m_positions = table("position_embeddings", settings.positions, settings.width);
        m_segments = table("token_type_embeddings", settings.segments, settings.width);
        m_norm = child(*this, "LayerNorm", layerNorm(settings.width, settings.epsilon));
    }

    at::Tensor forward(const at::Tensor& tokens) {
        const bool segmented = tokens.dim() == 3;
        const at::Tensor ids = segmented ? tokens.select(2, 0) : tokens;
        const std::int64_t count = ids.size(1);
        if (count > m_positions.size(0))
            throw Error(
                ErrorKind::BadInput,
                fmt::format("A text of {} tokens is too long for a model of {} positions.", count, m_positions.size(0)),
                fmt::format("Cut texts to {} tokens.", m_positions.size(0)));
        const at::Tensor segments = segmented ? at::embedding(m_segments, tokens.select(2, 1)) : m_segments[0];
        const at::Tensor sum = at::embedding(m_words, ids) + segments + m_positions.slice(0, 0, count);
        return dropoutOf(m_norm(sum), m_dropout, is_training());
    }

private:
    // [rows, width] as transformers names it.
    at::Tensor table(const std::string& name, std::int64_t rows, std::int64_t width) {
        return group(*this, name)->register_parameter("weight", at::empty({rows, width}));
    }

    double m_dropout;
    at::Tensor m_words, m_positions, m_segments;
    torch::nn::LayerNorm m_norm{nullptr};
};

class Bert::Layer final : public torch::nn::Module {
public:
    explicit Layer(const BertSettings& settings) : torch::nn::Module("BERT layer"), m_dropout(settings.dropout) {
        m_attention = register_module("attention", std::make_shared<BertAttention>(settings));
        m_widen = child(*group(*this, "intermediate"), "dense", Linear(settings.width, settings.inner));
        const auto output = group(*this, "output");
        m_narrow = child(*output, "dense", Linear(settings.inner, settings.width));
        m_norm = child(*output, "LayerNorm", layerNorm(settings.width, settings.epsilon));
    }

    Signal forward(const Signal& tokens) {
        const at::Tensor value = m_attention->forward(tokens.value, tokens.mask);
        const at::Tensor narrowed = m_narrow(at::gelu(m_widen(value)));
        return {m_norm(dropoutOf(narrowed, m_dropout, is_training()) + value), tokens.mask};
    }

private:
    double m_dropout;
    std::shared_ptr<BertAttention> m_attention;
    Linear m_widen{nullptr}, m_narrow{nullptr};
    torch::nn::LayerNorm m_norm{nullptr};
};

class Bert::Pooler final : public torch::nn::Module {
public:
    explicit Pooler(std::int64_t width) : torch::nn::Module("pooler") {
        m_dense = child(*this, "dense", Linear(width, width));
    }
    at::Tensor forward(const at::Tensor& hidden) { return at::tanh(m_dense(hidden.select(1, 0))); }

private:
    Linear m_dense{nullptr};
};

Bert::Bert(const BertSettings& settings) : torch::nn::Module("BERT"), m_settings(settings) {
    if (settings.heads < 1 || settings.width % settings.heads != 0)
        throw Error(ErrorKind::BadInput,
                    fmt::format("{} attention heads do not divide a width of {}.", settings.heads, settings.width),
                    "Choose a width that is a multiple of the heads.");
    m_embeddings = register_module("embeddings", std::make_shared<Embeddings>(settings));
    const auto layers = group(*group(*this, "encoder"), "layer");
    for (std::int64_t i = 0; i < settings.layers; ++i)
        m_layers.push_back(layers->register_module(std::to_string(i), std::make_shared<Layer>(settings)));
    m_pooler = register_module("pooler", std::make_shared<Pooler>(settings.width));
}

Bert::~Bert() = default;

std::vector<Stage> Bert::stages() {
    std::vector<Stage> chain;
    chain.push_back(
        {"embeddings", {"embeddings"}, [this](const at::Tensor& tokens) { return m_embeddings->forward(tokens); }});
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const std::string name = "encoder.layer." + std::to_string(i);
        chain.push_back({name, {name}, [this, i](const Signal& tokens) { return m_layers[i]->forward(tokens); }});
    }
    chain.push_back({"pooler", {"pooler"}, [this](const at::Tensor& hidden) { return m_pooler->forward(hidden); }});
    return chain;
}

Signal Bert::forward(const Signal& tokens) {
    std::vector<Stage> chain = stages();
    chain.pop_back();
    Signal signal = tokens;
    for (const Stage& stage : chain)
        signal = stage.forward(signal);
    return signal;
}

at::Tensor meanOverTokens(const Signal& hidden) {
    if (!hidden.mask.defined())
        return hidden.value.mean(1);
    const at::Tensor weights = hidden.mask.to(hidden.value.scalar_type()).unsqueeze(-1);
    return (hidden.value * weights).sum(1) / weights.sum(1).clamp_min(1e-9);
}

BertSettings readBertSettings(const MappedFile& file) {
    BertSettings settings;
    JsonReader json(file.bytes(), file.name());
    json.beginObject();
    for (std::string key; json.nextKey(key);) {
        if (key == "model_type")
            requireWord(json, file, key, "bert");
        else if (key == "hidden_act")
            requireWord(json, file, key, "gelu");
        else if (key == "position_embedding_type")
            requireWord(json, file, key, "absolute");
        else if (key == "vocab_size")
            settings.vocabulary = sizeIn(json, file, key, kMostVocabulary);
        else if (key == "hidden_size")
            settings.width = sizeIn(json, file, key, kMostWidth);
        else if (key == "num_hidden_layers")
            settings.layers = sizeIn(json, file, key, kMostLayers);
        else if (key == "num_attention_heads")
            settings.heads = sizeIn(json, file, key, kMostWidth);
        else if (key == "intermediate_size")
            settings.inner = sizeIn(json, file, key, 8 * kMostWidth);
        else if (key == "max_position_embeddings")
            settings.positions = sizeIn(json, file, key, kMostVocabulary);
        else if (key == "type_vocab_size")
            settings.segments = sizeIn(json, file, key, kMostWidth);
        else if (key == "layer_norm_eps" && json.kind() == JsonReader::Kind::Number)
            settings.epsilon = json.number();
        else if (key == "hidden_dropout_prob" && json.kind() == JsonReader::Kind::Number)
            settings.dropout = json.number();
        else
            json.skipValue();
    }
    json.end();
    return settings;
}

} // namespace engine
