#include "engine/data/shards/unpack.h"

#include "engine/api/error.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <new>
#include <vector>
#include <zlib.h>
#include <zstd.h>

namespace engine {
namespace {

using Take = std::function<void(std::string_view)>;
constexpr std::size_t kUnpackPiece = std::size_t{1} << 18;
constexpr int kWithGzipHeader = 15 + 16;

// Next bytes of the file; none at its end.
class Pieces final {
public:
    explicit Pieces(const std::filesystem::path& file) : m_file(open(file.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (!m_file)
            throw Error(ErrorKind::DataGone,
                        fmt::format("The shard {} cannot be read: {}.", file.string(), std::strerror(errno)),
                        "Check that it is there and that you may read it.");
    }
    [[nodiscard]] std::string_view next() {
        const std::size_t bytes = readAt(m_file.number(), m_place, m_bytes.data(), m_bytes.size());
        m_place += bytes;
        return {m_bytes.data(), bytes};
    }

private:
    FileDescriptor m_file;
    std::uint64_t m_place = 0;
    std::vector<char> m_bytes = std::vector<char>(kUnpackPiece);
};

void unpackGzip(Pieces& in, const Take& take) {
    z_stream stream{};
    if (inflateInit2(&stream, kWithGzipHeader) != Z_OK)
        throw std::bad_alloc();
    const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
    std::vector<char> out(kUnpackPiece);
    bool whole = false; // a packed piece has just ended
    for (std::string_view bytes = in.next(); !bytes.empty(); bytes = in.next()) {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream.avail_in = static_cast<uInt>(bytes.size());
        do {
            if (whole && stream.avail_in > 0 && inflateReset(&stream) != Z_OK)
                return;
            stream.next_out = reinterpret_cast<Bytef*>(out.data());
            stream.avail_out = static_cast<uInt>(out.size());
            const int code = inflate(&stream, Z_NO_FLUSH);
            take({out.data(), out.size() - stream.avail_out});
            if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
                return; // damaged, or something else behind the last piece
            whole = code == Z_STREAM_END;
        } while (stream.avail_in > 0 || stream.avail_out == 0);
    }
}

void unpackZstd(Pieces& in, const Take& take) {
    const std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
    if (!context)
        throw std::bad_alloc();
    std::vector<char> out(kUnpackPiece);
    for (std::string_view bytes = in.next(); !bytes.empty(); bytes = in.next()) {
        ZSTD_inBuffer from{.src = bytes.data(), .size = bytes.size(), .pos = 0};
        ZSTD_outBuffer to{.dst = out.data(), .size = out.size(), .pos = 0};
        do {
            to.pos = 0;
            if (ZSTD_isError(ZSTD_decompressStream(context.get(), &to, &from)) != 0)
                return;
            take({out.data(), to.pos});
        } while (from.pos < from.size || to.pos == to.size);
    }
}

} // namespace

void unpack(const std::filesystem::path& file, Packing packing, const Take& take) {
    Pieces in(file);
    packing == Packing::Gzip ? unpackGzip(in, take) : unpackZstd(in, take);
}

} // namespace engine
