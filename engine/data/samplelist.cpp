#include "engine/data/samplelist.h"

namespace engine {
namespace {

// Names and labels one behind the other: a million small strings would take three times the room.
class PackedSamples final : public SampleSource {
public:
    explicit PackedSamples(const std::vector<ImageSample>& samples) {
        std::size_t bytes = 0, labels = 0;
        for (const ImageSample& sample : samples) {
            bytes += sample.file.size();
            labels += sample.labels.size();
        }
        m_names.reserve(bytes);
        m_labels.reserve(labels);
        m_rows.reserve(samples.size());
        for (const ImageSample& sample : samples) {
            m_names += sample.file;
            m_labels.insert(m_labels.end(), sample.labels.begin(), sample.labels.end());
            m_rows.push_back({m_names.size(), m_labels.size(), sample.label});
        }
    }

    [[nodiscard]] std::int64_t count() const override { return static_cast<std::int64_t>(m_rows.size()); }

    [[nodiscard]] ImageSample at(std::int64_t index) const override {
        const auto i = static_cast<std::size_t>(index);
        const Row before = i == 0 ? Row() : m_rows[i - 1];
        const Row& row = m_rows[i];
        const auto label = [this](std::size_t place) { return m_labels.begin() + static_cast<std::ptrdiff_t>(place); };
        return {.file = m_names.substr(before.nameEnd, row.nameEnd - before.nameEnd),
                .label = row.label,
                .labels = {label(before.labelsEnd), label(row.labelsEnd)}};
    }

private:
    struct Row {
        std::size_t nameEnd = 0, labelsEnd = 0;
        int label = -1;
    };
    std::string m_names;
    std::vector<int> m_labels;
    std::vector<Row> m_rows;
};

} // namespace

SampleList::SampleList(const std::vector<ImageSample>& samples)
    : m_source(samples.empty() ? nullptr : std::make_shared<const PackedSamples>(samples)) {}

} // namespace engine
