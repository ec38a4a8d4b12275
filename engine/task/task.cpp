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

at::Tensor Targets::at(std::span<const std::int64_t> indices) const {
    std::vector<const ImageSample*> chosen;
    for (const std::int64_t index : indices)
        chosen.push_back(&samples[static_cast<std::size_t>(index)]);
    return task.targets(chosen, outputs);
}

at::Tensor Targets::all() const {
    std::vector<const ImageSample*> chosen;
    for (const ImageSample& sample : samples)
        chosen.push_back(&sample);
    return task.targets(chosen, outputs);
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
