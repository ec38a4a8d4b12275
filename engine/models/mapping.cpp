#include "engine/models/mapping.h"

#include "engine/models/rename.h"
#include "engine/models/weights/limits.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

TensorReport describe(const StoredTensor& tensor, TensorMatch match) {
    TensorReport row;
    row.name = printable(tensor.name);
    row.shape = tensor.shape;
    row.dtype = dtypeName(tensor.dtype);
    row.match = match;
    return row;
}

WeightsReport emptyReport(const WeightsFile& file) {
    WeightsReport report;
    report.format = file.format();
    report.wrappers = file.wrappers();
    for (const StoredTensor& tensor : file.tensors())
        report.parameters += tensor.elements();
    return report;
}

void count(WeightsReport& report) {
    for (const TensorReport& row : report.tensors) {
        report.matched += row.match == TensorMatch::Matched;
        report.renamed += row.match == TensorMatch::Renamed;
        report.reshaped += row.match == TensorMatch::Reshaped;
        report.fresh += row.match == TensorMatch::New;
        report.missing += row.match == TensorMatch::Missing;
        report.unexpected += row.match == TensorMatch::Unexpected;
    }
}

std::int64_t elementsOf(const TargetTensor& target) {
    std::int64_t product = 1;
    for (const std::int64_t size : target.shape)
        product *= size;
    return product;
}

// g where the shape is [1, 1 + g·g, C], else 0.
std::int64_t gridOf(const std::vector<std::int64_t>& shape) {
    if (shape.size() != 3 || shape[0] != 1 || shape[1] < 2)
        return 0;
    const auto side = std::llround(std::sqrt(static_cast<double>(shape[1] - 1)));
    return side * side == shape[1] - 1 ? side : 0;
}

bool resampled(const TargetTensor& target, const StoredTensor& tensor) {
    return (target.name == "pos_embed" || target.name.ends_with("pos_embedding")) && target.shape != tensor.shape &&
           gridOf(target.shape) > 0 && gridOf(tensor.shape) > 0 && target.shape[2] == tensor.shape[2];
}

// The one convolution that looks at the pixels: [out, 3, h, w] in the backbone, [out, 1 or 4, h, w] in the file.
bool otherChannels(const TargetTensor& target, const StoredTensor& tensor) {
    const auto& wanted = target.shape;
    const auto& stored = tensor.shape;
    return wanted.size() == 4 && stored.size() == 4 && wanted[1] == 3 && (stored[1] == 1 || stored[1] == 4) &&
           wanted[0] == stored[0] && wanted[2] == stored[2] && wanted[3] == stored[3];
}

bool isPart(const TargetTensor& target, const StoredTensor& tensor, int parts) {
    auto whole = tensor.shape;
    if (parts < 2 || whole.empty())
        return false;
    whole[0] *= parts;
    return whole == target.shape;
}

std::vector<std::int64_t> withoutOnes(std::vector<std::int64_t> shape) {
    std::erase(shape, 1);
    return shape;
}

class Mapper final {
public:
    Mapper(const WeightsFile& file, std::span<const TargetTensor> targets, HeadPolicy policy)
        : m_targets(targets), m_policy(policy), m_rules(renameRules(targets)), m_taken(targets.size(), false) {
        for (std::size_t i = 0; i < targets.size(); ++i)
            m_byName.emplace(targets[i].name, i);
        for (const std::string& wrapper : file.wrappers())
            m_prefix += wrapper.ends_with('.') ? wrapper : "";
        m_mapping.report = emptyReport(file);
        for (const StoredTensor& tensor : file.tensors())
            place(tensor);
        dropIncomplete();
        reportRest();
        count(m_mapping.report);
        m_mapping.report.pretrainedShare = pretrainedShare();
    }

    WeightsMapping take() { return std::move(m_mapping); }

private:
    void place(const StoredTensor& tensor) {
        TensorReport row = describe(tensor, TensorMatch::Matched);
        auto found = m_byName.find(tensor.name);
        if (found == m_byName.end() && !m_prefix.empty()) // a backbone that was itself wrapped so
            found = m_byName.find(m_prefix + tensor.name);
        int part = 0, parts = 1;
        for (auto rule = m_rules.begin(); found == m_byName.end() && rule != m_rules.end(); ++rule) {
            const auto renamed = rule->rename(tensor.name);
            found = renamed ? m_byName.find(renamed->target) : m_byName.end();
            if (found != m_byName.end()) {
                row.match = TensorMatch::Renamed;
                row.rule = rule->name;
                part = renamed->part;
                parts = renamed->parts;
            }
        }
        if (found == m_byName.end()) {
            row.match = TensorMatch::Unexpected;
            m_mapping.report.tensors.push_back(std::move(row));
            return;
        }
        const std::size_t index = found->second;
        const TargetTensor& target = m_targets[index];
        if (target.head && m_policy == HeadPolicy::Replace)
            return; // reported once, as the new head
        Adaptation adaptation = Adaptation::AsIs;
        if (!m_taken[index] && resampled(target, tensor)) {
            adaptation = Adaptation::Positions;
            row.match = TensorMatch::Reshaped;
            row.rule = fmt::format("position embeddings {0} × {0} resampled to {1} × {1}", gridOf(tensor.shape),
                                   gridOf(target.shape));
        } else if (!m_taken[index] && otherChannels(target, tensor)) {
            adaptation = Adaptation::InputChannels;
            row.match = TensorMatch::Reshaped;
            row.rule = fmt::format("first convolution adapted from {} to 3 channels", tensor.shape[1]);
        } else if (row.match == TensorMatch::Renamed && isPart(target, tensor, parts)) {
            adaptation = Adaptation::Part;
            row.rule += fmt::format(", part {} of {}", part + 1, parts);
            if (!takePart(index, part, parts)) {
                row.match = TensorMatch::Unexpected;
                row.rule = fmt::format("part {} of {} is there already", part + 1, target.name);
            } else {
                row.target = target.name;
                m_mapping.assignments.push_back({index, &tensor, adaptation, part});
            }
            m_mapping.report.tensors.push_back(std::move(row));
            return;
        } else if (row.match == TensorMatch::Renamed && parts == 1 && target.shape != tensor.shape &&
                   withoutOnes(target.shape) == withoutOnes(tensor.shape)) {
            adaptation = Adaptation::Viewed;
        }
        if ((target.shape != tensor.shape && adaptation == Adaptation::AsIs) || m_taken[index]) {
            row.match = TensorMatch::Unexpected;
            row.rule = m_taken[index]
                           ? fmt::format("{} is there already", target.name)
                           : fmt::format("{} has the shape [{}]", target.name, fmt::join(target.shape, ", "));
            if (target.head)
                m_mapping.headProblem =
                    fmt::format("The head {} has the shape [{}] in the file, [{}] is needed.", target.name,
                                fmt::join(tensor.shape, ", "), fmt::join(target.shape, ", "));
        } else {
            row.target = target.name;
            m_taken[index] = true;
            m_mapping.assignments.push_back({.target = index, .source = &tensor, .adaptation = adaptation});
        }
        m_mapping.report.tensors.push_back(std::move(row));
    }

    // False where that part is there already.
    bool takePart(std::size_t index, int part, int parts) {
        auto& missing = m_missingParts.try_emplace(index, (1u << parts) - 1).first->second;
        const unsigned bit = 1u << part;
        if (m_taken[index] || (missing & bit) == 0)
            return false;
        missing &= ~bit;
        m_taken[index] = missing == 0;
        return true;
    }

    void dropIncomplete() {
        for (const auto& [index, missing] : m_missingParts) {
            if (missing == 0 || m_taken[index])
                continue;
            std::erase_if(m_mapping.assignments,
                          [i = index](const Assignment& assignment) { return assignment.target == i; });
            for (TensorReport& row : m_mapping.report.tensors) {
                if (row.target != m_targets[index].name)
                    continue;
                row.match = TensorMatch::Unexpected;
                row.rule = fmt::format("other parts of {} are not in the file", row.target);
                row.target.clear();
            }
        }
    }

    void reportRest() {
        for (std::size_t i = 0; i < m_targets.size(); ++i) {
            if (m_taken[i])
                continue;
            const TargetTensor& target = m_targets[i];
            const bool fresh = target.head && m_policy == HeadPolicy::Replace;
            TensorReport row;
            row.name = target.name;
            row.shape = target.shape;
            const bool whole =
                target.name.ends_with("num_batches_tracked") || target.name.ends_with("relative_position_index");
            row.dtype = whole ? "int64" : "float32";
            row.match = fresh ? TensorMatch::New : TensorMatch::Missing;
            row.target = target.name;
            m_mapping.report.tensors.push_back(std::move(row));
            if (target.head && !fresh && m_mapping.headProblem.empty())
                m_mapping.headProblem = fmt::format("The head {} is not in the file.", target.name);
        }
    }

    double pretrainedShare() const {
        std::int64_t all = 0, loaded = 0;
        for (std::size_t i = 0; i < m_targets.size(); ++i) {
            if (m_targets[i].head || !m_targets[i].parameter)
                continue;
            all += elementsOf(m_targets[i]);
            loaded += m_taken[i] ? elementsOf(m_targets[i]) : 0;
        }
        return all > 0 ? static_cast<double>(loaded) / static_cast<double>(all) : 0;
    }

    std::span<const TargetTensor> m_targets;
    HeadPolicy m_policy;
    std::vector<RenameRule> m_rules;
    std::vector<bool> m_taken;
    std::map<std::size_t, unsigned> m_missingParts; // of targets that come in parts: a bit each
    std::string m_prefix;                           // that the file has before every name
    std::unordered_map<std::string, std::size_t> m_byName;
    WeightsMapping m_mapping;
};

} // namespace

WeightsMapping mapWeights(const WeightsFile& file, std::span<const TargetTensor> targets, HeadPolicy policy) {
    return Mapper(file, targets, policy).take();
}

WeightsReport listWeights(const WeightsFile& file) {
    WeightsReport report = emptyReport(file);
    for (const StoredTensor& tensor : file.tensors())
        report.tensors.push_back(describe(tensor, TensorMatch::Unmapped));
    return report;
}

} // namespace engine
