#pragma once

#include "engine/api/weights.h"
#include "engine/models/weights/settingsfile.h"

namespace engine {

// What the settings mean for a picture, by the rules of the library that wrote them: timm's create_transform, or
// transformers' class of the same name. What cannot be done goes into notFollowed.
void followSettings(const SettingsFile& settings, StatedPreprocess& stated);

} // namespace engine
