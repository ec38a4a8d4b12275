#include "engine/export/certificate.h"

#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/sha256.h"

#include <array>
#include <fstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 1 << 20;

// As JSON's keys; a new number of the certificate is a line here.
template <typename Visit>
void forEachNumber(Visit visit) {
    visit("largest_difference", &Certificate::largestDifference);
    visit("largest_output", &Certificate::largestOutput);
    visit("tolerance", &Certificate::tolerance);
    visit("ms_per_picture", &Certificate::msPerPicture);
    visit("thaw_ms_per_picture", &Certificate::thawMsPerPicture);
}

void addFile(Sha256& sum, std::uint64_t& bytes, const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string piece(kPiece, '\0');
    while (in.read(piece.data(), kPiece) || in.gcount() > 0) {
        sum.add(std::string_view(piece).substr(0, static_cast<std::size_t>(in.gcount())));
        bytes += static_cast<std::uint64_t>(in.gcount());
    }
    if (bytes == 0)
        throw Error(ErrorKind::NotFound, fmt::format("{} could not be read.", file.string()),
                    "Name a folder that thaw export made.");
}

} // namespace

std::string certificateText(const Certificate& certificate) {
    nlohmann::json object{{"checked", certificate.notChecked.empty()},
                          {"file", certificate.file},
                          {"bytes", certificate.bytes},
                          {"sha256", certificate.sha256},
                          {"runtime", certificate.runtime},
                          {"pictures", certificate.pictures},
                          {"pictures_are", certificate.madeUp ? "made up" : "validation"},
                          {"same_answer", certificate.agreeing}};
    if (!certificate.notChecked.empty())
        object["not_checked_because"] = certificate.notChecked;
    forEachNumber([&](const char* key, double Certificate::*number) { object[key] = certificate.*number; });
    return object.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

Certificate readCertificate(const fs::path& folder) {
    try {
        const auto object = nlohmann::json::parse(readFile(folder / kCertificateFile));
        Certificate certificate{.notChecked = object.value("not_checked_because", std::string()),
                                .file = object.at("file"),
                                .bytes = object.at("bytes"),
                                .sha256 = object.at("sha256"),
                                .runtime = object.at("runtime"),
                                .pictures = object.at("pictures"),
                                .madeUp = object.at("pictures_are") == "made up",
                                .agreeing = object.at("same_answer")};
        forEachNumber([&](const char* key, double Certificate::*number) { certificate.*number = object.at(key); });
        return certificate;
    } catch (const nlohmann::json::exception&) {
        throw Error(ErrorKind::BadInput, fmt::format("{} is damaged.", (folder / kCertificateFile).string()),
                    "Check the export again: thaw export RUN FOLDER --check.");
    }
}

void describeFile(Certificate& certificate, const fs::path& folder, const std::string& file) {
    Sha256 sum;
    certificate.file = file;
    certificate.bytes = 0;
    addFile(sum, certificate.bytes, folder / file);
    if (const fs::path data = folder / (file + ".data"); fs::exists(data))
        addFile(sum, certificate.bytes, data);
    certificate.sha256 = sum.hex();
}

double toleranceOf(ExportPrecision precision, ExportInput input) noexcept {
    // A picture that is resized elsewhere may differ by a level of 255 here and there.
    constexpr double kPreparation = 2e-2;
    constexpr std::array kTolerances{1e-4, 2e-2, 1e-1};
    const double computed = kTolerances[static_cast<std::size_t>(precision)];
    return input == ExportInput::Pictures ? computed + kPreparation : computed;
}

} // namespace engine
