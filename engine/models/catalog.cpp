#include "engine/api/catalog.h"

#include "engine/api/error.h"
#include "engine/api/weights.h"
#include "engine/base/nearest.h"
#include "engine/models/ownmodel.h"
#include "engine/models/table.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace engine {
namespace {

std::vector<std::string> nearBackbones(std::string_view name) {
    std::vector<std::string> names;
    for (const BackboneInfo& info : backboneTable())
        names.push_back(info.name);
    return nearestNames(name, std::move(names));
}

} // namespace

std::span<const BackboneInfo> backbones() { return backboneTable(); }

const BackboneInfo& findBackbone(std::string_view name) {
    if (isOwnModel(name) || isOwnModelOfWeights(name))
        return ownModelInfo(name);
    const auto table = backboneTable();
    const auto found =
        std::find_if(table.begin(), table.end(), [name](const BackboneInfo& b) { return b.name == name; });
    if (found == table.end())
        throw Error(ErrorKind::BadInput, fmt::format("There is no backbone called “{}”.", name),
                    fmt::format("Near names are {}.", fmt::join(nearBackbones(name), ", ")));
    return *found;
}

const char* tensorMatchName(TensorMatch match) noexcept {
    switch (match) {
    case TensorMatch::Matched:
        return "matched";
    case TensorMatch::Renamed:
        return "renamed";
    case TensorMatch::Reshaped:
        return "reshaped";
    case TensorMatch::New:
        return "new";
    case TensorMatch::Missing:
        return "missing";
    case TensorMatch::Unexpected:
        return "unused";
    case TensorMatch::Unmapped:
        break;
    }
    return "unmapped";
}

const char* libraryName(Library library) noexcept {
    switch (library) {
    case Library::Torchvision:
        return "torchvision";
    case Library::Timm:
        return "timm";
    case Library::Transformers:
        return "transformers";
    case Library::Original:
        return "the authors";
    case Library::Unknown:
        break;
    }
    return "another library";
}

std::filesystem::path cacheFolder() {
    const auto variable = [](const char* name) {
        const char* value = std::getenv(name);
        return std::filesystem::path(value ? value : "");
    };
    if (const auto own = variable("THAW_CACHE"); !own.empty())
        return own;
    if (const auto shared = variable("XDG_CACHE_HOME"); !shared.empty())
        return shared / "thaw";
    return variable("HOME") / ".cache" / "thaw";
}

std::filesystem::path bundledWeights(std::string_view backbone) {
    const std::filesystem::path folder = cacheFolder() / "weights";
    if (backbone == "tf_efficientnet_lite0")
        return folder / "efficientnet-lite0-57934424.pth";
    return folder / fmt::format("{}.safetensors", backbone);
}

} // namespace engine
