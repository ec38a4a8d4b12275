#include "engine/models/weights/otherfile.h"

#include "engine/base/utf8.h"
#include "engine/models/weights/limits.h"
#include "engine/models/weights/safetensors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include <fmt/format.h>

namespace engine {
namespace {

using namespace std::string_view_literals;

constexpr const char* kExport =
    "Save the weights in PyTorch as safetensors, or with torch.save(model.state_dict(), …).";
constexpr const char* kUnpack = "Unpack it and choose the weights that are in it.";
constexpr const char* kNoWeights = "Choose a .safetensors, .pth or .pt file.";

struct Signature {
    std::size_t at;
    std::string_view bytes;
    const char* what;
    const char* remedy;
};
constexpr std::array kSignatures{
    Signature{0, "GGUF"sv, "a GGUF file of llama.cpp", kExport},
    Signature{4, "TFL3"sv, "a TensorFlow Lite model", kExport},
    Signature{0, "\x89HDF\r\n\x1a\n"sv, "an HDF5 file, as Keras saves weights", kExport},
    Signature{0, "\x93NUMPY"sv, "a single NumPy array", kExport},
    Signature{0, "\x1f\x8b"sv, "compressed with gzip", kUnpack},
    Signature{0, "BZh"sv, "compressed with bzip2", kUnpack},
    Signature{0,
              "\xfd"
              "7zXZ"sv,
              "compressed with xz", kUnpack},
    Signature{0, "\x28\xb5\x2f\xfd"sv, "compressed with Zstandard", kUnpack},
    Signature{0, "7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive", kUnpack},
    Signature{0, "Rar!"sv, "a RAR archive", kUnpack},
    Signature{257, "ustar"sv, "a tar archive", kUnpack},
    Signature{0, "\x89PNG"sv, "a picture (PNG)", kNoWeights},
    Signature{0, "\xff\xd8\xff"sv, "a picture (JPEG)", kNoWeights},
    Signature{0, "GIF8"sv, "a picture (GIF)", kNoWeights},
    Signature{0, "%PDF"sv, "a PDF document", kNoWeights},
};

[[noreturn]] void refuseAs(const MappedFile& file, std::string_view what, const std::string& remedy) {
    refuseWeights(fmt::format("{} is {}, not a file of weights.", file.name(), what), remedy);
}

std::string_view trimmed(std::string_view bytes) {
    if (bytes.starts_with("\xef\xbb\xbf"))
        bytes.remove_prefix(3);
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    bytes = first == std::string_view::npos ? std::string_view() : bytes.substr(first);
    return bytes.substr(0, bytes.find_last_not_of(" \t\r\n") + 1);
}

// The length before a safetensors header has zeros in its upper bytes; text has none.
bool isText(std::string_view bytes) {
    return std::ranges::none_of(bytes.substr(0, 512), [](unsigned char c) { return c < 0x20 && !std::isspace(c); });
}

// A field of a pointer file: "size 44700000".
std::string_view lineOf(std::string_view text, std::string_view key) {
    const std::size_t at = text.find(key);
    if (at == std::string_view::npos)
        return {};
    text.remove_prefix(at + key.size());
    return text.substr(0, text.find('\n'));
}

void refuseText(const MappedFile& file, std::string_view text) {
    constexpr std::size_t kQuoted = 200;
    if (text.starts_with("version https://git-lfs")) {
        const std::string_view size = lineOf(text, "\nsize ");
        refuseWeights(fmt::format("{} is a pointer of Git LFS to {}, not the weights themselves.", file.name(),
                                  size.empty() ? "a file" : fmt::format("a file of {} bytes", size)),
                      "Fetch what it points to: run git lfs pull in the repository it comes from, or download the file "
                      "again.");
    }
    const std::string begin = asciiLower(std::string(text.substr(0, 64)));
    if (begin.starts_with("<!doctype html") || begin.starts_with("<html") || begin.starts_with("<head"))
        refuseAs(file, "a web page",
                 "Download the file itself: the page that offers it, or asks to log in, was saved instead.");
    if (text.front() == '<')
        refuseAs(file, fmt::format("a server's answer in XML ({})", text.substr(0, kQuoted)),
                 "Download the file again; the server may want you to log in first.");
    if ((text.front() == '{' && text.back() == '}') || (text.front() == '[' && text.back() == ']'))
        refuseAs(file,
                 text.find("rror") != std::string_view::npos || text.find("essage") != std::string_view::npos
                     ? fmt::format("a server's answer ({})", text.substr(0, kQuoted))
                     : std::string("a file of settings in JSON"),
                 "Download the file again; the server may want you to log in first.");
}

// Both are Protocol Buffers that begin with a version.
void refuseProtocolBuffer(const MappedFile& file) {
    const std::string_view bytes = file.bytes();
    if (bytes.size() < 16 || bytes[0] != '\x08')
        return;
    if (bytes[1] == '\x01' && bytes[2] == '\x12')
        refuseAs(file, "a TensorFlow SavedModel", kExport);
    if (bytes[1] >= 2 && bytes[1] < 32 && (bytes[2] == '\x12' || bytes[2] == '\x3a' || bytes[2] == '\x1a'))
        refuseAs(file, "an ONNX model", kExport);
}

} // namespace

void refuseOtherFile(const MappedFile& file) {
    const std::string_view bytes = file.bytes();
    if (looksLikeSafetensors(bytes) && bytes.substr(5, 3) == "\0\0\0"sv)
        return; // the length of its header may look like anything
    for (const Signature& signature : kSignatures)
        if (bytes.size() > signature.at && bytes.substr(signature.at).starts_with(signature.bytes))
            refuseAs(file, signature.what, signature.remedy);
    refuseProtocolBuffer(file);
    const std::string_view text = trimmed(bytes);
    if (!text.empty() && isText(bytes))
        refuseText(file, text);
}

void refuseOtherArchive(const ZipArchive& archive, const MappedFile& file) {
    const std::vector<std::string_view> names = archive.names();
    const auto any = [&names](const auto& has) { return std::ranges::any_of(names, has); };
    if (any([](std::string_view name) { return name.ends_with("/data.pkl"); }))
        return;
    if (any([](std::string_view name) { return name == "model.weights.h5"; }))
        refuseAs(file, "a Keras model", kExport);
    if (!names.empty() && std::ranges::all_of(names, [](std::string_view name) { return name.ends_with(".npy"); }))
        refuseAs(file, "an archive of NumPy arrays (NPZ)", kExport);
    if (any([](std::string_view name) { return name.ends_with("saved_model.pb"); }))
        refuseAs(file, "an archive with a TensorFlow SavedModel", kExport);
    if (any([](std::string_view name) {
            return name.ends_with(".pth") || name.ends_with(".pt") || name.ends_with(".safetensors") ||
                   name.ends_with(".ckpt") || name.ends_with(".bin");
        }))
        refuseWeights(fmt::format("{} is a zip archive around other files of weights.", file.name()), kUnpack);
}

} // namespace engine
