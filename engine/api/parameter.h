#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

struct Experiment;

enum class ParameterType { Text, Path, Integer, Real, Choice, List };

// One setting of an experiment, described once: forms, tooltips, `--set`, the experiment file, differences between runs
// and the documentation are all made from this table.
struct Parameter {
    std::string key;   // as in the experiment file: "train.learning_rate"
    std::string label; // "Learning rate"
    ParameterType type = ParameterType::Text;
    std::string unit;         // "px", "epochs", "" …
    std::string defaultValue; // as text
    std::optional<double> minimum;
    std::optional<double> maximum;
    std::vector<std::string> choices;      // values as in the file
    std::vector<std::string> choiceLabels; // the same for people
    std::string help;                      // what it means, one or two sentences
    std::string usual;                     // usual range, for instance "1e-4 to 1e-2 for a new head"
    std::string cost;                      // what it costs in memory or time, may be empty
};

// Every setting, in the order of the form. The reference stays valid for the life of the program. Any thread.
[[nodiscard]] std::span<const Parameter> experimentParameters();
// nullptr where no setting has this key.
[[nodiscard]] const Parameter* findParameter(std::string_view key);

// The value as text ("1e-3", "adamw", "cuda:0,cuda:1"). Throws Error(BadInput) for an unknown key.
[[nodiscard]] std::string parameterValue(const Experiment& experiment, std::string_view key);
// Sets from text; throws Error(BadInput) that names key, value and the legal range or choices. Numbers also as "1e-3",
// "÷" is not parsed here.
void setParameterValue(Experiment& experiment, std::string_view key, std::string_view text);

} // namespace engine
