#include "engine/api/error.h"
#include "engine/api/run.h"
#include "engine/base/atomicfile.h"
#include "engine/base/filelock.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kNotesFile = "notes.json";
constexpr const char* kNotesLock = ".notes.lock";

RunNotes notesIn(const json& object) {
    return {.name = object.value("name", std::string()),
            .tags = object.value("tags", std::vector<std::string>()),
            .starred = object.value("starred", false),
            .archived = object.value("archived", false),
            .colour = object.value("colour", 0),
            .note = object.value("note", std::string())};
}

std::string asText(const RunNotes& notes) {
    const json object = {{"name", notes.name},         {"tags", notes.tags},     {"starred", notes.starred},
                         {"archived", notes.archived}, {"colour", notes.colour}, {"note", notes.note}};
    return object.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace

RunNotes readRunNotes(const fs::path& runFolder) {
    std::error_code code;
    if (!fs::exists(runFolder / kNotesFile, code))
        return {};
    try {
        return notesIn(json::parse(readFile(runFolder / kNotesFile)));
    } catch (const json::exception&) {
        throw Error(ErrorKind::BadInput, fmt::format("{} cannot be read.", (runFolder / kNotesFile).string()),
                    "Delete it; the run stays as it is.");
    }
}

void editRunNotes(const fs::path& runFolder, const std::function<void(RunNotes&)>& edit) {
    FileLock lock(runFolder / kNotesLock);
    lock.take();
    RunNotes notes;
    try {
        notes = readRunNotes(runFolder);
    } catch (const Error&) {
        notes = {}; // damaged ones cannot be saved
    }
    edit(notes);
    writeFileAtomically(runFolder / kNotesFile, asText(notes));
}

} // namespace engine
