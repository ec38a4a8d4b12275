#include "engine/api/submit.h"

#include "engine/api/error.h"
#include "engine/api/run.h"
#include "engine/base/atomicfile.h"
#include "engine/base/command.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <nlohmann/json.hpp>
#include <ranges>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kSubmission = "submission.json";

// srun starts as many ranks as the two numbers say and ends all with one that fails. A minute before the time is over
// the ranks are asked to stop: the run is saved, and goes on when the same script is submitted again.
constexpr const char* kSlurm = R"(#!/bin/bash
#SBATCH --job-name={{name}}
#SBATCH --nodes={{nodes}}
#SBATCH --ntasks-per-node={{ranks_per_node}}
#SBATCH --output={{run}}/slurm-%j.log
#SBATCH --signal=TERM@60
{{gpus}}
{{time}}
{{partition}}
srun --kill-on-bad-exit=1 {{thaw}} worker {{run}}
)";

// An Indexed Job: its pods are numbered, and the first is found by its name in the service. The volume is one that all
// nodes and this machine reach.
constexpr const char* kKubernetes = R"(apiVersion: v1
kind: Service
metadata:
  name: {{name}}
spec:
  clusterIP: None
  selector:
    job-name: {{name}}
---
apiVersion: batch/v1
kind: Job
metadata:
  name: {{name}}
spec:
  completions: {{ranks}}
  parallelism: {{ranks}}
  completionMode: Indexed
  backoffLimit: 2
  template:
    spec:
      subdomain: {{name}}
      restartPolicy: Never
      containers:
        - name: rank
          image: thaw
          command: ["thaw", "worker", "{{run}}"]
          env:
            - name: RANK
              valueFrom:
                fieldRef:
                  fieldPath: metadata.annotations['batch.kubernetes.io/job-completion-index']
            - name: WORLD_SIZE
              value: "{{ranks}}"
            - name: LOCAL_RANK
              value: "0"
            - name: LOCAL_WORLD_SIZE
              value: "1"
            - name: MASTER_ADDR
              value: {{name}}-0.{{name}}
            - name: MASTER_PORT
              value: "29500"
{{gpus}}
          volumeMounts:
            - name: runs
              mountPath: {{folder}}
      volumes:
        - name: runs
          persistentVolumeClaim:
            claimName: runs
)";

struct Scheduler {
    const char* name;
    const char* file; // in the run's folder
    const char* text;
    const char* hand; // the program that takes it; empty: somebody else hands it over
};
constexpr std::array kSchedulers{Scheduler{"slurm", "submit.sh", kSlurm, "sbatch"},
                                 Scheduler{"kubernetes", "job.yaml", kKubernetes, ""}};

const Scheduler& requireScheduler(const std::string& name) {
    for (const Scheduler& scheduler : kSchedulers)
        if (scheduler.name == name)
            return scheduler;
    throw Error(ErrorKind::BadInput, fmt::format("There is no scheduler called “{}”.", name),
                "Schedulers are slurm and kubernetes.");
}

// As a shell reads it as one word.
std::string quoted(const std::string& word) {
    std::string result = "'";
    for (const char c : word)
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

// Letters, digits and dashes: what names jobs everywhere.
std::string jobName(const std::string& name) {
    std::string result = "thaw-";
    for (const char c : name)
        if (std::isalnum(static_cast<unsigned char>(c)))
            result += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        else if (result.back() != '-')
            result += '-';
    while (result.back() == '-')
        result.pop_back();
    constexpr std::size_t kMost = 52; // a pod's name has its number behind it
    return result.substr(0, kMost);
}

// A line of a script that a scheduler reads takes a path as it is, without quotes.
std::string plainPath(const fs::path& path) {
    const std::string text = path.string();
    if (std::ranges::any_of(text, [](unsigned char c) { return std::isspace(c) || c == '%' || c == '"'; }))
        throw Error(ErrorKind::BadInput, fmt::format("A scheduler cannot be given the path {}.", text),
                    "Choose a folder of runs without spaces, quotes and percent signs in its path, with --runs.");
    return text;
}

std::map<std::string, std::string> fieldsOf(const fs::path& run, const SubmitSettings& settings) {
    const bool slurm = settings.scheduler == "slurm";
    const auto line = [&](bool wanted, const std::string& text) { return wanted ? text : std::string(); };
    return {
        {"name", jobName(RunReader(run).summary().name)},
        {"run", plainPath(run)},
        {"folder", plainPath(run.parent_path())},
        {"thaw", quoted(fs::absolute(thawProgram()).string())},
        {"nodes", std::to_string(settings.nodes)},
        {"ranks_per_node", std::to_string(settings.ranksPerNode)},
        {"ranks", std::to_string(settings.nodes * settings.ranksPerNode)},
        {"gpus", line(settings.gpusPerNode > 0,
                      slurm ? fmt::format("#SBATCH --gpus-per-node={}", settings.gpusPerNode)
                            : fmt::format("          resources:\n            limits:\n              nvidia.com/gpu: {}",
                                          std::max(1, settings.gpusPerNode / settings.ranksPerNode)))},
        {"time", line(!settings.time.empty(), fmt::format("#SBATCH --time={}", settings.time))},
        {"partition", line(!settings.partition.empty(), fmt::format("#SBATCH --partition={}", settings.partition))}};
}

// Lines of which nothing is left but an empty field go.
std::string filled(const std::string& text, const std::map<std::string, std::string>& fields) {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        const bool any = !line.empty();
        for (std::size_t open = line.find("{{"); open != std::string::npos; open = line.find("{{", open)) {
            const std::size_t close = line.find("}}", open);
            const std::string name = line.substr(open + 2, close == std::string::npos ? close : close - open - 2);
            const auto field = fields.find(name);
            if (close == std::string::npos || field == fields.end())
                throw Error(ErrorKind::BadInput, fmt::format("The script's template asks for “{}”.", name),
                            fmt::format("Fields are {}.", fmt::join(fields | std::views::keys, ", ")));
            line.replace(open, close + 2 - open, field->second);
            open += field->second.size();
        }
        if (!line.empty() || !any)
            result += line + '\n';
    }
    return result;
}

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

} // namespace

std::string scriptTemplate(const std::string& scheduler) { return requireScheduler(scheduler).text; }

Submission submit(const fs::path& runFolder, const SubmitSettings& settings, Hand hand) {
    const Scheduler& scheduler = requireScheduler(settings.scheduler);
    if (settings.nodes < 1 || settings.ranksPerNode < 1)
        throw Error(ErrorKind::BadInput, "A training has at least one node with one rank.",
                    "Give --nodes and --ranks-per-node from 1.");
    const fs::path run = fs::absolute(runFolder);
    const std::string text = settings.script.empty() ? scheduler.text : readFile(settings.script);
    Submission result{.scheduler = scheduler.name, .job = {}, .script = run / scheduler.file};
    writeFileAtomically(result.script, filled(text, fieldsOf(run, settings)));
    if (hand == Hand::Over && *scheduler.hand != 0) {
        const CommandEnd end = runCommand({scheduler.hand, "--parsable", result.script.string()});
        if (end.exitCode != 0)
            throw Error(
                ErrorKind::BadInput, fmt::format("{} did not take the run: {}", scheduler.hand, firstLine(end.output)),
                fmt::format("The script is {}; mend what is said and submit it again.", result.script.string()));
        result.job = firstLine(end.output);
        result.job = result.job.substr(0, result.job.find(';')); // of a federation the cluster stands behind it
    }
    writeFileAtomically(
        run / kSubmission,
        json{{"scheduler", result.scheduler}, {"job", result.job}, {"script", result.script.filename().string()}}.dump(
            1) +
            "\n");
    return result;
}

std::optional<Submission> submissionOf(const fs::path& runFolder) {
    std::error_code code;
    if (!fs::exists(runFolder / kSubmission, code))
        return std::nullopt;
    const json object = json::parse(readFile(runFolder / kSubmission), nullptr, false);
    if (!object.is_object())
        return std::nullopt;
    return Submission{.scheduler = object.value("scheduler", std::string()),
                      .job = object.value("job", std::string()),
                      .script = runFolder / object.value("script", std::string())};
}

std::string submissionState(const Submission& submission) {
    if (submission.scheduler != "slurm" || submission.job.empty())
        return {};
    const CommandEnd end = runCommand({"squeue", "--noheader", "--jobs", submission.job, "--format", "%T"});
    return end.exitCode == 0 ? firstLine(end.output) : std::string(); // a job that is over is no longer known
}

} // namespace engine
