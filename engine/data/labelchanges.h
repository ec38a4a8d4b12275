#pragma once

#include "engine/api/labels.h"
#include "engine/data/imagefolder.h"

#include <unordered_map>
#include <vector>

namespace engine {

// Samples of which some have another label and some are left out; the others are as they were, and where they were made
// when they are asked for they still are.
class ChangedSamples final : public SampleSource {
public:
    // `leftOut`: places in `samples`, ascending; `labels`: place → label.
    ChangedSamples(SampleList samples, std::vector<std::int64_t> leftOut, std::unordered_map<std::int64_t, int> labels);

    [[nodiscard]] std::int64_t count() const override;
    [[nodiscard]] ImageSample at(std::int64_t index) const override;
    [[nodiscard]] const ShuffleGroups& groups() const override { return m_groups; }

private:
    [[nodiscard]] std::int64_t placeOf(std::int64_t index) const;

    SampleList m_samples;
    std::vector<std::int64_t> m_leftOut;
    std::unordered_map<std::int64_t, int> m_labels;
    ShuffleGroups m_groups;
};

// Gives pictures of both parts the class that the list says, leaves out those that it leaves out, and notes what it
// did and what of the list is of no use. Samples with several labels can be left out only.
void applyLabelChanges(ImageFolder& folder, const std::vector<LabelChange>& list);

} // namespace engine
