#include "engine/models/load.h"

#include "engine/api/error.h"
#include "engine/models/head.h"
#include "engine/models/mapping.h"
#include "engine/models/names/statednumerics.h"
#include "engine/models/ownmodel.h"
#include "engine/models/vision/positions.h"
#include "engine/models/weights/finite.h"
#include "engine/models/weights/limits.h"
#include "engine/models/weights/weightsfile.h"

#include <cmath>
#include <cstring>
#include <map>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

struct StateTensor {
    std::string name;
    at::Tensor tensor;
    bool parameter = true;
};

// As Python's state_dict() orders them: module by module, its parameters, then its buffers.
std::vector<StateTensor> stateOf(const Backbone& backbone) {
    std::vector<StateTensor> state;
    for (const auto& [path, module] : backbone.named_modules("", true).pairs()) {
        const std::string prefix = path.empty() ? std::string() : path + '.';
        for (const auto& [name, tensor] : module->named_parameters(false).pairs())
            state.push_back({prefix + name, tensor, true});
        for (const auto& [name, tensor] : module->named_buffers(false).pairs())
            state.push_back({prefix + name, tensor, false});
    }
    return state;
}

std::vector<TargetTensor> targetsOf(const Backbone& backbone, const std::vector<StateTensor>& state) {
    const std::string head = backbone.info().classifier + '.';
    std::vector<TargetTensor> targets;
    for (const StateTensor& entry : state)
        targets.push_back({entry.name, entry.tensor.sizes().vec(), entry.parameter, entry.name.starts_with(head)});
    return targets;
}

at::ScalarType scalarTypeOf(DType dtype) {
    switch (dtype) {
    case DType::Float16:
        return at::kHalf;
    case DType::BFloat16:
        return at::kBFloat16;
    case DType::Float32:
        return at::kFloat;
    case DType::Float64:
        return at::kDouble;
    case DType::Int8:
        return at::kChar;
    case DType::UInt8:
        return at::kByte;
    case DType::Int16:
        return at::kShort;
    case DType::Int32:
        return at::kInt;
    case DType::Int64:
        return at::kLong;
    case DType::Bool:
        return at::kBool;
    }
    return at::kFloat;
}

DType dtypeOf(const at::Tensor& tensor) {
    if (tensor.scalar_type() == at::kLong)
        return DType::Int64;
    if (tensor.scalar_type() == at::kHalf)
        return DType::Float16;
    if (tensor.scalar_type() == at::kBFloat16)
        return DType::BFloat16;
    return DType::Float32;
}

// One copy: from the mapped file into the parameter, converted on the way.
void copyInto(at::Tensor target, const StoredTensor& source) {
    const auto options = at::TensorOptions().dtype(scalarTypeOf(source.dtype));
    if (reinterpret_cast<std::uintptr_t>(source.data) % dtypeBytes(source.dtype) == 0) {
        target.copy_(at::from_blob(const_cast<std::byte*>(source.data), source.shape, source.strides, options));
        return;
    }
    // Legacy files put storages wherever the pickle ends.
    at::Tensor aligned = at::empty({static_cast<std::int64_t>(source.bytes)}, at::kByte);
    std::memcpy(aligned.data_ptr(), source.data, source.bytes);
    target.copy_(at::from_blob(aligned.data_ptr(), source.shape, source.strides, options));
}

// A convolution [out, n, h, w] for three channels, as timm adapts one: the channels are repeated as often as needed,
// and scaled so that an input of equal channels gives the same output.
at::Tensor adaptInputChannels(const at::Tensor& weight) {
    const std::int64_t channels = weight.size(1);
    return weight.repeat({1, (3 + channels - 1) / channels, 1, 1}).narrow(1, 0, 3) *
           (static_cast<double>(channels) / 3);
}

void copyAll(std::vector<StateTensor>& state, const std::vector<Assignment>& assignments) {
    const torch::NoGradGuard noGrad;
    for (const Assignment& assignment : assignments) {
        StateTensor& target = state[assignment.target];
        if (assignment.adaptation == Adaptation::AsIs) {
            copyInto(target.tensor, *assignment.source);
            continue;
        }
        if (assignment.adaptation == Adaptation::Viewed) {
            copyInto(target.tensor.view(assignment.source->shape), *assignment.source);
            continue;
        }
        if (assignment.adaptation == Adaptation::Part) {
            const std::int64_t rows = assignment.source->shape[0];
            copyInto(target.tensor.narrow(0, assignment.part * rows, rows), *assignment.source);
            continue;
        }
        const at::Tensor stored = at::empty(assignment.source->shape, at::kFloat);
        copyInto(stored, *assignment.source);
        if (assignment.adaptation == Adaptation::InputChannels) {
            target.tensor.copy_(adaptInputChannels(stored));
            continue;
        }
        const std::int64_t side = std::llround(std::sqrt(static_cast<double>(target.tensor.size(1) - 1)));
        const auto how = target.name == "pos_embed" ? Resampling::Antialiased : Resampling::CornersKept;
        target.tensor.copy_(resamplePositions(stored, side, side, how));
    }
}

std::vector<std::string> notFinite(const std::vector<Assignment>& assignments) {
    std::vector<std::string> names;
    for (const Assignment& assignment : assignments)
        if (!isFinite(*assignment.source))
            names.push_back(printable(assignment.source->name));
    return names;
}

// With one such number every output is NaN.
void requireFinite(const std::vector<Assignment>& assignments, const std::string& file) {
    const std::vector<std::string> names = notFinite(assignments);
    if (names.empty())
        return;
    throw Error(ErrorKind::BadWeights,
                fmt::format("{} has numbers that are NaN or infinite, in {}{}.", file, names.front(),
                            names.size() > 1 ? fmt::format(" and {} other tensors", names.size() - 1) : ""),
                "Choose weights from before the training that spoilt them.");
}

// Of the file's classifier for this backbone; 0 where it has none, and for a program, which has its own.
int classesIn(const WeightsFile& weights, const BackboneInfo& backbone) {
    if (isOwnModel(backbone.name))
        return 0;
    const auto model = buildBackbone(backbone, 1);
    const auto targets = targetsOf(*model, stateOf(*model));
    const Placements placements(targets);
    const auto head = headTensors(weights, bestSubtree(weights.tensors(), placements), placements);
    return head.empty() ? 0 : static_cast<int>(head.front().tensor->shape[0]);
}

// As the weights' own library computes.
void follow(Backbone& backbone, const std::filesystem::path& file, WeightsMapping& mapping) {
    StatedNumerics stated = statedNumerics(file, backbone.info(), mapping.numerics);
    backbone.setNumerics(stated.numerics);
    mapping.report.numerics = words(backbone.numerics());
    mapping.report.notes = std::move(stated.notes);
}

} // namespace

WeightsReport loadWeights(Backbone& backbone, const std::filesystem::path& file, bool keepHead) {
    const WeightsFile weights = WeightsFile::open(file);
    auto state = stateOf(backbone);
    WeightsMapping mapping =
        mapWeights(weights, targetsOf(backbone, state), keepHead ? HeadPolicy::Keep : HeadPolicy::Replace);
    const std::string name = file.filename().string();
    if (mapping.assignments.empty())
        throw Error(ErrorKind::BadWeights, fmt::format("No tensor of {} fits {}.", name, backbone.info().name),
                    "Choose the backbone that these weights were made for.");
    if (keepHead && !mapping.headProblem.empty())
        throw Error(ErrorKind::BadWeights,
                    fmt::format("{} cannot be used with its own head: {}", name, mapping.headProblem),
                    "Choose weights that have the head, or train a new one.");
    requireFinite(mapping.assignments, name);
    copyAll(state, mapping.assignments);
    follow(backbone, file, mapping);
    return std::move(mapping.report);
}

void pickHeadRows(Backbone& backbone, const std::vector<int>& rows) {
    const torch::NoGradGuard noGrad;
    const std::vector<std::int64_t> wanted(rows.begin(), rows.end());
    for (auto& parameter : backbone.named_parameters())
        if (parameter.key().starts_with(backbone.info().classifier + '.'))
            parameter.value().copy_(parameter.value().index_select(0, at::tensor(wanted)).clone());
}

std::vector<std::string> notFiniteTensors(const std::filesystem::path& file, std::string_view backbone) {
    static std::mutex mutex; // guards known
    static std::map<std::string, std::vector<std::string>> known;
    const auto changed = std::filesystem::last_write_time(file).time_since_epoch().count();
    const std::string question =
        fmt::format("{}\n{}\n{}\n{}", file.string(), changed, std::filesystem::file_size(file), backbone);
    {
        const std::lock_guard lock(mutex);
        if (const auto found = known.find(question); found != known.end())
            return found->second;
    }
    const WeightsFile weights = WeightsFile::open(file);
    const auto model = buildBackbone(findBackbone(backbone), 1);
    const auto targets = targetsOf(*model, stateOf(*model));
    auto names = notFinite(mapWeights(weights, targets, HeadPolicy::Replace).assignments);
    const std::lock_guard lock(mutex);
    return known.insert_or_assign(question, std::move(names)).first->second;
}

FileHead headOf(const std::filesystem::path& file, const BackboneInfo& backbone) {
    const WeightsFile weights = WeightsFile::open(file);
    FileHead head{.classes = classesIn(weights, backbone)};
    head.names = weights.classNames(head.classes);
    if (head.names.empty())
        head.names = statedPreprocess(file).labels;
    if (head.classes > 0 && std::ssize(head.names) != head.classes)
        head.names.clear();
    return head;
}

WeightsReport loadCheckpoint(Backbone& backbone, const std::filesystem::path& file) {
    const WeightsFile weights = WeightsFile::open(file);
    auto state = stateOf(backbone);
    WeightsMapping mapping = mapWeights(weights, targetsOf(backbone, state), HeadPolicy::Keep);
    const auto refuse = [&](const std::string& what) {
        throw Error(ErrorKind::BadWeights,
                    fmt::format("{} is no checkpoint of this {}: {}.", file.string(), backbone.info().name, what),
                    "Choose a checkpoint of the same run.");
    };
    for (const TensorReport& row : mapping.report.tensors) {
        if (row.match == TensorMatch::Missing)
            refuse(fmt::format("tensor {} is missing", row.name));
        if (row.match != TensorMatch::Matched)
            refuse(fmt::format("tensor {} [{}] does not belong to it", row.name, fmt::join(row.shape, ", ")));
    }
    for (const Assignment& assignment : mapping.assignments) {
        if (scalarTypeOf(assignment.source->dtype) != state[assignment.target].tensor.scalar_type())
            refuse(fmt::format("tensor {} has the number format {}", assignment.source->name,
                               dtypeName(assignment.source->dtype)));
    }
    copyAll(state, mapping.assignments);
    return std::move(mapping.report);
}

std::vector<TensorView> stateViews(Backbone& backbone, const std::set<std::string>& without) {
    const torch::NoGradGuard noGrad;
    std::vector<TensorView> views;
    for (const StateTensor& entry : stateOf(backbone)) {
        if (without.contains(entry.name))
            continue;
        auto held = std::make_shared<at::Tensor>(entry.tensor.detach().cpu().contiguous());
        views.push_back({entry.name, dtypeOf(*held), held->sizes().vec(), held->data_ptr(), held->nbytes(), held});
    }
    return views;
}

std::string weightsWords(const WeightsReport& report) {
    // Cut, never rounded up: only what is whole is 100 %.
    const double percent = std::floor(1000 * report.pretrainedShare) / 10;
    std::string words = fmt::format("{:g} % of the backbone is pretrained{}", percent,
                                    report.fresh > 0 ? ", its new head left out" : "");
    if (!report.takenFrom.empty())
        words += fmt::format("; taken from “{}”", report.takenFrom);
    words += '.';
    if (report.headClasses > 0 && report.fresh > 0)
        words += fmt::format(" The file's own head for {} classes is not used.", report.headClasses);
    return words;
}

WeightsReport inspectWeights(const std::filesystem::path& file, std::string_view backbone, int classes) {
    const WeightsFile weights = WeightsFile::open(file);
    if (backbone.empty())
        return listWeights(weights);
    const BackboneInfo& info = findBackbone(backbone);
    const auto model = buildBackbone(info, classes > 0 ? classes : classesIn(weights, info));
    const auto targets = targetsOf(*model, stateOf(*model));
    WeightsMapping mapping = mapWeights(weights, targets, classes == 0 ? HeadPolicy::Keep : HeadPolicy::Replace);
    follow(*model, file, mapping);
    return std::move(mapping.report);
}

} // namespace engine
