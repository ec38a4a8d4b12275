#pragma once

#include "ui/live/queuelanes.h"

namespace app {

class RunLibrary;
class RunQueue;

// What Live shows of the queue: its lanes, where there is more than one or something waits.
[[nodiscard]] ui::LiveQueue liveQueue(const RunQueue& queue, const RunLibrary& library);

} // namespace app
