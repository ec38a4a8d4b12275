#pragma once

#include "engine/data/shards/shardentry.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// Names of the classes that numbers stand for: classes.txt or classnames.txt, a name a line, or "classes" in
// index.json; of the first of these folders that has one. Equal names are told apart by their number. Empty: there are
// none.
[[nodiscard]] std::vector<std::string> shardClassNames(const std::vector<std::filesystem::path>& folders);

// What the labels of shards are, learnt from all samples of a part: then each sample's are known. One thread.
class ShardLabels final {
public:
    ShardLabels(bool exclusive, std::vector<std::string> names) : m_exclusive(exclusive), m_names(std::move(names)) {}

    void learn(const ShardEntry& entry);
    // What was learnt is all there is. Throws Error(BadInput) where nothing of it is a label.
    void finish();
    // All of them as names: numbers without names in the order of numbers, else by name.
    [[nodiscard]] const std::vector<std::string>& classes() const { return m_classes; }
    // Names, of one entry; of a picture with one class more than one where they contradict each other. Nothing: it has
    // no label.
    [[nodiscard]] std::optional<std::vector<std::string>> of(const ShardEntry& entry) const;

private:
    [[nodiscard]] std::string nameOf(const std::string& label) const;
    [[nodiscard]] std::vector<std::string> partsOf(const ShardEntry& entry) const;

    bool m_exclusive;
    std::vector<std::string> m_names;
    std::map<std::string, std::int64_t> m_stated, m_texts;
    std::int64_t m_samples = 0, m_withText = 0, m_captions = 0;
    bool m_usesTexts = false;
    std::vector<std::string> m_classes;
};

} // namespace engine
