#include "src/pages.h"

#include "src/comparepart.h"
#include "src/livepart.h"
#include "src/setuppart.h"
#include "src/trypart.h"

#include <QCoreApplication>

#include <array>

namespace app {
namespace {

constexpr std::array kRows{
    PageRow{"setup", QT_TRANSLATE_NOOP("Pages", "Setup"), "sliders-horizontal", Qt::CTRL | Qt::Key_1,
            ui::RunListPlace::Beside, &makeSetupPart},
    PageRow{"live", QT_TRANSLATE_NOOP("Pages", "Live"), "activity", Qt::CTRL | Qt::Key_2, ui::RunListPlace::Beside,
            &makeLivePart},
    PageRow{"compare", QT_TRANSLATE_NOOP("Pages", "Compare"), "git-compare", Qt::CTRL | Qt::Key_3,
            ui::RunListPlace::InPage, &makeComparePart},
    PageRow{"try", QT_TRANSLATE_NOOP("Pages", "Try"), "scan-eye", Qt::CTRL | Qt::Key_4, ui::RunListPlace::Beside,
            &makeTryPart},
};

} // namespace

ui::PageInfo PageRow::info() const {
    return {QLatin1String(key), QCoreApplication::translate("Pages", title), QLatin1String(iconName),
            QKeySequence(shortcut), runList};
}

std::span<const PageRow> pageRows() { return kRows; }

} // namespace app
