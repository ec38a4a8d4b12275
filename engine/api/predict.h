#pragma once

#include "engine/api/datareport.h"
#include "engine/api/tasks.h"

#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

struct ClassProbability {
    int index = -1;
    std::string label;
    float probability = 0;
    bool given = false; // as an answer: the most probable class; of several labels each that reaches its threshold
};

struct Prediction {
    std::filesystem::path file;
    std::vector<ClassProbability> top; // most probable first
    std::string problem;               // sentence where there is no answer; then `top` is empty
    bool notANumber = false;           // the problem is not the file: the model's values are no numbers
    int width = 0, height = 0;         // of the picture, pixels
    double decodeMs = 0, prepareMs = 0, modelMs = 0;
};

enum class HeatMethod { GradCam, AttentionRollout };

// Where in a picture lies what speaks for a class, over the part of it that the model is given.
struct HeatMap {
    int width = 0, height = 0; // of the network's own map, some 7 × 7
    std::vector<float> values; // rows top down, 0 to 1; all 0: nothing speaks for the class
    std::string block;         // whose output was looked at: "layer4"
    std::string problem = {};  // sentence where there is none; then `values` is empty
};

struct TrainedModel;

// A trained or pretrained classifier ready to look at pictures. Use one object from one thread at a time; construct and
// call it off the GUI thread.
class Predictor final {
public:
    // The best checkpoint of a run, on the run's device where that is here. Throws Error(NotFound | BadWeights |
    // Diverged): a model whose numbers are not finite has no answers.
    [[nodiscard]] static Predictor fromRun(const std::filesystem::path& runFolder);
    // A backbone with the weights' own head (for instance ImageNet's 1,000 classes). `labels`: one name per line;
    // empty: as stated beside the weights, else numbers.
    [[nodiscard]] static Predictor fromBackbone(const std::string& backbone, const std::filesystem::path& weights,
                                                const std::filesystem::path& labels);
    // A TorchScript or ONNX file that exportModel() wrote, or the folder around it; on the CPU. Throws Error(NotFound |
    // BadInput | BadWeights).
    [[nodiscard]] static Predictor fromExport(const std::filesystem::path& fileOrFolder);
    ~Predictor();
    Predictor(Predictor&&) noexcept;
    Predictor& operator=(Predictor&&) noexcept;

    [[nodiscard]] const std::vector<std::string>& classNames() const;
    // What the model was asked; where its task is not exclusive, probabilities do not add up to one.
    [[nodiscard]] const TaskInfo& task() const;
    // What of the weights, or of the files beside them, cannot be followed: a sentence each.
    [[nodiscard]] const std::vector<std::string>& notes() const;
    [[nodiscard]] std::vector<Prediction> predict(std::span<const std::filesystem::path> files, int topK,
                                                  std::stop_token stop = {});
    // Grad-CAM for the class of this index (-1: the most probable one), or the attention of a transformer, which is of
    // no class. Throws Error(BadInput) for a file that is no picture.
    [[nodiscard]] HeatMap heatMap(const std::filesystem::path& file, int label,
                                  HeatMethod method = HeatMethod::GradCam);
    // The resized and cropped picture the model is given. Throws Error(BadInput).
    [[nodiscard]] RgbImage asModelSees(const std::filesystem::path& file) const;

private:
    struct Impl;
    explicit Predictor(std::unique_ptr<Impl> impl);
    friend Predictor predictorOf(const TrainedModel& model);
    [[nodiscard]] static std::unique_ptr<Impl> implFor(const std::filesystem::path& runFolder);
    std::unique_ptr<Impl> m_impl;
};

} // namespace engine
