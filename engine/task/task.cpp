#include "engine/task/task.h"

#include "engine/api/error.h"

#include <fmt/format.h>
#include <mutex>

namespace engine {
namespace {

struct Table {
    std::mutex mutex;
    std::vector<std::unique_ptr<Task>> tasks; // none is ever destroyed: others hold references

    Table() {
        tasks.push_back(makeImageClassification());
        tasks.push_back(makeMultiLabel());
    }
};

Table& table() {
    static auto* table = new Table;
    return *table;
}

} // namespace

std::vector<const ImageSample*> pointersTo(const std::vector<ImageSample>& samples) {
    std::vector<const ImageSample*> pointers;
    pointers.reserve(samples.size());
    for (const ImageSample& sample : samples)
        pointers.push_back(&sample);
    return pointers;
}

at::Tensor Targets::at(std::span<const std::int64_t> indices) const {
    std::vector<ImageSample> chosen;
    chosen.reserve(indices.size());
    for (const std::int64_t index : indices)
        chosen.push_back(samples[static_cast<std::size_t>(index)]);
    return task.targets(pointersTo(chosen), outputs);
}

at::Tensor Targets::all() const {
    const std::vector<ImageSample> every(samples.begin(), samples.end());
    return task.targets(pointersTo(every), outputs);
}

const Task& taskOf(std::string_view name) {
    const TaskInfo info = findTask(name);
    const std::lock_guard lock(table().mutex);
    const Task* found = nullptr;
    for (const auto& task : table().tasks)
        if (task->info().name == info.name)
            found = task.get(); // the last one counts
    if (found == nullptr)
        throw Error(ErrorKind::Internal, fmt::format("The task {} has no implementation.", name));
    return *found;
}

void addTask(std::unique_ptr<Task> task) {
    addTaskInfo(task->info());
    const std::lock_guard lock(table().mutex);
    table().tasks.push_back(std::move(task));
}

} // namespace engine
