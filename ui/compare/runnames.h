#pragma once

#include <QStringList>

namespace ui {

// Names beside each other without the words that all of them begin or end with; of each at least one word stays.
[[nodiscard]] QStringList withoutShared(const QStringList& names);

} // namespace ui
