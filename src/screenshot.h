#pragma once

#include <QString>

namespace app {

class Application;

struct ScreenshotWish {
    QString file;
    QString page;         // its key; empty: the first
    QString size;         // "1440x900"
    QString picture;      // that Try looks at
    QString format;       // that the newest run is exported in: the dialog that does so instead of the window
    bool written = false; // once it is done, with its certificate
};

// Saves a picture of the window when it has come to rest, then quits the program.
void takeScreenshot(Application& application, const ScreenshotWish& wish);

} // namespace app
