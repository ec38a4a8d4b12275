#include "src/devicewords.h"

#include "engine/api/deviceclaims.h"
#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

struct DeviceWords {
    Q_DECLARE_TR_FUNCTIONS(Devices)
};

// A run's folder without the time in front of its name.
QString runName(const std::filesystem::path& run) {
    static const QRegularExpression time(QStringLiteral("^\\d{8}-\\d{6}-"));
    return words(run.filename()).remove(time);
}

QString userWords(const engine::GpuUser& user) {
    if (!user.run.empty())
        return DeviceWords::tr("run %1").arg(runName(user.run));
    engine::GpuUser known = user;
    known.bytes = 0;
    return words(engine::gpuUserWords(known));
}

QString gigabytesWords(double gigabytes) {
    return std::isfinite(gigabytes) ? QStringLiteral(", %1 GB/s").arg(std::lround(gigabytes)) : QString();
}

// Those that the experiment would take now.
std::vector<std::string> takenNow(const engine::Experiment& experiment, const engine::GpuMachine& machine,
                                  std::size_t gpus) {
    const engine::DeviceWish wish = engine::deviceWish(experiment.devices.use, gpus);
    using Kind = engine::DeviceWish::Kind;
    std::vector<std::string> ids;
    if (wish.kind == Kind::Named)
        return wish.named;
    if (wish.kind == Kind::All)
        for (const auto& gpu : machine.gpus)
            ids.push_back(gpu.id);
    if (wish.kind == Kind::Free)
        ids = engine::freeGpus(machine, wish.count);
    const bool any = experiment.devices.use.empty() || experiment.devices.use.front() == "auto";
    if (any && ids.empty() && !machine.gpus.empty())
        ids.push_back(machine.gpus.front().id);
    return ids;
}

void describe(ui::DeviceRow& row, const engine::GpuState& gpu, double needed) {
    const auto total = static_cast<double>(gpu.totalBytes), free = static_cast<double>(gpu.freeBytes);
    row.gpu = true;
    row.name.remove(QStringLiteral("NVIDIA "));
    row.usedShare = total > 0 ? 1 - free / total : std::nan("");
    row.freeWords = DeviceWords::tr("%1 free").arg(ui::formatBytes(free));
    row.temperature = std::isfinite(gpu.celsius) ? QStringLiteral("%1 °C").arg(std::lround(gpu.celsius)) : QString();
    const QString user = gpuUser(gpu);
    row.taken = !user.isEmpty();
    row.user = user.isEmpty() ? DeviceWords::tr("Free") : user;
    if (needed > free)
        row.lacks = user.isEmpty() ? DeviceWords::tr("Needs %1").arg(ui::formatBytes(needed))
                                   : DeviceWords::tr("Needs %1; %2").arg(ui::formatBytes(needed), user);
}

} // namespace

QString gpuUser(const engine::GpuState& gpu) {
    if (engine::isFree(gpu))
        return {};
    QStringList all;
    for (const auto& user : gpu.users.value_or(std::vector<engine::GpuUser>()))
        if (user.is != engine::GpuUser::Is::IdleThaw)
            all.append(userWords(user));
    if (!gpu.takenFor.empty())
        all.prepend(DeviceWords::tr("run %1").arg(runName(gpu.takenFor)));
    all.removeDuplicates();
    return all.join(QStringLiteral("; "));
}

QList<ui::DeviceRow> deviceRows(const engine::Experiment& experiment, const ExperimentAnalysis& analysis,
                                const engine::GpuMachine& now) {
    QList<ui::DeviceRow> rows;
    const auto* machine = analysis.machine().value();
    if (!machine)
        return rows;
    const auto& use = experiment.devices.use;
    const auto taken = takenNow(experiment, now, machine->devices.size() - 1);
    const auto named = [](const std::vector<std::string>& ids, const std::string& id) {
        return std::ranges::find(ids, id) != ids.end();
    };
    const bool byItself = use.empty() || named(use, "auto");
    const auto* estimate = analysis.estimate().value();
    const double needed = estimate ? static_cast<double>(estimate->cost.peakBytes) : 0;
    for (std::size_t i = 0; i < machine->devices.size(); ++i) {
        const auto& device = machine->devices[i];
        const bool first = machine->devices.size() == 1 ? i == 0 : i == 1; // a GPU where there is one
        const bool cpu = device.id == "cpu";
        const bool notYetSeen = now.gpus.empty() && (named(use, "all") || (byItself && first));
        rows.append({words(device.id), words(device.name),
                     cpu ? DeviceWords::tr("cpu · %1 threads · %2 GB free")
                               .arg(device.cores)
                               .arg(static_cast<double>(device.freeBytes) / 1e9, 0, 'f', 1)
                         : DeviceWords::tr("%1 · %2 free")
                               .arg(words(device.id), ui::formatBytesOf(static_cast<double>(device.freeBytes),
                                                                        static_cast<double>(device.totalBytes))),
                     named(taken, device.id) || named(use, device.id) || notYetSeen,
                     cpu ? static_cast<int>(std::max<std::ptrdiff_t>(1, std::ranges::count(use, "cpu"))) : 1,
                     cpu ? std::max(2, device.cores) : 1});
        const auto gpu = std::ranges::find(now.gpus, device.id, &engine::GpuState::id);
        if (gpu != now.gpus.end())
            describe(rows.last(), *gpu, needed);
    }
    return rows;
}

ui::DeviceLinks deviceLinks(const engine::GpuMachine& machine) {
    ui::DeviceLinks links;
    links.words = words(engine::gpuLinkWords(machine));
    double pcie = machine.gpus.empty() ? std::nan("") : machine.gpus.front().pcieGigabytes;
    for (const auto& gpu : machine.gpus)
        pcie = std::min(pcie, gpu.pcieGigabytes);
    for (const auto& link : machine.links)
        links.links.append(
            {words(link.first), words(link.second), DeviceWords::tr("NVLink%1").arg(gigabytesWords(link.gigabytes))});
    const std::size_t count = machine.gpus.size();
    const bool everywhere = machine.links.size() == count * (count > 0 ? count - 1 : 0) / 2;
    if (!everywhere && (std::isfinite(pcie) || !machine.links.empty()))
        links.rest = DeviceWords::tr("PCIe%1").arg(gigabytesWords(pcie));
    return links;
}

ui::DeviceChoice deviceChoice(const engine::Experiment& experiment, const engine::GpuMachine& machine) {
    const auto& use = experiment.devices.use;
    const bool next = use.size() == 1 && use.front().starts_with("next:");
    const engine::DeviceWish wish = engine::deviceWish(use, std::max<std::size_t>(1, machine.gpus.size()));
    return {.gpus = static_cast<int>(machine.gpus.size()), .nextFree = next ? static_cast<int>(wish.count) : 0};
}

QString startWords(const engine::Experiment& experiment, const engine::GpuMachine& machine) {
    const auto& use = experiment.devices.use;
    if (machine.gpus.empty() || use.size() != 1 || !use.front().starts_with("next:"))
        return {};
    const auto wanted = engine::deviceWish(use, machine.gpus.size()).count;
    const auto free = engine::freeGpus(machine, wanted);
    if (free.size() < wanted)
        return (wanted == 1 ? DeviceWords::tr("Starts when 1 GPU is free; none is.")
                            : DeviceWords::tr("Starts when %1 GPUs are free; %2 of %3 are.")
                                  .arg(wanted)
                                  .arg(free.size())
                                  .arg(machine.gpus.size()));
    QStringList ids;
    for (const auto& id : free)
        ids.append(words(id));
    const QString last = ids.takeLast();
    return ids.isEmpty() ? DeviceWords::tr("Now this is %1.").arg(last)
                         : DeviceWords::tr("Now these are %1 and %2.").arg(ids.join(QStringLiteral(", ")), last);
}

} // namespace app
