#include "engine/data/foldername.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <set>
#include <utf8proc.h>
#include <vector>

namespace engine {
namespace {

using namespace std::string_view_literals;

constexpr std::array kPartWords{std::pair{"train"sv, Part::Train},
                                std::pair{"training"sv, Part::Train},
                                std::pair{"trn"sv, Part::Train},
                                std::pair{"trainval"sv, Part::Train},
                                std::pair{"val"sv, Part::Validation},
                                std::pair{"valid"sv, Part::Validation},
                                std::pair{"validation"sv, Part::Validation},
                                std::pair{"validate"sv, Part::Validation},
                                std::pair{"dev"sv, Part::Validation},
                                std::pair{"test"sv, Part::Test},
                                std::pair{"tests"sv, Part::Test},
                                std::pair{"testing"sv, Part::Test},
                                std::pair{"tst"sv, Part::Test},
                                std::pair{"eval"sv, Part::Test},
                                std::pair{"evaluation"sv, Part::Test},
                                std::pair{"holdout"sv, Part::Test},
                                std::pair{"pred"sv, Part::Unsorted},
                                std::pair{"predict"sv, Part::Unsorted},
                                std::pair{"prediction"sv, Part::Unsorted},
                                std::pair{"predictions"sv, Part::Unsorted},
                                std::pair{"unlabeled"sv, Part::Unsorted},
                                std::pair{"unlabelled"sv, Part::Unsorted},
                                std::pair{"unsorted"sv, Part::Unsorted}};
// Words beside them that say nothing of their own.
constexpr std::array kNeutralWords{
    "data"sv,    "dataset"sv, "set"sv,     "image"sv,    "images"sv, "img"sv,     "imgs"sv,    "photo"sv,  "photos"sv,
    "pic"sv,     "pics"sv,    "picture"sv, "pictures"sv, "folder"sv, "folders"sv, "split"sv,   "part"sv,   "files"sv,
    "samples"sv, "sample"sv,  "dir"sv,     "jpg"sv,      "jpeg"sv,   "png"sv,     "resized"sv, "cropped"sv};

bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isLower(char c) { return c >= 'a' && c <= 'z'; }
// Bytes of letters beyond ASCII belong to words.
bool isLetter(char c) { return isUpper(c) || isLower(c) || (static_cast<unsigned char>(c) & 0x80) != 0; }

// In lower case, without digits.
std::vector<std::string> wordsOf(std::string_view name) {
    std::vector<std::string> words;
    char before = ' ';
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const bool next = i + 1 < name.size() && isLower(name[i + 1]);
        if (isLetter(c)) {
            // "trainData", and "CTTrain" before the T of Train
            if (!isLetter(before) || (isUpper(c) && (isLower(before) || (isUpper(before) && next))))
                words.emplace_back();
            words.back() += isUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
        }
        before = c;
    }
    return words;
}

bool isNeutral(std::string_view word) { return std::ranges::find(kNeutralWords, word) != kNeutralWords.end(); }

// "train" alone, and what is glued to a word that says nothing: "trainset", "dataset" + "train".
Part partOf(std::string_view word) {
    Part glued = Part::None;
    for (const auto& [text, part] : kPartWords) {
        if (word == text)
            return part;
        if (word.size() <= text.size())
            continue;
        if ((word.starts_with(text) && isNeutral(word.substr(text.size()))) ||
            (word.ends_with(text) && isNeutral(word.substr(0, word.size() - text.size()))))
            glued = part;
    }
    return glued;
}

// train_val is trained on; train_test_split holds both.
Part partOf(const std::set<Part>& named) {
    if (named.empty())
        return Part::None;
    if (named.contains(Part::Unsorted))
        return Part::Unsorted;
    if (named.contains(Part::Train))
        return named.contains(Part::Test) ? Part::None : Part::Train;
    return *named.begin();
}

// Composed, without differences of case and compatibility; as it is where it is no UTF-8.
std::string folded(std::string_view name) {
    utf8proc_uint8_t* mapped = nullptr;
    const utf8proc_ssize_t length = utf8proc_map(
        reinterpret_cast<const utf8proc_uint8_t*>(name.data()), static_cast<utf8proc_ssize_t>(name.size()), &mapped,
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                       UTF8PROC_IGNORE));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
    if (length < 0)
        return std::string(name);
    return {reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(length)};
}

} // namespace

PartName partName(std::string_view folder) {
    std::set<Part> named;
    PartName result;
    for (const std::string& word : wordsOf(folder)) {
        if (const Part part = partOf(word); part != Part::None)
            named.insert(part);
        else if (!isNeutral(word))
            result.rest += (result.rest.empty() ? "" : " ") + word;
    }
    result.part = partOf(named);
    return result;
}

std::string looseName(std::string_view name) {
    std::string result;
    bool gap = false;
    for (const char c : folded(name)) {
        if (c == ' ' || c == '_' || c == '-' || c == '\t') {
            gap = !result.empty();
            continue;
        }
        if (gap)
            result += ' ';
        gap = false;
        result += c;
    }
    return result;
}

} // namespace engine
