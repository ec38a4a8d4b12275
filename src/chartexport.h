#pragma once

#include "ui/controls/toast.h"

#include <QString>

#include <functional>

class QWidget;

namespace app {

// Asks for a file for a chart of the page, in the folder, and lets `write` fill it; where that says it cannot, `failed`
// hears of the file.
void askChartFile(QWidget& page, const QString& folder, const QString& suggestedName,
                  const std::function<bool(const QString& file)>& write,
                  const std::function<void(const QString& file)>& failed);

[[nodiscard]] ui::ToastText notSaved(const QString& file);

} // namespace app
