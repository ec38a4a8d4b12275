// The usual weights of the backbones: where they are, and how they get here.
#include "engine/api/catalog.h"
#include "engine/api/error.h"
#include "engine/api/hub.h"
#include "engine/api/weights.h"

#include <algorithm>

#include <fmt/format.h>

namespace engine {

std::filesystem::path localWeights(std::string_view backbone) {
    std::error_code code;
    if (auto bundled = bundledWeights(backbone); std::filesystem::exists(bundled, code))
        return bundled;
    const auto all = backbones();
    const auto found = std::ranges::find(all, backbone, &BackboneInfo::name);
    return found == all.end() || found->hub.empty() ? std::filesystem::path() : cachedHubFile(found->hub);
}

std::filesystem::path fetchWeights(std::string_view backbone, std::stop_token stop, ProgressSink* progress) {
    const BackboneInfo& info = findBackbone(backbone);
    if (auto here = localWeights(backbone); !here.empty())
        return here;
    if (info.hub.empty())
        throw Error(ErrorKind::NotFound, fmt::format("Thaw knows no hub that has weights for {}.", info.name),
                    info.page.empty() ? std::string("Choose a file of weights.")
                                      : fmt::format("Fetch them from {} and choose the file.", info.page));
    return fetchHubFile(info.hub, stop, progress);
}

std::string whereWeightsAre(const BackboneInfo& info) {
    if (!info.hub.empty())
        return fmt::format("About {:.0f} MB, from {}", 4e-6 * static_cast<double>(info.parameters),
                           std::string_view(info.hub).substr(4));
    return info.page.empty() ? std::string() : fmt::format("To be had from {}", info.page);
}

} // namespace engine
