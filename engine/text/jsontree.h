#pragma once

#include "engine/models/weights/jsonreader.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// A small JSON value with all that is in it. Of a member that stands there twice the last one counts.
struct JsonTree {
    JsonReader::Kind kind = JsonReader::Kind::Null;
    std::string text;
    double number = 0;
    bool on = false;
    std::vector<std::string> names; // of an object's items
    std::vector<JsonTree> items;

    [[nodiscard]] bool isNull() const { return kind == JsonReader::Kind::Null; }
    [[nodiscard]] bool isObject() const { return kind == JsonReader::Kind::Object; }
    [[nodiscard]] const JsonTree* member(std::string_view name) const; // nullptr: it is not there, or is null
    // None where it is not there, is null or is something else.
    [[nodiscard]] std::optional<std::string> textOf(std::string_view name) const;
    [[nodiscard]] std::optional<bool> switchOf(std::string_view name) const;
    [[nodiscard]] std::optional<double> numberOf(std::string_view name) const;
};

// Reads the value that comes next. `what` is the file in sentences. Throws Error(BadWeights): no JSON, or a tree of
// more than a few thousand values.
[[nodiscard]] JsonTree readJsonTree(JsonReader& json, const std::string& what);

} // namespace engine
