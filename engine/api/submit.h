#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace engine {

// Runs whose ranks a scheduler of other machines starts. They and this one reach the run's folder; how the run goes,
// and that it pauses or stops, is seen and asked there, as of every run (liverun.h).

struct SubmitSettings {
    std::string scheduler = "slurm"; // slurm | kubernetes
    int nodes = 1;
    int ranksPerNode = 1;
    int gpusPerNode = 0;          // of each rank one where they are as many
    std::string time;             // the longest it may take, as the scheduler writes it; empty: its own limit
    std::string partition;        // or queue; empty: its own
    std::filesystem::path script; // a template of the user's own; empty: scriptTemplate()
};

// The script that starts the ranks, with {{fields}} that submit() fills in: to be changed and named as
// SubmitSettings::script. Throws Error(BadInput) for an unknown scheduler.
[[nodiscard]] std::string scriptTemplate(const std::string& scheduler);

// A run that was handed to a scheduler.
struct Submission {
    std::string scheduler, job;   // the job's number or name there; empty: it was written only
    std::filesystem::path script; // in the run's folder
};

// Writes the script of a run that was created, and hands it over unless the scheduler takes it from somebody else
// (kubernetes) or `Hand::Keep`. Throws Error(BadInput): a field of the template that is not known, or the scheduler's
// refusal in its words; Error(NotFound): no such scheduler here. Any thread.
enum class Hand { Over, Keep };
Submission submit(const std::filesystem::path& runFolder, const SubmitSettings& settings, Hand hand = Hand::Over);

// What was submitted of a run; nothing where it was not.
[[nodiscard]] std::optional<Submission> submissionOf(const std::filesystem::path& runFolder);
// Where its job stands, in the scheduler's words ("PENDING", "RUNNING"); empty where it knows no such job any more.
// Asks the scheduler: blocks for as long as it takes. Any thread.
[[nodiscard]] std::string submissionState(const Submission& submission);

} // namespace engine
