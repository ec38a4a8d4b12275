#pragma once

#include "engine/text/normalizer.h"

#include <unicode/normalizer2.h>

namespace engine {

// ICU's instance of a form and of its decomposition; each is asked for once, whatever the thread.
[[nodiscard]] const icu::Normalizer2& icuForm(NormalForm form);

} // namespace engine
