#pragma once

#include <QString>

namespace app {

class Application;

struct ScreenshotWish {
    QString file;
    QString page;    // its key; empty: the first
    QString size;    // "1440x900"
    QString picture; // that Try looks at
};

// Saves a picture of the window when it has come to rest, then quits the program.
void takeScreenshot(Application& application, const ScreenshotWish& wish);

} // namespace app
