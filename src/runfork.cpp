#include "src/runfork.h"

#include "engine/api/fork.h"
#include "src/background.h"
#include "src/runcontroller.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/controls/questiondialog.h"
#include "ui/controls/toast.h"
#include "ui/format.h"
#include "ui/frame/mainframe.h"

#include <QCoreApplication>

#include <cmath>

namespace app {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("RunFork", text); }

} // namespace

void askToFork(ui::MainFrame& frame, RunController& controller, const RunLibrary& library, const QString& id,
               double step) {
    const engine::RunSummary* run = library.find(id);
    if (!run)
        return;
    const auto wanted = static_cast<std::int64_t>(std::llround(step));
    engine::ForkPoint point;
    try {
        point = engine::forkPoint(run->folder, wanted);
    } catch (const engine::Error&) {
        const Trouble trouble = currentTrouble();
        frame.toasts().show({.tone = ui::Tone::Warning, .title = trouble.message, .detail = trouble.remedy});
        return;
    }
    const QString at = ui::formatExact(point.step);
    const QString which = point.step == wanted
                              ? tr("It begins with the checkpoint of this step.")
                              : tr("It begins with the checkpoint of step %1, the newest that is kept before step %2.")
                                    .arg(at, ui::formatExact(wanted));
    ui::QuestionDialog::ask(
        &frame,
        {.title = tr("A new run from step %1 of %2?").arg(at, words(run->name)),
         .text = which + QLatin1Char(' ') +
                 tr("Its curves up to there come with it; %1 stays as it is.").arg(words(run->name)),
         .option = tr("Train it at once, or when its turn comes"),
         .keep = tr("Cancel"),
         .act = tr("Make the run")},
        [&controller, folder = words(run->folder), step = point.step](bool ticked) {
            controller.fork(folder, step, {}, ticked ? RunController::Then::GoOn : RunController::Then::Nothing);
        });
}

} // namespace app
