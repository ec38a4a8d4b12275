#include "engine/data/decode.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <libheif/heif.h>

namespace engine::decode {
namespace {

constexpr int kLargestSide = 1 << 15; // pixels

template <auto Release>
struct Releaser {
    template <typename T>
    void operator()(T* object) const {
        Release(object);
    }
};
using Context = std::unique_ptr<heif_context, Releaser<heif_context_free>>;
using Handle = std::unique_ptr<heif_image_handle, Releaser<heif_image_handle_release>>;
using Image = std::unique_ptr<heif_image, Releaser<heif_image_release>>;
using Options = std::unique_ptr<heif_decoding_options, Releaser<heif_decoding_options_free>>;

bool isAvif(Bytes file) { return file.size() > 12 && std::memcmp(file.data() + 8, "avi", 3) == 0; }

const char* nameOf(Bytes file) { return isAvif(file) ? "AVIF" : "HEIC"; }

void require(const heif_error& error, Bytes file) {
    if (error.code == heif_error_Ok)
        return;
    if (error.code == heif_error_Unsupported_filetype || error.code == heif_error_Unsupported_feature)
        fail(fmt::format("is a {} of a kind that is not read ({})", nameOf(file), error.message));
    fail(fmt::format("is a damaged {} ({})", nameOf(file), error.message));
}

// The file's first picture; the file must outlive it.
struct Opened {
    Context context{heif_context_alloc()};
    Handle handle;

    explicit Opened(Bytes file) {
        if (!context)
            throw std::bad_alloc();
        heif_context_set_maximum_image_size_limit(context.get(), kLargestSide);
        heif_context_set_max_decoding_threads(context.get(), 0); // pictures are decoded side by side already
        require(heif_context_read_from_memory_without_copy(context.get(), file.data(), file.size(), nullptr), file);
        heif_image_handle* primary = nullptr;
        require(heif_context_get_primary_image_handle(context.get(), &primary), file);
        handle.reset(primary);
    }
    [[nodiscard]] Size size() const {
        return {heif_image_handle_get_width(handle.get()), heif_image_handle_get_height(handle.get())};
    }
};

} // namespace

Size heifSize(Bytes file) { return Opened(file).size(); }

RgbImage heif(Bytes file) {
    if (heifEndsEarly(file))
        failEndsEarly();
    const Opened opened(file);
    const Size expected = opened.size();
    requireSize(expected.width, expected.height);
    const Options options(heif_decoding_options_alloc());
    if (!options)
        throw std::bad_alloc();
    options->convert_hdr_to_8bit = 1;
    heif_image* decoded = nullptr;
    require(heif_decode_image(opened.handle.get(), &decoded, heif_colorspace_RGB, heif_chroma_interleaved_RGB,
                              options.get()),
            file);
    const Image picture(decoded);
    int stride = 0;
    const std::uint8_t* rows = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride);
    const Size size{heif_image_get_primary_width(decoded), heif_image_get_primary_height(decoded)};
    if (rows == nullptr || size.width != expected.width || size.height != expected.height || stride < size.width * 3)
        fail(fmt::format("is a damaged {} (its size is not what its header says)", nameOf(file)));
    RgbImage image = blank(size);
    for (std::size_t y = 0; y < static_cast<std::size_t>(size.height); ++y)
        std::copy_n(rows + y * static_cast<std::size_t>(stride), size.width * 3,
                    image.pixels.begin() + static_cast<std::ptrdiff_t>(y) * size.width * 3);
    return image;
}

// Walks the outermost boxes, of which one may reach to the end without saying its size.
bool heifEndsEarly(Bytes file) {
    std::uint64_t at = 0;
    while (at + 8 <= file.size()) {
        std::uint64_t size = 0;
        const std::size_t bytes = file[at + 3] == 1 && (file[at] | file[at + 1] | file[at + 2]) == 0 ? 8 : 4;
        if (at + 16 > file.size() && bytes == 8)
            return true;
        for (std::size_t i = 0; i < bytes; ++i)
            size = size << 8 | file[at + (bytes == 8 ? 8 : 0) + i];
        if (size == 0)
            return false;
        if (size < 8 || size > file.size() - at)
            return true;
        at += size;
    }
    return at != file.size();
}

} // namespace engine::decode
