#pragma once

#include "engine/data/shards/tarreader.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace engine {

// Where the label of a sample was found.
enum class LabelFrom : std::uint8_t {
    Nothing,
    Class,   // its .cls
    Json,    // a key of its .json
    Text,    // its .txt: one short line
    Caption, // its .txt: more than that
};

// A sample of a shard with a picture.
struct ShardEntry {
    std::string file; // of the picture, as the tar names it, without "./" before it
    std::uint64_t offset = 0, bytes = 0;
    LabelFrom from = LabelFrom::Nothing;
    std::vector<std::string> labels; // as they stand there
};

// What a shard holds beside that, counted, with a few of them named.
struct ShardTroubles {
    std::int64_t withoutPicture = 0, twoLabels = 0;
    std::string firstWithoutPicture, firstWithTwoLabels;
    std::string trouble; // of the tar itself, behind its name
};

// Puts the members of a tar together to samples as WebDataset does: those that follow each other with one name up to
// the first point behind the last slash. One thread.
class ShardEntries final {
public:
    using Take = std::function<void(const ShardEntry&)>;
    // `labelKeys`: of the .json; empty: the usual ones.
    ShardEntries(std::vector<std::string> labelKeys, Take take)
        : m_labelKeys(std::move(labelKeys)), m_take(std::move(take)) {}

    // All of a tar.
    void read(TarReader& tar);
    [[nodiscard]] const ShardTroubles& troubles() const { return m_troubles; }

private:
    void add(TarReader& tar, const TarMember& member, std::string_view key, const std::string& ending);
    void finish();

    std::vector<std::string> m_labelKeys;
    Take m_take;
    ShardTroubles m_troubles;

    std::string m_key; // of the sample in the making
    bool m_open = false;
    TarMember m_picture;
    bool m_hasPicture = false, m_exact = false; // exact: its ending is that of a picture alone
    std::string m_class, m_text, m_json;
    bool m_hasClass = false, m_hasText = false, m_hasJson = false, m_differs = false;
};

} // namespace engine
