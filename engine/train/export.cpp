#include "engine/base/atomicfile.h"
#include "engine/train/exportconfig.h"

namespace engine {

void writeForLibrary(const std::filesystem::path& folder, Backbone& backbone, const ModelDescription& description,
                     const OtherNetwork& network, Library library) {
    writeSafetensors(folder / "model.safetensors", network.tensors, {{"format", "pt"}});
    for (const auto& [name, content] : exportConfigs(backbone, description, network, library))
        writeFileAtomically(folder / name, content);
}

} // namespace engine
