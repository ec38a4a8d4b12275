#pragma once

#include <QKeySequence>
#include <QString>

namespace ui {

// Where the list of runs stands: beside the page, or nowhere, as the page shows the runs itself.
enum class RunListPlace { Beside, InPage };

// How the window names and reaches a page.
struct PageInfo {
    QString key; // "live": in commands and in what is kept between starts
    QString title;
    QString iconName;
    QKeySequence shortcut;
    RunListPlace runList = RunListPlace::Beside;
};

// "Ctrl 1", as the window writes keys.
[[nodiscard]] inline QString keyWords(const QKeySequence& keys) {
    return keys.toString(QKeySequence::NativeText).replace(QLatin1Char('+'), QLatin1Char(' '));
}

} // namespace ui
