#pragma once

#include "engine/models/backbone.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace engine {

// The names of a backbone, of which freeze plans are made. Adapters that it has do not belong to it.
struct BackboneLayout {
    struct Parameter {
        std::string name;
        std::int64_t elements = 0;
    };
    struct StageNames {
        std::string name;
        std::vector<std::string> modules; // paths of modules and single parameters
    };
    // A layer that multiplies by a matrix [out, in] and can carry an adapter.
    struct Matrix {
        std::string path;
        std::int64_t in = 0, out = 0;
    };
    std::vector<Parameter> parameters; // in the order of the state dict
    std::vector<StageNames> stages;    // in forward order; the last one is the head
    std::vector<std::string> modules;  // paths of all modules that hold parameters, themselves or further in
    std::vector<std::string> batchNorms;
    std::vector<Matrix> matrices; // without the new classifier
};

[[nodiscard]] BackboneLayout layoutOf(Backbone& backbone);
// Built once for each pair; the reference lives as long as the program. Throws Error(BadInput). Any thread.
[[nodiscard]] const BackboneLayout& layoutOf(std::string_view backbone, int classes);

// Whether the parameter or module lies in the module, or is it.
[[nodiscard]] inline bool insideModule(std::string_view name, std::string_view module) {
    return name.starts_with(module) && (name.size() == module.size() || name[module.size()] == '.');
}
[[nodiscard]] inline bool insideStage(std::string_view name, const BackboneLayout::StageNames& stage) {
    for (const std::string& module : stage.modules)
        if (insideModule(name, module))
            return true;
    return false;
}

} // namespace engine
