#pragma once

#include "engine/api/weights.h"
#include "engine/models/numerics.h"
#include "engine/models/weights/weightsfile.h"

#include <span>
#include <string>
#include <vector>

namespace engine {

// A parameter or buffer that wants values.
struct TargetTensor {
    std::string name;
    std::vector<std::int64_t> shape;
    bool parameter = true; // false: a buffer, which does not count towards the pretrained share
    bool head = false;
};

enum class HeadPolicy { Keep, Replace };

// AsIs: same shape. Positions: the position embeddings of a ViT for another input size, to be resampled. InputChannels:
// a first convolution that was made for one or four channels instead of three. Part: of a target that holds several
// tensors of the file. Viewed: the same numbers, with or without dimensions of size 1.
enum class Adaptation { AsIs, Positions, InputChannels, Part, Viewed };

struct Assignment {
    std::size_t target = 0; // index into the targets
    const StoredTensor* source = nullptr;
    Adaptation adaptation = Adaptation::AsIs;
    int part = 0; // of equal ones along the first dimension
};

struct WeightsMapping {
    WeightsReport report;
    std::vector<Assignment> assignments;
    Numerics numerics;       // of the library whose names they are, where it computes otherwise
    std::string headProblem; // sentence where the head was to be kept and cannot be; else empty
};

// Which tensor of the file goes where. Names are taken as they are or renamed by a rule; a tensor that a file holds in
// parts is put together, or not taken where a part is missing; position
// embeddings of another grid are resampled, a first convolution for 1 or 4 channels is adapted to 3; any other tensor
// whose shape differs from its target's is reported as unexpected with the reason.
[[nodiscard]] WeightsMapping mapWeights(const WeightsFile& file, std::span<const TargetTensor> targets,
                                        HeadPolicy policy);

// The file's tensors without any backbone.
[[nodiscard]] WeightsReport listWeights(const WeightsFile& file);

} // namespace engine
