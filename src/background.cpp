#include "src/background.h"

#include "src/values.h"

#include <QDir>

namespace app {

Trouble currentTrouble() {
    try {
        throw;
    } catch (const engine::Error& error) {
        return {error.kind(), words(error.what()), words(error.remedy())};
    } catch (const std::exception& error) {
        return {engine::ErrorKind::Internal, QObject::tr("Something unexpected happened: %1.").arg(words(error.what())),
                QObject::tr("Try again; if it stays, report it with the run's log.")};
    }
}

QString shortPath(const QString& path) {
    const QString home = QDir::homePath();
    if (path == home || path.startsWith(home + QLatin1Char('/')))
        return QLatin1Char('~') + path.mid(home.size());
    return path;
}

} // namespace app
