#include "src/queuewords.h"

#include "src/runlibrary.h"
#include "src/runqueue.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>
#include <limits>

namespace app {
namespace {

struct QueueWords {
    Q_DECLARE_TR_FUNCTIONS(Queue)
};

QString clockIn(double seconds) {
    return QDateTime::currentDateTime().addSecs(static_cast<qint64>(seconds)).toString(QStringLiteral("HH:mm"));
}

QString timeWords(const engine::QueueBlock& block) {
    if (block.run.empty())
        return {};
    const QString length = ui::formatSpan(block.end - block.start);
    if (block.running)
        return block.known ? QueueWords::tr("%1 left").arg(length) : QueueWords::tr("is trained");
    return block.known ? QueueWords::tr("about %1, for %2").arg(clockIn(block.start), length)
                       : QueueWords::tr("after what is before it; how long it takes is not known");
}

ui::QueueStretch stretchOf(const engine::QueueBlock& block, const RunLibrary& library) {
    const auto* run = library.find(words(block.run));
    ui::QueueStretch stretch{.id = words(block.run),
                             .name = run ? words(run->name) : words(block.run.empty() ? block.who : block.run),
                             .colour = run ? library.colourOf(words(block.run)) : 0,
                             .from = block.start,
                             .to = block.end,
                             .known = block.known,
                             .tip = {}};
    QStringList devices;
    for (const auto& device : block.devices)
        devices.append(words(device));
    stretch.tip = QStringLiteral("%1\n%2").arg(stretch.name, devices.join(QStringLiteral(", ")));
    if (const QString time = timeWords(block); !time.isEmpty())
        stretch.tip += QStringLiteral(" · ") + time;
    return stretch;
}

// Those that wait for a time behind all others would leave these no room.
double horizonOf(const RunQueue& queue) {
    const auto now = static_cast<double>(QDateTime::currentSecsSinceEpoch());
    double horizon = 0;
    for (const auto& block : queue.lanes().blocks) {
        const auto run = std::ranges::find(queue.waiting(), block.run, &engine::QueuedRun::id);
        if (run == queue.waiting().end() || run->notBefore <= now)
            horizon = std::max(horizon, block.end);
    }
    return horizon > 0 ? horizon : std::numeric_limits<double>::infinity();
}

} // namespace

ui::LiveQueue liveQueue(const RunQueue& queue, const RunLibrary& library) {
    const engine::QueueLanes& lanes = queue.lanes();
    const auto waiting = queue.waiting().size();
    ui::LiveQueue shown{.lanes = {}, .held = queue.held(), .words = {}};
    if (lanes.devices.size() < 2 && waiting == 0)
        return shown;
    const double horizon = horizonOf(queue);
    for (const auto& device : lanes.devices) {
        ui::LiveQueue::Lane lane{words(device), {}};
        for (const auto& block : lanes.blocks)
            if (block.start < horizon && std::ranges::find(block.devices, device) != block.devices.end())
                lane.stretches.append(stretchOf(block, library));
        shown.lanes.append(lane);
    }
    shown.words = queue.held()   ? QueueWords::tr("Held: nothing begins")
                  : waiting == 0 ? QueueWords::tr("Nothing waits")
                  : waiting == 1 ? QueueWords::tr("1 waits")
                                 : QueueWords::tr("%1 wait").arg(waiting);
    return shown;
}

} // namespace app
