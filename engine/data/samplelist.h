#pragma once

#include "engine/data/sample.h"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

namespace engine {

// Samples that lie together, such as those of a shard, and how far a shuffle may take them apart.
struct ShuffleGroups {
    std::vector<std::int64_t> ends; // of each group, behind its last sample; ascending
    std::int64_t window = 0;        // samples that are shuffled together; 0: all
};

// Samples that are made when they are asked for: of an index on a disk, or of a rule. Any thread.
class SampleSource {
public:
    virtual ~SampleSource() = default;
    [[nodiscard]] virtual std::int64_t count() const = 0;
    // 0 ≤ index < count(); the same each time.
    [[nodiscard]] virtual ImageSample at(std::int64_t index) const = 0;
    [[nodiscard]] virtual const ShuffleGroups& groups() const { // none: each sample lies for itself
        static const ShuffleGroups kNone;
        return kNone;
    }
};

// A set of samples as a value: copies share what they hold, and whoever goes through it holds one sample at a time.
// Any thread.
class SampleList final {
public:
    SampleList() = default;
    SampleList(const std::vector<ImageSample>& samples); // NOLINT: packed, some 40 bytes a sample beside its name
    SampleList(std::initializer_list<ImageSample> samples) : SampleList(std::vector<ImageSample>(samples)) {}
    explicit SampleList(std::shared_ptr<const SampleSource> source) : m_source(std::move(source)) {}

    [[nodiscard]] std::size_t size() const { return m_source ? static_cast<std::size_t>(m_source->count()) : 0; }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] ShuffleGroups groups() const { return m_source ? m_source->groups() : ShuffleGroups(); }
    [[nodiscard]] ImageSample operator[](std::size_t index) const {
        return m_source->at(static_cast<std::int64_t>(index));
    }

    class Iterator {
    public:
        using value_type = ImageSample;
        using difference_type = std::ptrdiff_t;
        Iterator() = default;
        Iterator(const SampleSource* source, std::int64_t index) : m_source(source), m_index(index) {}
        ImageSample operator*() const { return m_source->at(m_index); }
        Iterator& operator++() {
            ++m_index;
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator&) const = default;

    private:
        const SampleSource* m_source = nullptr;
        std::int64_t m_index = 0;
    };
    [[nodiscard]] Iterator begin() const { return {m_source.get(), 0}; }
    [[nodiscard]] Iterator end() const { return {m_source.get(), static_cast<std::int64_t>(size())}; }

private:
    std::shared_ptr<const SampleSource> m_source;
};

} // namespace engine
