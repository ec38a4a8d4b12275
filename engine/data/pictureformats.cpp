#include "engine/data/pictureformats.h"

#include "engine/api/datareport.h"
#include "engine/base/utf8.h"

#include <algorithm>
#include <array>

namespace engine {
namespace {

using namespace std::string_view_literals;

// What is not read; who reads it takes it out here.
constexpr std::array kOtherPictureEndings{
    ".jxl"sv, ".jp2"sv, ".j2k"sv, ".jpx"sv, ".jpf"sv, ".tga"sv, ".ico"sv, ".svg"sv, ".psd"sv, ".exr"sv, ".hdr"sv,
    ".dcm"sv, ".nii"sv, ".npy"sv, ".raw"sv, ".dng"sv, ".cr2"sv, ".cr3"sv, ".nef"sv, ".arw"sv, ".orf"sv, ".rw2"sv,
    ".raf"sv, ".pcx"sv, ".sgi"sv, ".xbm"sv, ".xpm"sv, ".ras"sv, ".dds"sv, ".qoi"sv, ".fits"sv};
constexpr std::array kTextEndings{".txt"sv,  ".csv"sv, ".tsv"sv,  ".json"sv, ".jsonl"sv, ".xml"sv,
                                  ".html"sv, ".htm"sv, ".yaml"sv, ".yml"sv,  ".md"sv,    ".rst"sv,
                                  ".toml"sv, ".log"sv, ".py"sv,   ".ipynb"sv};
constexpr std::array kClutter{"thumbs.db"sv, "desktop.ini"sv, "ehthumbs.db"sv, "icon\r"sv};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

} // namespace

FileKind fileKind(const std::filesystem::path& file) {
    const std::string ending = asciiLower(file.extension().native());
    if (contains(pictureEndings(), ending))
        return FileKind::Picture;
    if (contains(kOtherPictureEndings, ending))
        return FileKind::OtherPicture;
    if (contains(kTextEndings, ending))
        return FileKind::Text;
    return contains(kClutter, asciiLower(file.filename().native())) ? FileKind::Clutter : FileKind::Other;
}

std::string passedOverAs(const std::filesystem::path& file) {
    if (fileKind(file) == FileKind::Text)
        return "text";
    std::string ending = asciiLower(file.extension().native());
    return ending.size() > 1 ? ending : "without ending";
}

} // namespace engine
