#pragma once

#include "engine/api/catalog.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// Matched: same name and shape. Renamed: by a rule. Reshaped: adapted to another shape. New: initialised freshly (the
// head). Missing: the backbone has it, the file not. Unexpected: the file has it, the backbone not (“unused”).
enum class TensorMatch { Matched, Renamed, Reshaped, New, Missing, Unexpected, Unmapped };
[[nodiscard]] const char*
tensorMatchName(TensorMatch match) noexcept; // "matched", …; Unmapped: no backbone was asked for

// Whose names a file's tensors have. Original: those of a network's authors, or of another package.
enum class Library { Unknown, Torchvision, Timm, Transformers, Original };
[[nodiscard]] const char* libraryName(Library library) noexcept; // "torchvision", …; Unknown: "another library"

struct TensorReport {
    std::string name; // in the file (for New and Missing: in the backbone)
    std::vector<std::int64_t> shape;
    std::string dtype; // "float32", "float16", "bfloat16", "int64"
    TensorMatch match = TensorMatch::Unmapped;
    std::string target; // name in the backbone; empty where unexpected
    std::string rule;   // which rule renamed or reshaped it
};

struct WeightsReport {
    std::string format; // "safetensors", "torch zip pickle", "torch legacy pickle"
    std::vector<TensorReport> tensors;
    std::string takenFrom; // where in the file the backbone stands: "state_dict.module."; empty: the file is it
    std::vector<std::string> wrappers; // the same in its parts: "state_dict", "module."
    int elsewhere = 0;                 // tensors in other dictionaries of the file, which are not listed
    int headClasses = 0;               // of the file's own classifier for this backbone; 0: it has none
    std::int64_t parameters = 0;       // numbers in the file's tensors
    // Share of the backbone's parameters, head left out, that comes from the file; 0..1, and never above 0.99 where
    // anything is missing.
    double pretrainedShare = 0;
    std::string missingStem; // the layer that sees the pixels, where the file does not have it: "conv1.weight"
    Library origin = Library::Unknown;
    std::string numerics;           // in what that library computes otherwise, which is followed; else empty
    std::vector<std::string> notes; // sentences: in what it may compute otherwise, which cannot be followed
    int matched = 0, renamed = 0, reshaped = 0, fresh = 0, missing = 0, unexpected = 0;
};

// Lists a weights file, and with `backbone` how it would load. `classes` 0: keep the weights' own head.
// Reads headers only; nothing from the file is ever executed. Throws Error(NotFound | BadWeights). Any thread.
[[nodiscard]] WeightsReport inspectWeights(const std::filesystem::path& file, std::string_view backbone = {},
                                           int classes = 0);

// The share that is pretrained, where it was found, and what becomes of the file's own head, as every front end says
// it.
[[nodiscard]] std::string weightsWords(const WeightsReport& report);
// The tensors that the backbone would take and that hold numbers which are NaN or infinite, as the file calls them.
// Reads all of these tensors once; what was found is remembered as long as the file does not change. Throws as
// inspectWeights(). Any thread.
[[nodiscard]] std::vector<std::string> notFiniteTensors(const std::filesystem::path& file, std::string_view backbone);

// What becomes of the classifier that a file of weights has.
struct HeadChoice {
    bool keep = false;
    std::vector<int> rows;         // of the file's head, for each class of the data; empty: as they are
    std::vector<Finding> findings; // what is lost, or cannot be kept as asked
};
// `setting`: model.head. Kept by itself only where the file names its classes and these are the data's. Throws as
// inspectWeights(). Any thread.
[[nodiscard]] HeadChoice chooseHead(std::string_view setting, const std::filesystem::path& file,
                                    std::string_view backbone, const std::vector<std::string>& classes);

// What the publisher wrote beside the weights about preparing pictures and naming classes: config.json with timm's
// pretrained_cfg, or transformers' config.json and preprocessor_config.json or processor_config.json. What is not said
// is empty.
struct StatedPreprocess {
    std::vector<std::filesystem::path> files; // that were read; empty: nothing stands beside the weights
    std::string architecture;      // timm's name ("resnet18"), else transformers' class ("ViTForImageClassification")
    std::optional<int> imageSize;  // pixels
    std::optional<int> resizeSize; // before the centre crop
    std::optional<CropMode> cropMode;
    std::optional<CropRounding> cropRounding;
    std::optional<float> divisor; // of a value before the mean is subtracted
    std::optional<Interpolation> interpolation;
    std::optional<std::array<float, 3>> mean;
    std::optional<std::array<float, 3>> standardDeviation;
    std::vector<std::string> labels;      // by class index
    std::vector<std::string> notFollowed; // sentences about what is said and cannot be done
    std::string problem;                  // a sentence where such a file cannot be read; then the rest is empty
};
// Never throws for what stands in the files. Any thread.
[[nodiscard]] StatedPreprocess statedPreprocess(const std::filesystem::path& weights);
// The backbone with the stated values in the place of its own: what its pictures are to be prepared by.
[[nodiscard]] BackboneInfo preparedAsStated(BackboneInfo backbone, const StatedPreprocess& stated);
// The backbone with the preparation of these weights: as the library prepares pictures whose names they have, and
// before that as the files beside them state it. Weights that cannot be read change nothing. Never throws. Any thread.
[[nodiscard]] BackboneInfo preparedForWeights(const BackboneInfo& backbone, const std::filesystem::path& weights);
// Warnings where pictures prepared by `used` at `imageSize` (0: its own) are not what these weights were made with; one
// for each value, the image size with its fix.
[[nodiscard]] std::vector<Finding> preprocessFindings(const StatedPreprocess& stated, const BackboneInfo& used,
                                                      int imageSize);

// Where packaging/bootstrap puts the bundled weights; the file may not exist. THAW_CACHE, else XDG_CACHE_HOME/thaw,
// else ~/.cache/thaw.
[[nodiscard]] std::filesystem::path bundledWeights(std::string_view backbone);
// The usual weights of a backbone where they are on this machine: the bundled ones, else those of BackboneInfo::hub
// from the cache; empty where neither is. Never asks the network.
[[nodiscard]] std::filesystem::path localWeights(std::string_view backbone);
[[nodiscard]] std::filesystem::path cacheFolder();

} // namespace engine
