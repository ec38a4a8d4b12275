#include "engine/models/mapping.h"

#include "engine/models/head.h"
#include "engine/models/placement.h"
#include "engine/models/subtree.h"
#include "engine/models/weights/limits.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

TensorReport describe(const StoredTensor& tensor, std::string_view name, TensorMatch match) {
    TensorReport row;
    row.name = printable(name);
    row.shape = tensor.shape;
    row.dtype = dtypeName(tensor.dtype);
    row.match = match;
    return row;
}

// As it is called inside the tree, else inside its dictionary.
std::string nameOf(const StoredTensor& tensor, const Subtree& tree) {
    const std::string_view name = tensor.name;
    return printable(name.substr(name.starts_with(tree.prefix) ? tree.prefix.size() : tree.dictionary));
}

// Keys of dictionaries, then what stands before every name: "state_dict", "module.".
std::vector<std::string> wrappersOf(const Subtree& tree) {
    std::vector<std::string> wrappers;
    for (std::size_t at = 0; at < tree.prefix.size();) {
        const std::size_t end = tree.prefix.find('.', at) + 1;
        const std::size_t length = end - at - (end <= tree.dictionary ? 1 : 0);
        wrappers.push_back(printable(std::string_view(tree.prefix).substr(at, length)));
        at = end;
    }
    return wrappers;
}

WeightsReport emptyReport(const WeightsFile& file) {
    WeightsReport report;
    report.format = file.format();
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

class Mapper final {
public:
    Mapper(const WeightsFile& file, std::span<const TargetTensor> targets, HeadPolicy policy)
        : m_targets(targets), m_policy(policy), m_placements(targets), m_taken(targets.size(), false) {
        m_mapping.report = emptyReport(file);
        const Subtree tree = bestSubtree(file.tensors(), m_placements);
        m_mapping.report.takenFrom = printable(tree.prefix);
        m_mapping.report.wrappers = wrappersOf(tree);
        if (tree.byOrder)
            placeByOrder(tree);
        else
            for (const StoredTensor* tensor : tree.tensors)
                place(*tensor, std::string_view(tensor->name).substr(tree.prefix.size()));
        dropIncomplete();
        takeHead(file, tree);
        reportOutside(file, tree);
        reportRest();
        count(m_mapping.report);
        m_mapping.report.pretrainedShare = pretrainedShare();
        sayLibrary();
    }

    WeightsMapping take() { return std::move(m_mapping); }

private:
    void place(const StoredTensor& tensor, std::string_view name) {
        TensorReport row = describe(tensor, name, TensorMatch::Matched);
        const auto found = m_placements.find(name, tensor.shape);
        if (!found) {
            row.match = TensorMatch::Unexpected;
            m_mapping.report.tensors.push_back(std::move(row));
            return;
        }
        const std::size_t index = found->target;
        const TargetTensor& target = m_targets[index];
        if (target.head && m_policy == HeadPolicy::Replace)
            return; // reported once, as the new head
        if (found->table != nullptr) {
            row.match = TensorMatch::Renamed;
            row.rule = found->table->rule;
            ++m_renamedBy[found->table];
        }
        if (found->adaptation == Adaptation::Part) {
            row.rule += fmt::format(", part {} of {}", found->part + 1, found->parts);
            if (!takePart(index, found->part, found->parts)) {
                row.match = TensorMatch::Unexpected;
                row.rule = fmt::format("part {} of {} is there already", found->part + 1, target.name);
            } else {
                row.target = target.name;
                m_mapping.assignments.push_back({index, &tensor, Adaptation::Part, found->part});
            }
        } else if (m_taken[index] || !found->adaptation) {
            row.match = TensorMatch::Unexpected;
            row.rule = m_taken[index]
                           ? fmt::format("{} is there already", target.name)
                           : fmt::format("{} has the shape [{}]", target.name, fmt::join(target.shape, ", "));
            if (target.head)
                m_mapping.headProblem =
                    fmt::format("The head {} has the shape [{}] in the file, [{}] is needed.", target.name,
                                fmt::join(tensor.shape, ", "), fmt::join(target.shape, ", "));
        } else {
            sayAdaptation(row, *found->adaptation, target, tensor);
            assign(row, index, tensor, *found->adaptation);
        }
        m_mapping.report.tensors.push_back(std::move(row));
    }

    void assign(TensorReport& row, std::size_t index, const StoredTensor& tensor, Adaptation adaptation) {
        row.target = m_targets[index].name;
        m_taken[index] = true;
        m_mapping.assignments.push_back({.target = index, .source = &tensor, .adaptation = adaptation});
    }

    static void sayAdaptation(TensorReport& row, Adaptation adaptation, const TargetTensor& target,
                              const StoredTensor& tensor) {
        if (adaptation == Adaptation::Positions)
            row.rule = fmt::format("position embeddings {0} × {0} resampled to {1} × {1}", gridOf(tensor.shape),
                                   gridOf(target.shape));
        else if (adaptation == Adaptation::InputChannels)
            row.rule = fmt::format("first convolution adapted from {} to 3 channels", tensor.shape[1]);
        else
            return;
        row.match = TensorMatch::Reshaped;
    }

    void placeByOrder(const Subtree& tree) {
        const auto order = targetsByOrder(tree.tensors, tree.prefix.size(), m_targets);
        for (std::size_t i = 0; i < tree.tensors.size(); ++i) {
            const StoredTensor& tensor = *tree.tensors[i];
            TensorReport row = describe(tensor, std::string_view(tensor.name).substr(tree.prefix.size()),
                                        i < order.size() ? TensorMatch::Renamed : TensorMatch::Unexpected);
            if (i < order.size()) {
                row.rule = "numbers in the order of the layers";
                assign(row, order[i], tensor, Adaptation::AsIs);
            }
            m_mapping.report.tensors.push_back(std::move(row));
        }
    }

    // The head of another name, or outside the backbone's place: "head.fc.weight" beside "backbone.".
    void takeHead(const WeightsFile& file, const Subtree& tree) {
        const auto parts = headTensors(file, tree, m_placements);
        if (!parts.empty())
            m_mapping.report.headClasses = static_cast<int>(parts.front().tensor->shape[0]);
        if (m_policy == HeadPolicy::Replace || !m_mapping.headProblem.empty())
            return;
        for (const HeadTensor& part : parts) {
            if (m_taken[part.target])
                continue;
            const bool fits = withoutOnes(part.tensor->shape) == withoutOnes(m_targets[part.target].shape);
            if (!fits)
                return; // reportRest() says that it is missing
            const std::string name = nameOf(*part.tensor, tree);
            auto row = std::ranges::find(m_mapping.report.tensors, name, &TensorReport::name);
            if (row == m_mapping.report.tensors.end())
                row = m_mapping.report.tensors.insert(row, describe(*part.tensor, name, TensorMatch::Renamed));
            row->match = TensorMatch::Renamed;
            row->rule = "the file's own head";
            assign(*row, part.target, *part.tensor,
                   part.tensor->shape == m_targets[part.target].shape ? Adaptation::AsIs : Adaptation::Viewed);
        }
    }

    // What stands beside the backbone in the same dictionary; what is in others is counted only.
    void reportOutside(const WeightsFile& file, const Subtree& tree) {
        const std::set<const StoredTensor*> inside(tree.tensors.begin(), tree.tensors.end());
        const std::string_view dictionary = std::string_view(tree.prefix).substr(0, tree.dictionary);
        for (const StoredTensor& tensor : file.tensors()) {
            if (inside.contains(&tensor))
                continue;
            if (std::string_view(tensor.name).substr(0, tensor.dictionary) != dictionary)
                ++m_mapping.report.elsewhere;
            else if (std::ranges::find(m_mapping.assignments, &tensor, &Assignment::source) ==
                     m_mapping.assignments.end())
                m_mapping.report.tensors.push_back(describe(tensor, nameOf(tensor, tree), TensorMatch::Unexpected));
        }
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
            const TargetTensor& target = m_targets[i];
            if (m_taken[i] || target.name.ends_with("relative_position_index")) // follows from the window's size
                continue;
            const bool fresh = target.head && m_policy == HeadPolicy::Replace;
            TensorReport row;
            row.name = target.name;
            row.shape = target.shape;
            row.dtype = target.name.ends_with("num_batches_tracked") ? "int64" : "float32";
            row.match = fresh ? TensorMatch::New : TensorMatch::Missing;
            row.target = target.name;
            m_mapping.report.tensors.push_back(std::move(row));
            if (target.head && !fresh && m_mapping.headProblem.empty())
                m_mapping.headProblem = fmt::format("The head {} is not in the file.", target.name);
        }
    }

    double pretrainedShare() {
        constexpr double kLargestPart = 0.99; // what is not whole must not be rounded to it
        std::int64_t all = 0, loaded = 0;
        bool whole = true;
        for (std::size_t i = 0; i < m_targets.size(); ++i) {
            const TargetTensor& target = m_targets[i];
            const bool statistic = target.name.ends_with("running_mean") || target.name.ends_with("running_var");
            if (target.head || (!target.parameter && !statistic))
                continue;
            whole = whole && m_taken[i];
            if (!m_taken[i] && isStem(target) && m_mapping.report.missingStem.empty())
                m_mapping.report.missingStem = target.name;
            if (!target.parameter)
                continue;
            all += elementsOf(target);
            loaded += m_taken[i] ? elementsOf(target) : 0;
        }
        if (all == 0)
            return 0;
        const double share = static_cast<double>(loaded) / static_cast<double>(all);
        return whole ? share : std::min(share, kLargestPart);
    }

    // The one layer that sees the three channels of a picture.
    static bool isStem(const TargetTensor& target) { return target.shape.size() == 4 && target.shape[1] == 3; }

    // Of several libraries whose names are met the one that named most; own names tell nothing where those of another
    // library stand beside them, which shares some.
    void sayLibrary() {
        m_mapping.report.origin = ownLibrary(m_targets);
        int most = 0;
        for (const auto& [table, count] : m_renamedBy) {
            if (count <= most)
                continue;
            most = count;
            m_mapping.report.origin = table->origin;
            m_mapping.numerics = table->numerics;
        }
    }

    std::span<const TargetTensor> m_targets;
    HeadPolicy m_policy;
    Placements m_placements;
    std::vector<bool> m_taken;
    std::map<const NameTable*, int> m_renamedBy;
    std::map<std::size_t, unsigned> m_missingParts; // of targets that come in parts: a bit each
    WeightsMapping m_mapping;
};

} // namespace

WeightsMapping mapWeights(const WeightsFile& file, std::span<const TargetTensor> targets, HeadPolicy policy) {
    return Mapper(file, targets, policy).take();
}

WeightsReport listWeights(const WeightsFile& file) {
    WeightsReport report = emptyReport(file);
    for (const StoredTensor& tensor : file.tensors())
        report.tensors.push_back(describe(tensor, tensor.name, TensorMatch::Unmapped));
    return report;
}

} // namespace engine
