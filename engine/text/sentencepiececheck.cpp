#include "engine/text/sentencepiececheck.h"

#include "engine/models/weights/limits.h"
#include "engine/text/charactermap.h"
#include "engine/text/protobuffields.h"
#include "engine/text/utf8text.h"
#include "engine/text/vocabulary.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace engine {
namespace {

using Field = ProtobufFields::Field;
using Wire = ProtobufFields::Wire;

constexpr std::size_t kMostNested = 60; // symbols of the user that begin one another; the library has room for 64

class Checker final {
public:
    explicit Checker(const std::string& what) : m_what(what) {}

    SentencePieceModel check(std::string_view bytes) {
        forEachField(bytes, [this](const Field& field) { top(field); });
        if (m_model.pieces.empty())
            refuseWeights(fmt::format("{} is no SentencePiece model: it has no pieces.", m_what),
                          "Choose a spiece.model or sentencepiece.bpe.model.");
        refuseNestedSymbols();
        return std::move(m_model);
    }

private:
    [[noreturn]] void refuse(std::string_view fault) const {
        refuseWeights(fmt::format("{} is no sound SentencePiece model: {}.", m_what, fault),
                      "Choose a spiece.model or sentencepiece.bpe.model, or fetch it again.");
    }

    template <typename Look>
    void forEachField(std::string_view bytes, const Look& look) const {
        ProtobufFields fields(bytes);
        for (Field field; fields.next(field);)
            look(field);
        if (fields.damaged())
            refuse("it is damaged or cut off");
    }

    void top(const Field& field) {
        constexpr std::uint32_t kPiece = 1, kTrainer = 2, kNormalizer = 3, kSelfTest = 4, kDenormalizer = 5;
        const bool known = field.number >= kPiece && field.number <= kDenormalizer;
        if (known && field.wire != Wire::Bytes)
            refuse("it is damaged or cut off");
        if (field.number == kPiece)
            piece(field.bytes);
        else if (field.number == kTrainer)
            trainer(field.bytes);
        else if (field.number == kNormalizer || field.number == kDenormalizer)
            normalizer(field.bytes);
        if (field.number != kSelfTest)
            m_model.bytes += field.whole;
    }

    void piece(std::string_view bytes) {
        constexpr std::uint32_t kText = 1, kScore = 2, kType = 3;
        SentencePiece piece;
        forEachField(bytes, [&](const Field& field) {
            if (field.number == kText && field.wire == Wire::Bytes)
                piece.text = field.bytes;
            else if (field.number == kScore && field.wire == Wire::Four &&
                     !std::isfinite(ProtobufFields::asFloat(field.bytes)))
                refuse("a score of a piece is no number");
            else if (field.number == kType && field.wire == Wire::Varint && field.value >= 1 && field.value <= 6)
                piece.type = static_cast<SentencePiece::Type>(field.value);
        });
        if (piece.text.empty() || piece.text.size() > Vocabulary::kMostPieceBytes ||
            piece.text.find('\0') != std::string::npos || validUtf8Bytes(piece.text) != piece.text.size())
            refuse("one of its pieces is no text");
        if (m_model.pieces.size() == Vocabulary::kMostPieces)
            refuse("it has more than a million pieces");
        m_model.pieces.push_back(std::move(piece));
    }

    void trainer(std::string_view bytes) {
        constexpr std::uint32_t kModelType = 3, kPairs = 2;
        forEachField(bytes, [&](const Field& field) {
            if (field.number == kModelType && field.wire == Wire::Varint)
                m_model.joinsPairs = field.value == kPairs;
        });
    }

    void normalizer(std::string_view bytes) const {
        constexpr std::uint32_t kCharacterMap = 2;
        forEachField(bytes, [&](const Field& field) {
            if (field.number != kCharacterMap || field.wire != Wire::Bytes || field.bytes.empty())
                return;
            if (const std::string_view fault = faultOfCharacterMap(field.bytes); !fault.empty())
                refuse(fmt::format("its table of characters {}", fault));
        });
    }

    void refuseNestedSymbols() const {
        std::vector<std::string_view> symbols;
        for (const SentencePiece& piece : m_model.pieces)
            if (piece.type == SentencePiece::Type::UserDefined)
                symbols.push_back(piece.text);
        std::ranges::sort(symbols);
        std::vector<std::string_view> open; // each begins with the one before
        for (const std::string_view symbol : symbols) {
            while (!open.empty() && !symbol.starts_with(open.back()))
                open.pop_back();
            open.push_back(symbol);
            if (open.size() > kMostNested)
                refuse("too many of its symbols begin one another");
        }
    }

    const std::string& m_what;
    SentencePieceModel m_model;
};

} // namespace

SentencePieceModel checkedSentencePieceModel(std::string_view bytes, const std::string& what) {
    return Checker(what).check(bytes);
}

} // namespace engine
