// A training that is killed again and again, each time at another of its operations on the disk, and copied in between
// by programs that keep links, drop them or follow them: it always goes on from the newest whole checkpoint and ends as
// the undisturbed one.
#include "engine/api/train.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/runs/checkpoints.h"
#include "tests/train/pictures.h"

#include <QTest>

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fs = std::filesystem;
using namespace engine;

namespace {

// Shared with the children, so that the parent reads what they counted.
struct Disk {
    std::int64_t operations = 0;
    std::int64_t killAt = -1; // the operation that is not carried out any more
};
Disk* g_disk = nullptr;
bool g_training = false; // in a child

void operation() {
    if (!g_training)
        return;
    if (__atomic_add_fetch(&g_disk->operations, 1, __ATOMIC_RELAXED) == g_disk->killAt)
        raise(SIGKILL);
}

} // namespace

// What changes a disk, intercepted.
extern "C" ssize_t write(int descriptor, const void* data, size_t bytes) {
    operation();
    return syscall(SYS_write, descriptor, data, bytes);
}
extern "C" int rename(const char* from, const char* to) noexcept {
    operation();
    return static_cast<int>(syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}
extern "C" int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned flags) noexcept {
    operation();
    return static_cast<int>(syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags));
}
extern "C" int symlink(const char* target, const char* link) noexcept {
    operation();
    return static_cast<int>(syscall(SYS_symlinkat, target, AT_FDCWD, link));
}
extern "C" int unlinkat(int folder, const char* path, int flags) noexcept {
    operation();
    return static_cast<int>(syscall(SYS_unlinkat, folder, path, flags));
}
extern "C" int fsync(int) {
    operation();
    return 0; // a kill loses nothing that was written
}

namespace {

constexpr int kKills = 100;
constexpr int kKillsPerRun = 10;

// Saves after every third step: a pause does, and ends at once.
class SavesOften final : public ProgressSink {
public:
    explicit SavesOften(RunControl& control) : m_control(control) {}
    void onProgress(const Progress& progress) override {
        if (progress.phase == Phase::Paused)
            m_control.resume();
        else if (progress.phase == Phase::Training && progress.step % 3 == 1 && progress.step != m_saved) {
            m_saved = progress.step;
            m_control.pause();
        }
    }

private:
    RunControl& m_control;
    std::int64_t m_saved = -1;
};

// Trains in a process of its own; true: to the end, false: killed.
bool trainedToTheEnd(const fs::path& run, std::int64_t killAt) {
    *g_disk = {.operations = 0, .killAt = killAt};
    const pid_t child = fork();
    if (child == 0) {
        g_training = true;
        int answer = 1;
        try {
            RunControl control;
            SavesOften sink(control);
            answer = train(run, control, &sink).state == RunState::Finished ? 0 : 2;
        } catch (const std::exception& error) {
            fmt::print(stderr, "{}\n", error.what());
        }
        _exit(answer);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return false;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        qFatal("the training ended with %d", status);
    return true;
}

// As programs copy folders that know links, that know none, and that follow them.
fs::path copied(const fs::path& run, int number) {
    const fs::path copy = run.parent_path() / fmt::format("copy-{}", number);
    const bool follows = number % 3 == 2;
    fs::copy(run, copy,
             follows ? fs::copy_options::recursive : fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    if (number % 3 == 1)
        for (const char* link : {"last", "best"})
            if (fs::is_symlink(copy / link)) // a folder where the copy before followed it
                fs::remove(copy / link);
    fs::remove_all(run);
    return copy;
}

// How each part of the run began.
std::vector<std::string> starts(const fs::path& run) {
    std::vector<std::string> result;
    const RunReader reader(run);
    for (const RunEvent& event : reader.events())
        if (event.kind == EventKind::Started)
            result.push_back(event.text);
    return result;
}

struct End {
    std::string model;
    std::vector<float> losses, accuracies, rates;
    bool operator==(const End&) const = default;
};

End endOf(const fs::path& run) {
    const RunReader reader(run);
    return {readFile(findCheckpoints(run).newest()->folder / "model.safetensors"), reader.series("train/loss").value,
            reader.series("validation/accuracy").value, reader.series("learning_rate").value};
}

} // namespace

class TestKills final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRunKilledAnywhereAndCopiedAnyhowEndsAsTheUndisturbedOne() {
        g_disk =
            static_cast<Disk*>(mmap(nullptr, sizeof(Disk), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
        const tests::Project project(4, 2);
        Experiment experiment = project.experiment();
        experiment.model.backbone = "cifar_resnet20";
        experiment.data.imageSize = 32;
        experiment.data.workers = 1;
        experiment.devices.threads = 1;
        experiment.train.batchSize = 4;
        experiment.train.epochs = 6;
        const fs::path whole = createRun(experiment, project.runs());
        QVERIFY(trainedToTheEnd(whole, -1));
        const End expected = endOf(whole);
        const std::int64_t operations = g_disk->operations;
        QVERIFY(operations > 100);

        Random random(16);
        int kills = 0, copies = 0, resumedLater = 0;
        std::int64_t from = -1; // where the next part has to go on
        while (kills < kKills) {
            fs::path run = createRun(experiment, project.runs());
            from = -1;
            for (int i = 0; i < kKillsPerRun; ++i) {
                const auto at = static_cast<std::int64_t>(1 + random.below(static_cast<std::uint64_t>(operations / 3)));
                const std::size_t parts = starts(run).size();
                if (trainedToTheEnd(run, at))
                    break;
                ++kills;
                if (const auto now = starts(run); now.size() > parts)
                    QCOMPARE(now.back(), from >= 0 ? fmt::format("goes on from step {} on cpu", from) : "on cpu");
                run = copied(run, copies++);
                const RunCheckpoints found = findCheckpoints(run);
                QVERIFY2(found.damaged.empty(), "a kill left half a checkpoint");
                QVERIFY2(found.none() ? from < 0 : found.newest()->step >= from, "a checkpoint was lost");
                from = found.none() ? -1 : found.newest()->step;
                resumedLater += from > 0 ? 1 : 0;
            }
            QVERIFY(trainedToTheEnd(run, -1));
            QVERIFY2(endOf(run) == expected, run.c_str());
            for (const auto& entry : fs::recursive_directory_iterator(run))
                QVERIFY2(!entry.path().filename().native().ends_with(".partial"), entry.path().c_str());
            fs::remove_all(run);
        }
        qInfo("%d kills among %lld operations, %d of them after the first checkpoint", kills,
              static_cast<long long>(operations), resumedLater);
        QVERIFY(resumedLater > kKills / 2);
    }
};

QTEST_GUILESS_MAIN(TestKills)
#include "tst_kills.moc"
