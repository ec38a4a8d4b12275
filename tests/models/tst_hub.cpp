// Weights from a hub: the cache that other tools share, and a server that misbehaves.
#include "engine/api/error.h"
#include "engine/api/hub.h"
#include "engine/api/weights.h"
#include "engine/base/sha256.h"
#include "tests/models/hubserver.h"

#include <QCryptographicHash>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <fstream>
#include <optional>

using namespace std::string_literals;
namespace fs = std::filesystem;
using tests::HubReply;
using tests::HubRequest;

namespace {

const std::string kCommit(40, 'c');
const std::string kWeights = [] {
    std::string bytes;
    for (int i = 0; i < 200000; ++i)
        bytes += static_cast<char>(i * 7 + i / 251);
    return bytes;
}();

std::string sumOf(const std::string& bytes) {
    engine::Sha256 sum;
    sum.add(bytes);
    return sum.hex();
}

std::string content(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// A hub with one repository of some files; what a test wants otherwise it says in `instead`.
class Hub final {
public:
    std::map<std::string, std::string> files{{"model.safetensors", kWeights}, {"config.json", "{}"}};
    std::function<std::optional<HubReply>(const HubRequest&)> instead;

    HubReply operator()(const HubRequest& request) const {
        if (instead)
            if (auto reply = instead(request))
                return *reply;
        if (request.path.starts_with("/api/models/org/net/revision/")) {
            std::string siblings;
            for (const auto& [name, bytes] : files)
                siblings.append(siblings.empty() ? "" : ",").append(R"({"rfilename":")").append(name).append("\"}");
            return {.body = R"({"id":"org/net","sha":")" + kCommit + R"(","siblings":[)" + siblings + "]}"};
        }
        const std::string resolve = "/org/net/resolve/" + kCommit + '/';
        const auto file =
            request.path.starts_with(resolve) ? files.find(request.path.substr(resolve.size())) : files.end();
        if (file == files.end())
            return {.status = 404, .body = "Entry not found"};
        return give(request, file->second);
    }

    static HubReply give(const HubRequest& request, const std::string& bytes) {
        HubReply reply{.headers = {{"ETag", "\""s + sumOf(bytes) + '"'}}, .body = bytes};
        const auto range = request.headers.find("range");
        if (range == request.headers.end())
            return reply;
        const std::size_t from = std::stoul(range->second.substr(6));
        reply.status = 206;
        reply.body = bytes.substr(from);
        reply.headers["Content-Range"] = "bytes " + std::to_string(from) + '-' + std::to_string(bytes.size() - 1) +
                                         '/' + std::to_string(bytes.size());
        return reply;
    }
};

bool isWeights(const HubRequest& request) {
    return request.method == "GET" && request.path.ends_with("model.safetensors");
}

} // namespace

class TestHub final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_hub = {};
        for (const char* name : {"HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN", "XDG_CACHE_HOME", "http_proxy",
                                 "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
            qunsetenv(name);
        qputenv("HF_HOME", m_folder->path().toUtf8());
        m_server = std::make_unique<tests::HubServer>([this](const HubRequest& request) { return m_hub(request); });
        qputenv("HF_ENDPOINT", QByteArray::fromStdString(m_server->address()));
    }
    void cleanup() { m_server.reset(); }

    void sha256KnowsTheStandardsExamples() {
        QCOMPARE(sumOf(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"s);
        QCOMPARE(sumOf("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"s);
        QCOMPARE(sumOf(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"s);
        for (std::size_t length = 0; length < 200; ++length) { // in one piece and in many
            engine::Sha256 sum;
            for (std::size_t i = 0; i < length; ++i)
                sum.add("x");
            const std::string bytes(length, 'x');
            QCOMPARE(sum.hex(), sumOf(bytes));
            QCOMPARE(QByteArray::fromStdString(sumOf(bytes)),
                     QCryptographicHash::hash(QByteArray::fromStdString(bytes), QCryptographicHash::Sha256).toHex());
        }
    }

    void namesAreTakenApart() {
        const auto plain = engine::parseHubName("hub:timm/resnet18.a1_in1k");
        QCOMPARE(plain.repository, "timm/resnet18.a1_in1k"s);
        QCOMPARE(plain.revision, "main"s);
        QCOMPARE(plain.file, ""s);
        const auto full = engine::parseHubName("hub:org/net@v1.2/sub/model.safetensors");
        QCOMPARE(full.revision, "v1.2"s);
        QCOMPARE(full.file, "sub/model.safetensors"s);
        QCOMPARE(engine::parseHubName("hub:org/net/file.pth").file, "file.pth"s);
        const auto request = engine::parseHubName("hub:org/net@refs/pr/3/file.pth");
        QCOMPARE(request.revision, "refs/pr/3"s);
        QCOMPARE(request.file, "file.pth"s);
        QVERIFY(!engine::isHubName("model.safetensors"));
    }

    void namesThatLeadElsewhereAreRefused() {
        for (const char* name : {"hub:", "hub:net", "hub:org/", "hub:../net", "hub:org/..", "hub:org/net@",
                                 "hub:org/net@../x", "hub:org/net/../../x", "hub:org/net//x", "hub:org/net/.hidden",
                                 "hub:org/net@main/a/../b", "hub:org/n\\et", "hub:org/net?x=1", "hub:org/net@a%2e"}) {
            const auto error = failureOf(name);
            QVERIFY2(error && error->kind() == engine::ErrorKind::BadInput && !error->remedy().empty(), name);
        }
        QVERIFY(m_server->requests().empty());
    }

    void downloadFillsTheSharedCacheLayout() {
        const fs::path file = engine::fetchHubFile("hub:org/net");
        const fs::path repository = fs::path(m_folder->path().toStdString()) / "hub/models--org--net";
        QCOMPARE(file.string(), (repository / "snapshots" / kCommit / "model.safetensors").string());
        QCOMPARE(fs::read_symlink(file).string(), "../../blobs/" + sumOf(kWeights));
        QVERIFY(content(file) == kWeights);
        QCOMPARE(content(repository / "refs/main"), kCommit);
        QVERIFY(fs::exists(repository / "snapshots" / kCommit / "config.json"));
        QVERIFY(!fs::exists(repository / "blobs" / (sumOf(kWeights) + ".incomplete")));
    }

    void fileThatIsThereNeedsNoNetwork() {
        const fs::path file = engine::fetchHubFile("hub:org/net");
        m_server->clear();
        QCOMPARE(engine::fetchHubFile("hub:org/net").string(), file.string());
        QCOMPARE(engine::cachedHubFile("hub:org/net@main/model.safetensors").string(), file.string());
        QCOMPARE(engine::cachedHubFile("hub:org/net@" + kCommit).string(), file.string());
        QVERIFY(engine::cachedHubFile("hub:org/net/other.safetensors").empty());
        QVERIFY(m_server->requests().empty());
    }

    void cacheOfAnotherToolIsHonoured() {
        const fs::path cache = m_folder->filePath(QStringLiteral("elsewhere")).toStdString();
        const fs::path repository = cache / "models--org--net";
        fs::create_directories(repository / "refs");
        fs::create_directories(repository / "blobs");
        fs::create_directories(repository / "snapshots/0123456789012345678901234567890123456789");
        std::ofstream(repository / "refs/main") << "0123456789012345678901234567890123456789";
        std::ofstream(repository / "blobs/b") << "weights";
        const fs::path file = repository / "snapshots/0123456789012345678901234567890123456789/pytorch_model.bin";
        fs::create_symlink("../../blobs/b", file);
        QVERIFY(engine::cachedHubFile("hub:org/net").empty());
        qputenv("HF_HUB_CACHE", QByteArray::fromStdString(cache.string()));
        qputenv("HF_HUB_OFFLINE", "1");
        QCOMPARE(engine::fetchHubFile("hub:org/net").string(), file.string());
        QVERIFY(m_server->requests().empty());
    }

    void offlineSaysSoInsteadOfAsking() {
        for (const char* yes : {"1", "ON", "yes", "true"}) { // as huggingface_hub reads it
            qputenv("HF_HUB_OFFLINE", yes);
            const auto error = failureOf("hub:org/net");
            QVERIFY2(error && error->kind() == engine::ErrorKind::NotFound, yes);
            QVERIFY(std::string(error->what()).find("HF_HUB_OFFLINE") != std::string::npos);
            QVERIFY(m_server->requests().empty());
        }
        for (const char* no : {"0", "off", ""}) {
            qputenv("HF_HUB_OFFLINE", no);
            QVERIFY2(!failureOf("hub:org/net"), no);
        }
    }

    void shardsAndTheirIndexComeTogether() {
        m_hub.files = {
            {"model.safetensors.index.json", R"({"weight_map":{"a":"one.safetensors","b":"two.safetensors"}})"},
            {"one.safetensors", "1"},
            {"two.safetensors", "2"},
            {"three.safetensors", "3"}};
        const fs::path file = engine::fetchHubFile("hub:org/net");
        QVERIFY(fs::exists(file.parent_path() / "one.safetensors") &&
                fs::exists(file.parent_path() / "two.safetensors"));
        QVERIFY(!fs::exists(file.parent_path() / "three.safetensors"));
        QCOMPARE(engine::cachedHubFile("hub:org/net").string(), file.string());
        fs::remove(file.parent_path() / "two.safetensors");
        QVERIFY(engine::cachedHubFile("hub:org/net").empty());
        QCOMPARE(engine::fetchHubFile("hub:org/net").string(), file.string());
        QVERIFY(fs::exists(file.parent_path() / "two.safetensors"));
    }

    void everyBackboneSaysWhereItsWeightsAre() {
        for (const engine::BackboneInfo& info : engine::backbones()) {
            QVERIFY2(!engine::whereWeightsAre(info).empty(), info.name.c_str());
            if (!info.hub.empty())
                QVERIFY2(engine::parseHubName(info.hub).repository.starts_with("timm/"), info.name.c_str());
        }
        QCOMPARE(engine::whereWeightsAre(engine::findBackbone("resnet18")), "About 47 MB, from timm/resnet18.tv_in1k"s);
    }

    void usualWeightsComeFromTheirHub() {
        m_hub.instead = [this](const HubRequest& request) -> std::optional<HubReply> {
            HubRequest other = request;
            const std::size_t at = other.path.find("timm/resnet18.tv_in1k");
            if (at == std::string::npos)
                return std::nullopt;
            other.path.replace(at, "timm/resnet18.tv_in1k"s.size(), "org/net");
            return m_hub(other);
        };
        qputenv("THAW_CACHE", m_folder->filePath(QStringLiteral("thaw")).toUtf8());
        QVERIFY(engine::localWeights("resnet18").empty());
        const fs::path file = engine::fetchWeights("resnet18");
        QCOMPARE(content(file), kWeights);
        QCOMPARE(engine::localWeights("resnet18"), file);
        m_server.reset();
        QCOMPARE(engine::fetchWeights("resnet18"), file); // no network is asked
        qunsetenv("THAW_CACHE");
    }

    void weightsThatLieHereAreNotAskedFor() {
        qputenv("THAW_CACHE", m_folder->filePath(QStringLiteral("thaw")).toUtf8());
        const fs::path here = engine::bundledWeights("resnet18");
        fs::create_directories(here.parent_path());
        std::ofstream(here) << "weights";
        QCOMPARE(engine::fetchWeights("resnet18"), here);
        QVERIFY(m_server->requests().empty());
        qunsetenv("THAW_CACHE");
    }

    void weightsOnNoHubAreSaidWithTheirPlace() {
        qputenv("THAW_CACHE", m_folder->filePath(QStringLiteral("thaw")).toUtf8());
        try {
            (void)engine::fetchWeights("squeezenet1_1");
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QVERIFY(error.kind() == engine::ErrorKind::NotFound);
            QVERIFY(error.remedy().find("squeezenet1_1-b8a52dc0.pth") != std::string::npos);
        }
        qunsetenv("THAW_CACHE");
    }

    void droppedConnectionGoesOnWhereItBroke() {
        std::atomic<int> drops = 3;
        m_hub.instead = [&](const HubRequest& request) -> std::optional<HubReply> {
            if (!isWeights(request) || drops-- <= 0)
                return std::nullopt;
            HubReply reply = Hub::give(request, kWeights);
            reply.sent = 50000;
            return reply;
        };
        QVERIFY(content(engine::fetchHubFile("hub:org/net")) == kWeights);
        QStringList ranges;
        for (const HubRequest& request : m_server->requests())
            if (isWeights(request))
                ranges.append(request.headers.contains("range") ? QString::fromStdString(request.headers.at("range"))
                                                                : QString());
        QCOMPARE(ranges, (QStringList{QString(), QStringLiteral("bytes=50000-"), QStringLiteral("bytes=100000-"),
                                      QStringLiteral("bytes=150000-")}));
    }

    void connectionThatAlwaysDropsEndsWithOneSentenceAndIsResumedLater() {
        m_hub.instead = [&](const HubRequest& request) -> std::optional<HubReply> {
            if (!isWeights(request))
                return std::nullopt;
            HubReply reply = Hub::give(request, kWeights);
            reply.sent = request.headers.contains("range") ? 0 : 70000;
            return reply;
        };
        const auto error = failureOf("hub:org/net");
        expect(error, engine::ErrorKind::Network, "broke off after 70000 of 200000 bytes", "goes on where it stopped");
        m_hub.instead = nullptr;
        m_server->clear();
        QVERIFY(content(engine::fetchHubFile("hub:org/net")) == kWeights);
        QCOMPARE(m_server->requests().back().headers.at("range"), "bytes=70000-"s);
    }

    void serverThatKnowsNoRangesStartsAnew() {
        m_hub.instead = [tries = 0](const HubRequest& request) mutable -> std::optional<HubReply> {
            if (!isWeights(request))
                return std::nullopt;
            HubReply reply = Hub::give({}, kWeights);
            if (tries++ == 0)
                reply.sent = 90000;
            return reply;
        };
        QVERIFY(content(engine::fetchHubFile("hub:org/net")) == kWeights);
    }

    void wrongLengthIsToldInOneSentence_data() {
        QTest::addColumn<int>("difference");
        QTest::newRow("too short") << -10;
        QTest::newRow("too long") << 10;
    }
    void wrongLengthIsToldInOneSentence() {
        QFETCH(int, difference);
        m_hub.instead = [&](const HubRequest& request) -> std::optional<HubReply> {
            if (!isWeights(request))
                return std::nullopt;
            std::string bytes = kWeights;
            bytes.resize(static_cast<std::size_t>(200000 + difference), 'z');
            if (request.headers.contains("range"))
                return HubReply{.status = 416};
            return HubReply{.body = bytes};
        };
        expect(failureOf("hub:org/net"), engine::ErrorKind::Network, "200000 bytes", "Try again");
        QVERIFY(engine::cachedHubFile("hub:org/net").empty());
    }

    void wrongBytesAreFoundByTheirChecksum() {
        m_hub.instead = [&](const HubRequest& request) -> std::optional<HubReply> {
            if (!isWeights(request))
                return std::nullopt;
            return HubReply{.body = std::string(200000, 'z')};
        };
        expect(failureOf("hub:org/net"), engine::ErrorKind::BadWeights, "checksum", "Try again");
        QVERIFY(engine::cachedHubFile("hub:org/net").empty());
        m_hub.instead = nullptr;
        QVERIFY(content(engine::fetchHubFile("hub:org/net")) == kWeights); // nothing of it is left
    }

    void revisionsAreKeptApart() {
        const fs::path file = engine::fetchHubFile("hub:org/net@v2");
        QCOMPARE(engine::cachedHubFile("hub:org/net@v2"), file);
        QVERIFY(engine::cachedHubFile("hub:org/net").empty());
        QCOMPARE(engine::cachedHubFile("hub:org/net@" + kCommit), file);
    }

    void weakTagsNameTheSameBytes() {
        m_hub.instead = [](const HubRequest& request) -> std::optional<HubReply> {
            if (!request.path.ends_with("model.safetensors"))
                return std::nullopt;
            HubReply reply = Hub::give(request, kWeights);
            reply.headers["ETag"] = "W/\"" + sumOf(kWeights) + '"';
            return reply;
        };
        QVERIFY(content(engine::fetchHubFile("hub:org/net")) == kWeights);
        const fs::path blobs = fs::path(m_folder->path().toStdString()) / "hub" / "models--org--net" / "blobs";
        QVERIFY(fs::exists(blobs / sumOf(kWeights)));
    }

    void whatStandsBesideAFileInAFolderComesAlong() {
        m_hub.files = {{"config.json", "outer"}, {"small/config.json", "inner"}, {"small/net.safetensors", kWeights}};
        const fs::path file = engine::fetchHubFile("hub:org/net@main/small/net.safetensors");
        QVERIFY(content(file) == kWeights);
        QCOMPARE(content(file.parent_path() / "config.json"), "inner"s);
        QVERIFY(!fs::exists(file.parent_path().parent_path() / "config.json"));
    }

    void refusalsAreOneSentenceWithWhatToDo_data() {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("sentence");
        QTest::addColumn<QString>("remedy");
        QTest::newRow("401") << 401 << QStringLiteral("(401)") << QStringLiteral("HF_TOKEN");
        QTest::newRow("403") << 403 << QStringLiteral("(403)") << QStringLiteral("Accept its terms");
        QTest::newRow("404") << 404 << QStringLiteral("(404)") << QStringLiteral("spelling");
        QTest::newRow("429") << 429 << QStringLiteral("asks for a pause") << QStringLiteral("in 17 seconds");
        QTest::newRow("500") << 500 << QStringLiteral("(500)") << QStringLiteral("Try again");
        QTest::newRow("418") << 418 << QStringLiteral("(418)") << QStringLiteral("HF_ENDPOINT");
    }
    void refusalsAreOneSentenceWithWhatToDo() {
        QFETCH(int, status);
        QFETCH(QString, sentence);
        QFETCH(QString, remedy);
        const auto kind = status == 404 ? engine::ErrorKind::NotFound : engine::ErrorKind::Network;
        for (const char* where : {"/api/", "/resolve/", "GET /org/net/resolve/" /* the HEAD was good */}) {
            m_hub.instead = [&](const HubRequest& request) -> std::optional<HubReply> {
                if ((request.method + ' ' + request.path).find(where) == std::string::npos)
                    return std::nullopt;
                return HubReply{.status = status, .headers = {{"Retry-After", "17"}}, .body = "<html>refused</html>"};
            };
            expect(failureOf("hub:org/net"), kind, sentence.toStdString(), remedy.toStdString());
            QVERIFY(engine::cachedHubFile("hub:org/net").empty());
        }
    }

    void answersThatAreNoHubsAreRefused() {
        for (const char* body : {"", "<html>", "[]", "{}", R"({"sha":"../x","siblings":[]})", R"({"sha":3})"}) {
            m_hub.instead = [&](const HubRequest&) { return HubReply{.body = body}; };
            const auto error = failureOf("hub:org/net");
            QVERIFY2(error && error->kind() == engine::ErrorKind::BadWeights &&
                         std::string(error->what()).ends_with('.'),
                     body);
        }
    }

    void serverThatCannotBeReachedIsNamed() {
        m_server.reset();
        expect(failureOf("hub:org/net"), engine::ErrorKind::Network, "127.0.0.1", "HF_ENDPOINT");
    }

    void missingFilesAreNamedWithTheirNearest() {
        expect(failureOf("hub:org/net/modle.safetensors"), engine::ErrorKind::NotFound, "modle.safetensors",
               "model.safetensors");
        m_hub.files = {{"README.md", "x"}};
        expect(failureOf("hub:org/net"), engine::ErrorKind::NotFound, "no weights", "hub:org/net/FILE");
    }

    void tokenGoesToTheHubAndNowhereElse() {
        qputenv("HF_TOKEN", "hf_secret");
        tests::HubServer store([](const HubRequest& request) { return Hub::give(request, kWeights); });
        m_hub.instead = [&](const HubRequest& request) -> std::optional<HubReply> {
            if (!request.path.ends_with("model.safetensors"))
                return std::nullopt;
            return HubReply{.status = 302,
                            .headers = {{"Location", store.address("localhost") + "/blob"},
                                        {"X-Linked-Etag", "\""s + sumOf(kWeights) + '"'},
                                        {"X-Linked-Size", std::to_string(kWeights.size())}}};
        };
        QVERIFY(content(engine::fetchHubFile("hub:org/net")) == kWeights);
        for (const HubRequest& request : m_server->requests())
            QCOMPARE(request.headers.at("authorization"), "Bearer hf_secret"s);
        QCOMPARE(store.requests().size(), std::size_t{1});
        QVERIFY(!store.requests().front().headers.contains("authorization"));
        qputenv("HF_TOKEN", "two\nlines");
        QVERIFY(failureOf("hub:org/other")->kind() == engine::ErrorKind::BadInput);
    }

    void renamedRepositoriesAreFollowed() {
        m_hub.instead = [&](const HubRequest& request) -> std::optional<HubReply> {
            if (!request.path.starts_with("/org/net/"))
                return request.path.starts_with("/new/net/") ? std::optional(Hub::give(request, kWeights))
                                                             : std::nullopt;
            return HubReply{.status = 307, .headers = {{"Location", "/new/net/" + request.path.substr(9)}}};
        };
        QVERIFY(content(engine::fetchHubFile("hub:org/net")) == kWeights);
    }

    void progressGrowsAndStopKeepsWhatIsThere() {
        struct Watch final : engine::ProgressSink {
            void onProgress(const engine::Progress& progress) override {
                grew = grew && progress.step >= last && progress.steps > 0;
                last = progress.step;
                if (progress.steps == 200000 && progress.step >= 10000 && stopping)
                    stop.request_stop();
            }
            std::stop_source stop;
            std::int64_t last = 0;
            bool grew = true, stopping = true;
        } watch;
        m_hub.files.erase("config.json");
        try {
            static_cast<void>(engine::fetchHubFile("hub:org/net", watch.stop.get_token(), &watch));
            QFAIL("an error was expected");
        } catch (const engine::Error& error) {
            QVERIFY(error.kind() == engine::ErrorKind::Stopped);
        }
        QVERIFY(watch.grew && engine::cachedHubFile("hub:org/net").empty());
        watch.stopping = false;
        m_server->clear();
        QVERIFY(content(engine::fetchHubFile("hub:org/net", {}, &watch)) == kWeights);
        QCOMPARE(watch.last, std::int64_t{200000});
    }

private:
    static std::optional<engine::Error> failureOf(const std::string& name) {
        try {
            static_cast<void>(engine::fetchHubFile(name));
            return std::nullopt;
        } catch (const engine::Error& error) {
            return error;
        }
    }
    static void expect(const std::optional<engine::Error>& error, engine::ErrorKind kind, const std::string& sentence,
                       const std::string& remedy) {
        QVERIFY(error);
        QVERIFY2(error->kind() == kind, error->what());
        QVERIFY2(std::string(error->what()).find(sentence) != std::string::npos, error->what());
        QVERIFY2(std::string(error->what()).ends_with('.'), error->what());
        QVERIFY2(error->remedy().find(remedy) != std::string::npos, error->remedy().c_str());
    }

    Hub m_hub;
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<tests::HubServer> m_server;
};

QTEST_GUILESS_MAIN(TestHub)
#include "tst_hub.moc"
