#pragma once

#include "engine/api/weights.h"
#include "engine/models/numerics.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace engine {

// The shape in which the other library keeps the same numbers in the same order.
enum class Form {
    Same,
    Vector,      // without dimensions of size 1
    Pointwise,   // a matrix as a convolution over one pixel
    SevenBySeven // a matrix as a convolution over 7 × 7 pixels
};

// One or several tensors by patterns (names/pattern.h) of their names here and in another library.
struct NamePair {
    std::string_view own;
    std::string_view other; // empty: the other library does not keep it
    Form form = Form::Same;
    int part = 0; // of `parts` equal ones along the first dimension of the tensor here
    int parts = 1;
};

// The names of one library for one family of networks. Of several rows for one tensor the first is how that library
// writes it today, the others how files have it too.
struct NameTable {
    Library origin = Library::Unknown;
    std::string_view rule; // as reported
    std::span<const NamePair> pairs;
    std::vector<std::string_view> models; // names of the whole model before a tensor's; a file may lack them
    Numerics numerics;                    // where that library computes otherwise
};

struct FamilyNames {
    std::string_view has;                    // a tensor that of all backbones only this family has
    std::vector<std::string_view> backbones; // how their names begin
    std::vector<const NameTable*> tables;    // in the order in which they are tried
    const NameTable* base = nullptr;         // from the names that the tables speak of to these, where they differ
    std::vector<int> depths;                 // blocks in each stage; empty: as many as there are "blocks.I.J"
    Library own = Library::Unknown;          // whose names the backbone has
};
[[nodiscard]] std::span<const FamilyNames> familyNames();

} // namespace engine
