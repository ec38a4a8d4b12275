#pragma once

#include "src/page.h"
#include "ui/frame/pageinfo.h"

#include <memory>
#include <span>

namespace app {

// A page of the window: how it is called and reached, and what makes it.
struct PageRow {
    const char* key; // in commands, settings and --mode
    const char* title;
    const char* iconName;
    QKeyCombination shortcut;
    ui::RunListPlace runList;
    std::unique_ptr<Page> (*make)(const PageContext& context);

    [[nodiscard]] ui::PageInfo info() const;
};

// All pages, in the order of the mode bar. Mode bar, keys, palette, --mode and the wiring of the program take theirs
// from here.
[[nodiscard]] std::span<const PageRow> pageRows();

} // namespace app
