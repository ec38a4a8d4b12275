#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace engine {

// What is asked of a model: an experiment's data.task.
struct TaskInfo {
    std::string name;    // "image-classification"
    std::string label;   // "One class a picture"
    std::string meaning; // one sentence
    std::string sample;  // what people call one: "picture"
    std::string samples; // "pictures"
    // Rows of metrics() that it measures, the loss first; of these the one that decides the best epoch unless
    // train.monitor names another.
    std::vector<std::string> metrics;
    std::string monitor;
    bool exclusive = true; // a sample has exactly one class, and the model's probabilities add up to one
};

// All that are known, the usual one first. Any thread.
[[nodiscard]] std::vector<TaskInfo> tasks();
// Throws Error(BadInput) with near names. Any thread.
[[nodiscard]] TaskInfo findTask(std::string_view name);
// Adds a row, or replaces that of the same name. Any thread.
void addTaskInfo(const TaskInfo& task);

} // namespace engine
