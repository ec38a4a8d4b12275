#pragma once

#include "engine/api/experiment.h"
#include "engine/api/parameter.h"

#include <functional>
#include <span>

namespace engine {

// A setting and how to reach it; file, command line, form and differences all go through these.
struct ParameterRow {
    Parameter parameter;
    std::function<std::string(const Experiment&)> get;
    std::function<void(Experiment&, const Parameter&, std::string_view)> set; // throws Error(BadInput)
};

[[nodiscard]] std::span<const ParameterRow> parameterRows();

} // namespace engine
