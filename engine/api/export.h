#pragma once

#include "engine/api/progress.h"
#include "engine/api/train.h"
#include "engine/api/weights.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// What a model is written as.
enum class ExportFormat { Safetensors, Transformers, TorchScript, Onnx };
struct ExportFormatInfo {
    ExportFormat format;
    std::string name;     // "torchscript"
    std::string label;    // "TorchScript"
    std::string opens;    // what opens it, a sentence
    std::string loses;    // what of the run is not in it, a sentence
    bool computes = true; // holds the computation, not the parameters alone
};
[[nodiscard]] std::span<const ExportFormatInfo> exportFormats();
[[nodiscard]] const ExportFormatInfo& exportFormat(ExportFormat format);

// In which numbers parameters are kept, and a file that computes does so.
enum class ExportPrecision { Float32, Float16, Bfloat16 };
[[nodiscard]] const char* exportPrecisionName(ExportPrecision precision) noexcept; // "fp32", "fp16", "bf16"

// What a file that computes is given. Pixels: normalised fp32 [N, 3, H, W], for which it gives logits. Pictures: bytes
// [N, H, W, 3] of any size, which it prepares by itself and for which it gives probabilities.
enum class ExportInput { Pixels, Pictures };

// A folder that other programs open.
struct ExportRequest {
    std::filesystem::path run;
    std::filesystem::path out; // a folder that is not there yet
    ExportFormat format = ExportFormat::Safetensors;
    Library names = Library::Unknown; // of safetensors; Unknown: those of the library the backbone is from
    std::string checkpoint = "best";  // "best", "last" or the number of a step
    ExportPrecision precision = ExportPrecision::Float32;
    ExportInput input = ExportInput::Pixels;
};

// A checkpoint of a run that can be exported.
struct ExportCheckpoint {
    std::string word; // as ExportRequest::checkpoint takes it: "best", "last", "656"
    std::int64_t step = 0;
    int epoch = 0; // completed
    bool best = false, last = false;
};

// What an export would come to, said beforehand.
struct ExportOffer {
    std::vector<ExportCheckpoint> checkpoints; // the best first, then from the newest on
    std::uint64_t bytes = 0;                   // about, of the parameters' file
    std::string takes;      // what the file is given and gives, a sentence; empty: it does not compute
    std::string opens;      // what opens it, a sentence
    std::string loses;      // what of the run is not in it, sentences
    std::string notChecked; // why its answers will not be compared with the run's, sentences; empty: they will be
};

// What a fresh process found when it opened an exported file and compared its answers with Thaw's.
struct Certificate {
    std::string notChecked; // why nothing was compared, and what to do, sentences; empty: it was
    std::string file;       // in the folder
    std::uint64_t bytes = 0;
    std::string sha256;
    std::string runtime; // that computed: "LibTorch 2.11.0"
    std::int64_t pictures = 0;
    bool madeUp = false;          // the run's validation pictures are not here: others were drawn
    double largestDifference = 0; // of any output
    double largestOutput = 0;     // of Thaw's, without its sign
    double tolerance = 0;         // that the difference keeps below, times the largest output where that is above 1
    std::int64_t agreeing = 0;    // pictures with the same answer
    double msPerPicture = 0, thawMsPerPicture = 0;

    [[nodiscard]] double allowed() const { return tolerance * std::max(1.0, largestOutput); }
};

struct ExportReport {
    std::string architecture;       // that library's name for the network
    std::string opening;            // the lines of Python that open it there
    std::vector<std::string> notes; // sentences: in what its answers may differ there
    Certificate certificate;
};

// Writes nothing and computes nothing: reads names and shapes. Throws what exportModel() throws for the request, and
// Error(DiskFull) where there is no room for it. Any thread.
[[nodiscard]] ExportOffer offerExport(const ExportRequest& request);

// Writes `out` as a whole or not at all; nothing is overwritten. Adapters are worked in. The program `thaw` is started
// anew to check what was written. Throws Error(NotFound | BadWeights) for the run, Error(BadInput) where `out` is there
// already or the network cannot be written so, Error(DiskFull), Error(Internal) where the file does not answer as the
// run does, Error(Stopped). Progress: LoadingWeights, Saving, then Validating with a step a picture. Blocks; any
// thread.
[[nodiscard]] ExportReport exportModel(const ExportRequest& request, const std::stop_token& stop = {},
                                       ProgressSink* progress = nullptr);

// Compares what exportModel() wrote into `folder` with the run and writes certificate.json into it. Throws Error
// likewise. Blocks; any thread.
Certificate checkExport(const std::filesystem::path& run, const std::filesystem::path& folder,
                        const std::string& checkpoint, ProgressSink* progress = nullptr);

// Whether this is a folder that exportModel() wrote, or the file of a TorchScript or ONNX one, which predict and
// evaluate take in a run's place. Any thread.
[[nodiscard]] bool isExport(const std::filesystem::path& fileOrFolder);

// evaluate() of such a file on a folder of class folders; on the CPU. Throws Error(NotFound | BadInput | BadWeights).
[[nodiscard]] Evaluation evaluateExport(const std::filesystem::path& fileOrFolder, const std::filesystem::path& data,
                                        RunControl& control, ProgressSink* progress = nullptr);

} // namespace engine
