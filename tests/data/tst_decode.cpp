#include "engine/api/error.h"
#include "engine/base/atomicfile.h"
#include "engine/base/hash.h"
#include "engine/data/imagefile.h"
#include "tests/data/golden.h"

#include <QTemporaryDir>

#include <array>
#include <cstring>
#include <sys/stat.h>

using namespace engine;
using tests::goldenFile;
using Bytes = std::vector<std::uint8_t>;
namespace fs = std::filesystem;

namespace {

// What reading says about these bytes: the sentence's predicate, or nothing where they are a picture.
std::string complaint(const Bytes& content) {
    try {
        const ImageFile file(content);
        const RgbImage image = file.decode();
        return image.pixels.size() == std::size_t(file.width()) * std::size_t(file.height()) * 3 ? "" : "wrong size";
    } catch (const Error& error) {
        return error.what();
    }
}

Bytes firstPart(Bytes content, double share) {
    content.resize(static_cast<std::size_t>(double(content.size()) * share));
    return content;
}

void putBigEndian(Bytes& content, std::size_t at, std::uint32_t value) {
    for (std::size_t i = 0; i < 4; ++i)
        content[at + i] = static_cast<std::uint8_t>(value >> (24 - 8 * i));
}

// The two bytes that follow the first start-of-frame marker's precision are the height, the next two the width.
std::size_t frameSize(const Bytes& jpeg) {
    for (std::size_t at = 2; at + 9 < jpeg.size(); at += 2 + (std::size_t{jpeg[at + 2]} << 8 | jpeg[at + 3]))
        if (jpeg[at + 1] == 0xc0)
            return at + 5;
    qFatal("no frame");
}

ImagePart wholeAsPart(const Bytes& content, int side) {
    const ImageFile file(content);
    return file.decodePart({0, 0, file.width(), file.height()}, side);
}

} // namespace

class TestDecode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindOfFileIsReadAsPillowReadsIt_data() {
        QTest::addColumn<QJsonValue>("row");
        for (const QJsonValue row : tests::golden("files"))
            QTest::newRow(qPrintable(row[QStringLiteral("name")].toString())) << QJsonValue(row);
    }
    void everyKindOfFileIsReadAsPillowReadsIt() {
        QFETCH(QJsonValue, row);
        const ImageFile file(tests::bytesOf(row[QStringLiteral("file")]));
        QCOMPARE(file.width(), row[QStringLiteral("width")].toInt());
        QCOMPARE(file.height(), row[QStringLiteral("height")].toInt());
        QCOMPARE(file.truncation(), std::string());
        const RgbImage image = file.decode();
        QCOMPARE(image.width, file.width());
        QCOMPARE(image.height, file.height());
        const int difference = tests::largestDifference(image.pixels, tests::bytesOf(row[QStringLiteral("rgb")]));
        QVERIFY2(difference <= row[QStringLiteral("tolerance")].toInt(), qPrintable(QString::number(difference)));
    }

    void bothByteOrdersOfExifTurnAlike() {
        for (const std::string format : {".jpg", ".png", ".webp", ".tif"}) {
            const auto read = [&](const char* order, int orientation) {
                return ImageFile(goldenFile((order + std::to_string(orientation) + format).c_str())).decode();
            };
            const RgbImage upright = read("little", 1);
            for (int orientation = 2; orientation <= 8; ++orientation) {
                const RgbImage little = read("little", orientation), big = read("big", orientation);
                QCOMPARE(little.width, orientation > 4 ? upright.height : upright.width);
                QCOMPARE(tests::largestDifference(little.pixels, big.pixels), 0);
                QVERIFY(little.pixels != upright.pixels);
            }
        }
    }

    void chunksOfOddLengthInWebpArePadded() {
        Bytes webp = goldenFile("little6.webp");
        constexpr std::string_view kExif = "EXIF";
        const auto exif = std::search(webp.begin(), webp.end(), kExif.begin(), kExif.end());
        QVERIFY(exif != webp.end());
        const Bytes odd{'T', 'E', 'S', 'T', 3, 0, 0, 0, 1, 2, 3, 0};
        webp.insert(exif, odd.begin(), odd.end());
        const auto length = static_cast<std::uint32_t>(webp.size() - 8);
        for (std::size_t i = 0; i < 4; ++i)
            webp[4 + i] = static_cast<std::uint8_t>(length >> (8 * i));
        const RgbImage turned = ImageFile(goldenFile("little6.webp")).decode();
        QCOMPARE(ImageFile(webp).width(), turned.width);
        QCOMPARE(ImageFile(webp).decode().pixels, turned.pixels);
    }

    void theContentAndNotTheNameSaysTheFormat() {
        QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "photo.jpg";
        const std::pair<const char*, ImageFile::Format> kinds[] = {
            {"rgb.jpg", ImageFile::Format::Jpeg},    {"rgb.png", ImageFile::Format::Png},
            {"lossy.webp", ImageFile::Format::WebP}, {"rgb.bmp", ImageFile::Format::Bmp},
            {"palette.gif", ImageFile::Format::Gif}, {"runs.bmp", ImageFile::Format::Bmp},
            {"rgb.tif", ImageFile::Format::Tiff},    {"big.tif", ImageFile::Format::Tiff},
            {"text.pbm", ImageFile::Format::Pnm},    {"bytes.ppm", ImageFile::Format::Pnm},
            {"photo.heic", ImageFile::Format::Heic}, {"photo.avif", ImageFile::Format::Avif}};
        for (const auto& [name, format] : kinds) {
            const Bytes content = goldenFile(name);
            writeFileAtomically(file, {reinterpret_cast<const char*>(content.data()), content.size()});
            const ImageFile read(file);
            QVERIFY2(read.format() == format, name);
            QCOMPARE(read.decode().width, 21);
        }
    }

    void whatIsNoPictureSaysSo() {
        QCOMPARE(complaint({}), std::string("is empty"));
        for (const char* text : {"Not found", "\xff\xd8", "RIFF1234", "P8 1 1", "P6"}) {
            const Bytes content(text, text + std::strlen(text));
            QCOMPARE(complaint(content), std::string("is not a picture (JPEG, PNG, WebP, BMP, GIF, TIFF, PPM, HEIC and "
                                                     "AVIF are read)"));
        }
        QVERIFY_EXCEPTION_THROWN(ImageFile(fs::path("/no/such/file.jpg")), Error);
        QVERIFY_EXCEPTION_THROWN(ImageFile(fs::path("/tmp")), Error);
    }

    void whatIsSomethingElseIsNamed() {
        using namespace std::string_literals;
        const std::pair<std::string, const char*> others[] = {
            {"II*\0\x10\0\0\0CR\2\0"s, "is a camera raw file (CR2)"},
            {"\0\0\0\x18"s + "ftypcrx \0\0\0\1crx isom"s, "is a camera raw file (CR3)"},
            {"FUJIFILMCCD-RAW 0201"s, "is a camera raw file (RAF)"},
            {"\xff\x0a\xfa"s, "is a JPEG XL picture"},
            {"\0\0\0\x0cJXL \r\n\x87\n"s, "is a JPEG XL picture"},
            {"\0\0\0\x0cjP  \r\n\x87\n"s, "is a JPEG 2000 picture"},
            {"8BPS\0\1"s, "is a Photoshop picture (PSD)"},
            {"%PDF-1.7"s, "is a PDF document"},
            {"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<svg xmlns=\"x\">"s, "is an SVG drawing"},
            {"<!DOCTYPE HTML><p>Not found"s, "is a web page"},
            {"\0\0\0\x14"s + "ftypqt  \0\0\0\0qt  "s, "is a video (MOV)"},
            {"\0\0\0\x14"s + "ftypisom\0\0\0\0mp41"s, "is a video (MP4)"},
            {"RIFF\0\0\0\0AVI LIST"s, "is a video (AVI)"},
            {"RIFF\0\0\0\0WAVEfmt "s, "is a sound (WAV)"},
            {"\x1a\x45\xdf\xa3"s, "is a video (Matroska or WebM)"},
            {"P7\nWIDTH 1"s, "is a PAM picture"},
            {"\0\0\1\0\1\0"s, "is an icon (ICO)"},
            {"PK\3\4"s, "is a zip archive"},
            {"{\"error\": 404}"s, "is a text in JSON"},
            {"version https://git-lfs.github.com/spec/v1\noid"s,
             "is a Git LFS pointer; the file itself is fetched with “git lfs pull”"}};
        for (const auto& [content, sentence] : others)
            QCOMPARE(complaint({content.begin(), content.end()}), std::string(sentence));
    }

    void kindsOfTheseFormatsThatAreNotReadAreNamed_data() {
        QTest::addColumn<QJsonValue>("row");
        for (const QJsonValue row : tests::golden("refused"))
            QTest::newRow(qPrintable(row[QStringLiteral("name")].toString())) << QJsonValue(row);
    }
    void kindsOfTheseFormatsThatAreNotReadAreNamed() {
        QFETCH(QJsonValue, row);
        QCOMPARE(QString::fromStdString(complaint(tests::bytesOf(row[QStringLiteral("file")]))),
                 row[QStringLiteral("sentence")].toString());
    }

    void aPipeDoesNotKeepTheReaderWaiting() {
        QTemporaryDir folder;
        const fs::path pipe = fs::path(folder.path().toStdString()) / "pipe.jpg";
        QCOMPARE(mkfifo(pipe.c_str(), 0600), 0);
        try {
            const ImageFile file(pipe);
            QFAIL("a pipe is no picture");
        } catch (const Error& error) {
            QCOMPARE(error.what(), "is no ordinary file");
        }
    }

    void aFileThatEndsEarlyIsRefused_data() {
        QTest::addColumn<QString>("name");
        for (const QJsonValue row : tests::golden("files"))
            QTest::newRow(qPrintable(row[QStringLiteral("name")].toString())) << row[QStringLiteral("name")].toString();
    }
    void aFileThatEndsEarlyIsRefused() {
        QFETCH(QString, name);
        Bytes whole = goldenFile(qPrintable(name));
        if (name.startsWith(QStringLiteral("animated")) || name.startsWith(QStringLiteral("two-pages")))
            whole = firstPart(whole, 0.5); // the first frame is all that is read
        for (const double share : {0.05, 0.3, 0.6, 0.9}) {
            const Bytes part = firstPart(whole, share);
            const std::string said = complaint(part);
            QVERIFY2(!said.empty(), qPrintable(QStringLiteral("%1 of the file was read").arg(share)));
            try {
                QVERIFY(!ImageFile(part).truncation().empty());
            } catch (const Error&) {
            }
        }
    }

    void headersThatPromiseTooMuchAreRefusedBeforeMemoryIsTaken() {
        Bytes png = goldenFile("rgb.png");
        putBigEndian(png, 16, 0x7fffffff);
        putBigEndian(png, 20, 0x7fffffff);
        QVERIFY(!complaint(png).empty());

        Bytes jpeg = goldenFile("rgb.jpg");
        const std::size_t size = frameSize(jpeg);
        std::fill_n(jpeg.begin() + std::ptrdiff_t(size), 4, std::uint8_t{0xfa}); // 64250 × 64250
        QCOMPARE(complaint(jpeg), std::string("has 64250 × 64250 pixels; 200 million are the most"));

        Bytes gif = goldenFile("palette.gif");
        std::fill_n(gif.begin() + 6, 4, std::uint8_t{0xff});
        QCOMPARE(complaint(gif), std::string("has 65535 × 65535 pixels; 200 million are the most"));

        Bytes bmp = goldenFile("rgb.bmp");
        std::fill_n(bmp.begin() + 18, 8, std::uint8_t{0x7f});
        QVERIFY(!complaint(bmp).empty());
        for (const std::uint8_t byte : {std::uint8_t{0xff}, std::uint8_t{0}}) { // −1 or 0 by −1 or 0
            std::fill_n(bmp.begin() + 18, 8, byte);
            QVERIFY(!complaint(bmp).empty());
        }
        bmp = goldenFile("rgb.bmp");
        std::fill_n(bmp.begin() + 22, 3, std::uint8_t{0}); // −2147483648 rows
        bmp[25] = 0x80;
        QVERIFY(!complaint(bmp).empty());
    }

    // Whatever the bytes are: a picture or a sentence. The sanitizers see to the rest.
    void damageNeverCrashes() {
        Random random(11);
        for (const QJsonValue row : tests::golden("files")) {
            const Bytes whole = tests::bytesOf(row[QStringLiteral("file")]);
            const QString name = row[QStringLiteral("name")].toString();
            if (std::ranges::any_of(std::array{"little", "big", "turned"},
                                    [&](const char* same) { return name.startsWith(QLatin1String(same)); }))
                continue;                                                   // but for a number, the files of before
            const bool slow = row[QStringLiteral("tolerance")].toInt() > 0; // a video codec
            for (int round = 0; round < (slow ? 6 : 60); ++round) {
                Bytes damaged = whole;
                for (std::uint64_t n = 1 + random.below(6); n > 0; --n)
                    damaged[random.below(damaged.size())] = static_cast<std::uint8_t>(random.next());
                (void)complaint(damaged);
                try {
                    (void)wholeAsPart(damaged, 4);
                } catch (const Error& error) {
                    QVERIFY(std::strlen(error.what()) > 0);
                }
            }
        }
    }

    void orientationThatMakesNoSenseIsIgnored() {
        Bytes jpeg = goldenFile("exif6.jpg");
        static constexpr std::uint8_t tag[] = {0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6}; // big-endian
        const auto found = std::search(jpeg.begin(), jpeg.end(), std::begin(tag), std::end(tag));
        QVERIFY(found != jpeg.end());
        for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{9}, std::uint8_t{255}}) {
            found[9] = value;
            QCOMPARE(ImageFile(jpeg).width(), 21);
        }
        found[9] = 6;
        QCOMPARE(ImageFile(jpeg).width(), 17);
        std::fill_n(found - 6, 4, std::uint8_t{0xff}); // the directory's place, far outside
        QCOMPARE(ImageFile(jpeg).width(), 21);
    }

    void aPartHoldsTheWholeCropAtLeastAtTheWantedSize() {
        for (const char* name : {"rgb.jpg", "subsampled.jpg", "progressive.jpg", "grey.jpg", "cmyk.jpg", "exif6.jpg",
                                 "rgb.png", "palette.gif", "tiles.tif", "text.ppm", "photo.heic"}) {
            const ImageFile file(goldenFile(name));
            const RgbImage whole = file.decode();
            const Rectangle crop{3, 5, 13, 14};
            const ImagePart part = file.decodePart(crop, 9);
            QVERIFY2(part.left >= 0 && part.top >= 0 && part.right <= part.image.width &&
                         part.bottom <= part.image.height,
                     name);
            QCOMPARE(part.right - part.left, 10.0);
            for (int y = 0; y < crop.height(); ++y)
                for (int x = 0; x < crop.width() * 3; ++x) {
                    const int a = part.image.pixels[std::size_t(int(part.top) + y) * std::size_t(part.image.width) * 3 +
                                                    std::size_t(int(part.left) * 3 + x)];
                    const int b = whole.pixels[std::size_t(crop.top + y) * std::size_t(whole.width) * 3 +
                                               std::size_t(crop.left * 3 + x)];
                    QVERIFY2(std::abs(a - b) <= 2,
                             qPrintable(QStringLiteral("%1: %2 %3").arg(QLatin1String(name)).arg(a).arg(b)));
                }
        }
        const ImagePart quarter = ImageFile(goldenFile("rgb.jpg")).decodePart({0, 0, 21, 17}, 4);
        QCOMPARE(quarter.image.width, 6);
        QCOMPARE(quarter.image.height, 5);
    }

    void thumbnailsKeepTheShapeAndTheAskedSide() {
        QTemporaryDir folder;
        const fs::path file = fs::path(folder.path().toStdString()) / "turned.jpg";
        const Bytes content = goldenFile("exif6.jpg");
        writeFileAtomically(file, {reinterpret_cast<const char*>(content.data()), content.size()});
        const RgbImage small = loadThumbnail(file, 8);
        QCOMPARE(small.width, 8);
        QCOMPARE(small.height, 10);
        const RgbImage asItIs = loadThumbnail(file, 400);
        QCOMPARE(asItIs.width, 17);
        QCOMPARE(asItIs.height, 21);
    }
};

QTEST_APPLESS_MAIN(TestDecode)
#include "tst_decode.moc"
