#include "engine/api/export.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/export/certificate.h"
#include "engine/export/checkprocess.h"
#include "engine/export/comparison.h"
#include "engine/export/exportfacts.h"
#include "engine/export/exportrequest.h"
#include "engine/export/modelcard.h"
#include "engine/export/programs.h"
#include "engine/export/writers.h"
#include "engine/train/translate.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostPictures = 256;

void requireGoingOn(const std::stop_token& stop) {
    if (stop.stop_requested())
        throw Error(ErrorKind::Stopped, "The export was stopped; nothing was left behind.");
}

void tell(ProgressSink* progress, Phase phase) {
    if (progress != nullptr)
        progress->onProgress({.phase = phase});
}

ExportFacts factsOf(const ExportRequest& request, const fs::path& checkpoint) {
    ExportFacts facts{.format = request.format,
                      .precision = request.precision,
                      .input = request.input,
                      .names = request.names,
                      .run = fs::weakly_canonical(request.run).filename().string()};
    std::error_code code;
    if (fs::exists(request.run / "experiment.toml", code))
        facts.name = readExperiment(request.run / "experiment.toml").name;
    const TrainerState state = readTrainerState(checkpoint);
    facts.step = state.step;
    facts.epoch = state.epoch;
    return facts;
}

// Its adapters are worked in.
std::string configOf(const fs::path& checkpoint) {
    nlohmann::json config = nlohmann::json::parse(readFile(checkpoint / "config.json"));
    config["adapters"] = nullptr;
    return config.dump(1) + "\n";
}

void writeBeside(const fs::path& folder, const fs::path& run, const ModelDescription& description,
                 const ExportFacts& facts, const ExportReport& report) {
    writeFileAtomically(folder / "export.json", factsText(facts));
    writeFileAtomically(folder / "classes.json", classesText(description.classes) + "\n");
    for (const auto& [name, content] : modelCard(run, facts, description, report))
        writeFileAtomically(folder / name, content);
    for (const auto& [name, content] : programsFor(facts, description, report.architecture)) {
        writeFileAtomically(folder / name, content);
        if (!name.ends_with(".cpp"))
            fs::permissions(folder / name, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                            fs::perm_options::add);
    }
}

ExportReport writeExport(const ExportRequest& request, const std::stop_token& stop, ProgressSink* progress) {
    requireNew(request.out);
    tell(progress, Phase::LoadingWeights);
    const fs::path checkpoint = checkpointNamed(request.run, request.checkpoint);
    requirePossible(request, readModelDescription(checkpoint));
    TrainedModel model = loadTrainedModel(checkpoint);
    ExportFacts facts = factsOf(request, checkpoint);
    requireGoingOn(stop);
    tell(progress, Phase::Saving);
    AtomicFolder made(request.out);
    ExportReport report =
        writeModel({.folder = made.staging(), .shown = request.out, .config = configOf(checkpoint)}, model, facts);
    requireGoingOn(stop);
    writeBeside(made.staging(), request.run, model.description, facts, report);
    tell(progress, Phase::Validating);
    checkInFreshProcess(fs::absolute(request.run), made.staging(), request.checkpoint, stop, progress);
    requireGoingOn(stop);
    report.certificate = readCertificate(made.staging());
    requireNew(request.out); // by now
    made.commitNew();
    return report;
}

[[noreturn]] void refuse(const Certificate& c, const std::string& begins) {
    throw Error(ErrorKind::Internal,
                fmt::format("The exported file answers otherwise than the run: outputs differ by {:.2g}, where {:.2g} "
                            "is allowed, and {} of {} answers are the same{}.",
                            c.largestDifference, c.allowed(), c.agreeing, c.pictures,
                            begins.empty() ? "" : "; the parameters differ from " + begins + " on"),
                "Do not use it. Export again; if that fails as well, it is a fault in Thaw.");
}

std::string sentencesOf(const Error& error) {
    return error.remedy().empty() ? error.what() : fmt::format("{} {}", error.what(), error.remedy());
}

Certificate certify(const fs::path& run, const fs::path& folder, const std::string& word, ProgressSink* progress) {
    const ExportFacts facts = factsIn(readFile(folder / "export.json"), folder.string());
    const TrainedModel model = loadTrainedModel(checkpointNamed(run, word));
    at::set_num_threads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    Certificate certificate;
    describeFile(certificate, folder, facts.file);
    try {
        const auto exported = openExported(folder, facts, model.description.backbone);
        compare(certificate, *exported, facts, model, picturesOf(run, model.description.preprocess, kMostPictures),
                progress);
        if (!(certificate.largestDifference <= certificate.allowed()))
            refuse(certificate, firstDifference(*exported, *model.backbone));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound)
            throw;
        certificate.notChecked = sentencesOf(error);
    }
    writeFileAtomically(folder / kCertificateFile, certificateText(certificate));
    return certificate;
}

} // namespace

ExportReport exportModel(const ExportRequest& request, const std::stop_token& stop, ProgressSink* progress) {
    try {
        return writeExport(request, stop, progress);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

Certificate checkExport(const fs::path& run, const fs::path& folder, const std::string& checkpoint,
                        ProgressSink* progress) {
    try {
        return certify(run, folder, checkpoint, progress);
    } catch (...) {
        throw translated(std::current_exception());
    }
}

} // namespace engine
