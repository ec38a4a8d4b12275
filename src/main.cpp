#include "src/application.h"
#include "src/pages.h"
#include "src/screenshot.h"
#include "ui/frame/mainframe.h"
#include "ui/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QSettings>

namespace {

QString text(const char* utf8) { return QString::fromUtf8(utf8); }

void setAppearance(const QString& wish) {
    const QString wanted =
        wish.isEmpty() ? QSettings().value(text("window/appearance"), text("system")).toString() : wish;
    if (wanted == text("light"))
        ui::theme().setAppearance(ui::Appearance::Light);
    else if (wanted == text("dark"))
        ui::theme().setAppearance(ui::Appearance::Dark);
}

} // namespace

extern "C" int thaw_main(int argc, char** argv);

int thaw_main(int argc, char** argv) {
    QApplication qt(argc, argv);
    QApplication::setOrganizationName(text("Thaw"));
    QApplication::setApplicationName(text("Thaw"));
    QApplication::setApplicationVersion(text(THAW_VERSION));
    QApplication::setDesktopFileName(text("thaw"));

    QCommandLineParser arguments;
    arguments.setApplicationDescription(text("Thaw, a workbench for transfer learning"));
    arguments.addHelpOption();
    arguments.addVersionOption();
    arguments.addPositionalArgument(
        text("what"), text("An experiment file, a run, a project's folder or a folder of pictures"), text("[what]"));
    const QCommandLineOption runs(text("runs"), text("Keep runs in this folder instead of the project's"),
                                  text("folder"));
    const QCommandLineOption appearance(text("theme"), text("light, dark or system"), text("theme"));
    const QCommandLineOption screenshot(text("screenshot"), text("Save a picture of the window, then quit"),
                                        text("file"));
    QStringList pages;
    for (const auto& row : app::pageRows())
        pages.append(text(row.key));
    const QCommandLineOption mode(text("mode"), text("For the picture: ") + pages.join(text(", ")), text("page"));
    const QCommandLineOption size(text("size"), text("For the picture: 1440x900"), text("size"));
    const QCommandLineOption tried(text("try"), text("For the picture: a picture or folder that Try looks at"),
                                   text("path"));
    const QCommandLineOption exported(text("export"), text("For the picture: the dialog that exports the newest run"),
                                      text("format"));
    const QCommandLineOption written(text("written"), text("For the picture: once it is exported"));
    arguments.addOptions({runs, appearance, screenshot, mode, size, tried, exported, written});
    arguments.process(qt);

    ui::Theme::install(qt);
    setAppearance(arguments.value(appearance));
    const QStringList targets = arguments.positionalArguments();
    app::Application application({.target = targets.value(0),
                                  .runsFolder = arguments.value(runs),
                                  .restoreLayout = !arguments.isSet(screenshot)});
    if (arguments.isSet(screenshot))
        app::takeScreenshot(application, {arguments.value(screenshot), arguments.value(mode), arguments.value(size),
                                          arguments.value(tried), arguments.value(exported), arguments.isSet(written)});
    application.frame().show();
    return QApplication::exec();
}
