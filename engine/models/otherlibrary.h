#pragma once

#include "engine/api/weights.h"
#include "engine/models/backbone.h"
#include "engine/models/weights/safetensorswriter.h"

#include <string>
#include <vector>

namespace engine {

// A backbone's parameters as a library has them that computes the same from them.
struct OtherNetwork {
    std::string architecture;        // that library's name; transformers: of the kind of model ("vit")
    std::vector<TensorView> tensors; // under its names and in its shapes
    Numerics numerics;               // as it must compute, where that can be told to it
    std::vector<std::string> notes;  // sentences: what differs all the same
};

// Throws Error(BadInput): the library has no network like that one.
void requirePublished(const BackboneInfo& backbone, Library library);
// For pictures of `imageSize` pixels, to whose grid position embeddings are resampled; 0: the backbone's own. An
// epsilon that the library does not have is worked into the running variances. Library::Unknown: as the backbone's own
// library. Throws Error(BadInput) where the library has no such network or pads otherwise. The backbone's thread.
[[nodiscard]] OtherNetwork asInLibrary(Backbone& backbone, Library library, int imageSize);

} // namespace engine
