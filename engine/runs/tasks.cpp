#include "engine/api/tasks.h"

#include "engine/api/error.h"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <mutex>

namespace engine {
namespace {

struct Table {
    std::mutex mutex;
    std::vector<TaskInfo> rows{
        {.name = "image-classification",
         .label = "One class a picture",
         .meaning = "Each picture belongs to exactly one class.",
         .sample = "picture",
         .samples = "pictures",
         .metrics = {"loss", "accuracy"},
         .monitor = "accuracy",
         .exclusive = true},
        {.name = "multi-label",
         .label = "Several labels a picture",
         .meaning = "Each picture has any number of labels, none among them; each is a question of its own.",
         .sample = "picture",
         .samples = "pictures",
         .metrics = {"loss", "mean_average_precision", "f1"},
         .monitor = "mean_average_precision",
         .exclusive = false},
    };
};

Table& table() {
    static Table table;
    return table;
}

} // namespace

std::vector<TaskInfo> tasks() {
    const std::lock_guard lock(table().mutex);
    return table().rows;
}

TaskInfo findTask(std::string_view name) {
    const std::vector<TaskInfo> rows = tasks();
    const auto row = std::ranges::find(rows, name, &TaskInfo::name);
    if (row != rows.end())
        return *row;
    std::vector<std::string> names;
    for (const TaskInfo& task : rows)
        names.push_back(task.name);
    throw Error(ErrorKind::BadInput, fmt::format("“{}” is no task.", name),
                fmt::format("There are {}.", fmt::join(names, ", ")));
}

void addTaskInfo(const TaskInfo& task) {
    const std::lock_guard lock(table().mutex);
    const auto row = std::ranges::find(table().rows, task.name, &TaskInfo::name);
    if (row != table().rows.end())
        *row = task;
    else
        table().rows.push_back(task);
}

} // namespace engine
