#pragma once

#include "engine/api/progress.h"

#include <filesystem>
#include <optional>
#include <string_view>

namespace engine {

// Who looks at a run, or asks something of it, and who trains it meet in the run's folder only: windows and command
// lines see and steer each other's runs as their own.

// StopAfterEpoch: behind the validation of the epoch that is being trained; GoOnAfterEpoch takes that back. Checkpoint:
// now, and it stays when newer ones come.
enum class RunCommand { Pause, Resume, Stop, StopAfterEpoch, GoOnAfterEpoch, Checkpoint };
[[nodiscard]] const char* runCommandName(RunCommand command) noexcept; // "pause", …
[[nodiscard]] std::optional<RunCommand> runCommandOf(std::string_view name) noexcept;

// Asks the process that trains the run; it obeys within about half a second, after the step that is being made, what
// was asked first at first. Throws Error(BadInput) where nobody trains it, Error(DiskFull). Any thread.
void sendCommand(const std::filesystem::path& runFolder, RunCommand command);

// Where the run's training stands, as its process told last, at most four times a second; nothing where nobody trains
// it. Any thread.
[[nodiscard]] std::optional<Progress> readProgress(const std::filesystem::path& runFolder);

} // namespace engine
