#pragma once

#include "engine/api/datareport.h"
#include "engine/runs/runrecorder.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace engine {

// What goes wrong in a training without ending it, told once in the run's events; and what is too much of it. The
// trainer's thread; the writer outlives it.
class Troubles final {
public:
    struct Moment {
        std::int64_t step = 0;
        int epoch = 1; // 1-based
    };
    explicit Troubles(RunRecorder& writer) : m_writer(writer) {}

    void noteSkipped(const std::vector<BadFile>& files, Moment now);
    void noteAway(double seconds, Moment now); // for which pictures were away that came back
    // Of a batch whose other pictures cannot be read, where BatchNorm cannot be trained with one.
    void noteLone(const std::string& file, Moment now);
    // A checkpoint was made; `tensor` holds no finite numbers, where it is named.
    void noteCheckpoint(const std::string& tensor, Moment now);
    // Throws Error(Diverged) where the last losses were no numbers.
    void watchLoss(double loss, double learningRate, Moment now);

    enum class Part { Training, Validation };
    // How many pictures an epoch may leave out; more are taken for gone.
    [[nodiscard]] std::int64_t mostSkipped(Part part, std::int64_t pictures) const;
    // A whole epoch counted, in which so many could not be read.
    void counted(Part part, std::size_t skipped);

private:
    void warn(const std::string& sentence, Moment now);
    [[nodiscard]] const std::optional<std::int64_t>& least(Part part) const {
        return part == Part::Training ? m_leastInTraining : m_leastInValidation;
    }

    RunRecorder& m_writer;
    std::set<std::string> m_skipped;
    std::optional<std::int64_t> m_leastInTraining, m_leastInValidation; // skipped in an epoch
    std::string m_spoilt;                                               // a tensor of the last checkpoint
    int m_badLosses = 0;                                                // in a row
};

} // namespace engine
