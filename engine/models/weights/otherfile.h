#pragma once

#include "engine/models/weights/ziparchive.h"

namespace engine {

// Throws Error(BadWeights) with what the file is where it is known to be something else than weights that Thaw reads: a
// pointer of Git LFS, a web page, a server's answer, another framework's model, an archive, a picture.
void refuseOtherFile(const MappedFile& file);
// Likewise for a zip archive by what is in it.
void refuseOtherArchive(const ZipArchive& archive, const MappedFile& file);

} // namespace engine
