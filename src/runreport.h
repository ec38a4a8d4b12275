#pragma once

#include "src/background.h"

#include <QObject>
#include <QStringList>

namespace ui {
class MainFrame;
}

namespace app {

class RunLibrary;

// Writes a report of runs to a file that the person chooses: read and written off the GUI thread.
class RunReport final : public QObject {
    Q_OBJECT
public:
    RunReport(ui::MainFrame& frame, const RunLibrary& library, QObject* parent = nullptr);
    void ask(const QStringList& ids); // the first is what the others are held against
    void write(const QStringList& ids, const QString& file);
    [[nodiscard]] bool atRest() { return m_background.idle(); }

private:
    void tell(const Outcome<QString>& outcome);
    ui::MainFrame& m_frame;
    const RunLibrary& m_library;
    Background m_background{1};
};

// A name as that of a file.
[[nodiscard]] QString fileNameOf(QString name);

} // namespace app
