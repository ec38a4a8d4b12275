#pragma once

#include <QString>

#include <functional>

class QWidget;

namespace app {

// Asks for a file for a chart of the page, in the folder, and lets `write` fill it.
void askChartFile(QWidget& page, const QString& folder, const QString& suggestedName,
                  const std::function<void(const QString& file)>& write);

} // namespace app
