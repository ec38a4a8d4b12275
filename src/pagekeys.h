#pragma once

#include <QString>

// The keys of the pages that other parts of the program lead to; src/pages.cpp has all.
namespace app::pages {

[[nodiscard]] inline QString setup() { return QStringLiteral("setup"); }
[[nodiscard]] inline QString live() { return QStringLiteral("live"); }
[[nodiscard]] inline QString compare() { return QStringLiteral("compare"); }
[[nodiscard]] inline QString tryOut() { return QStringLiteral("try"); }

} // namespace app::pages
