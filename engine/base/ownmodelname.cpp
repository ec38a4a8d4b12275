#include "engine/base/ownmodelname.h"

#include <algorithm>
#include <fmt/format.h>

namespace engine {
namespace {

// Ends where a module's name begins; a folder's name may hold the sign as well.
std::size_t outputSign(std::string_view words) {
    const std::size_t sign = words.rfind('#');
    return sign == std::string_view::npos || words.find('/', sign) != std::string_view::npos ? words.size() : sign;
}

} // namespace

bool isOwnModel(std::string_view backbone) {
    return backbone.starts_with(kOwnModel) && backbone.size() > kOwnModel.size() && backbone[kOwnModel.size()] == ':';
}

bool isOwnModelOfWeights(std::string_view backbone) {
    return backbone == kOwnModel || (backbone.starts_with(kOwnModel) && backbone[kOwnModel.size()] == '#');
}

OwnModel parseOwnModel(std::string_view backbone) {
    std::string_view words = backbone.substr(std::min(kOwnModel.size(), backbone.size()));
    if (words.starts_with(':'))
        words.remove_prefix(1);
    const std::size_t sign = outputSign(words);
    return {.file = words.substr(0, sign), .output = std::string(words.substr(std::min(sign + 1, words.size())))};
}

std::string ownModelName(const OwnModel& model) {
    return fmt::format("{}:{}{}{}", kOwnModel, model.file.string(), model.output.empty() ? "" : "#", model.output);
}

} // namespace engine
