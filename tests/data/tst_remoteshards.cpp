// Shards on a server that fails in every way: nothing is lost or doubled, and what stays down is one sentence.
#include "engine/api/datakinds.h"
#include "engine/api/error.h"
#include "engine/api/shards.h"
#include "engine/data/dataset.h"
#include "engine/data/imagefile.h"
#include "engine/data/picturereader.h"
#include "tests/data/shards.h"
#include "tests/models/hubserver.h"
#include "tests/support/refusal.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>

namespace fs = std::filesystem;
using namespace engine;
using tests::HubReply;
using tests::HubRequest;
using tests::refusal;

namespace {

// Serves files as object stores do, but for what `fault` makes of an answer.
class ShardServer final {
public:
    using Fault = std::function<void(const HubRequest&, HubReply&)>;

    void put(const std::string& name, std::string content) { m_files["/" + name] = std::move(content); }
    void setFault(Fault fault) { m_fault = std::move(fault); }
    void setRanges(const std::string& ranges) { m_ranges = ranges == "yes"; }
    [[nodiscard]] std::string address(const std::string& name = {}) const { return m_server.address() + "/set" + name; }
    [[nodiscard]] std::vector<HubRequest> gets() const {
        std::vector<HubRequest> all = m_server.requests();
        std::erase_if(all, [](const HubRequest& one) { return one.method != "GET" || !one.path.ends_with(".tar"); });
        return all;
    }
    void clear() { m_server.clear(); }

private:
    HubReply answer(const HubRequest& request) {
        const auto found = m_files.find(request.path);
        if (found == m_files.end())
            return {.status = 404};
        const QByteArray size = QByteArray::number(qint64(found->second.size()));
        HubReply reply{.headers = {{"ETag", ('"' + size + '"').toStdString()}}, .body = found->second};
        const auto range = request.headers.find("range");
        if (m_ranges && range != request.headers.end()) {
            const std::size_t from = std::stoul(range->second.substr(6));
            reply.status = 206;
            reply.headers["Content-Range"] = ("bytes " + QByteArray::number(qint64(from)) + "-" +
                                              QByteArray::number(qint64(found->second.size()) - 1) + "/" + size)
                                                 .toStdString();
            reply.body = found->second.substr(from);
        }
        if (m_fault)
            m_fault(request, reply);
        if (request.method == "HEAD") {
            reply.headers.try_emplace("Content-Length", std::to_string(reply.body.size()));
            reply.body.clear();
        }
        return reply;
    }

    std::map<std::string, std::string> m_files;
    Fault m_fault;
    bool m_ranges = true;
    tests::HubServer m_server{[this](const HubRequest& request) { return answer(request); }};
};

} // namespace

class TestRemoteShards final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<tests::PictureFolder>();
        m_server = std::make_unique<ShardServer>();
        qputenv("THAW_CACHE", QByteArray::fromStdString((m_folder->path() / "cache").string()));
        qputenv("THAW_NETWORK_PATIENCE", "5");
        for (int i = 0; i < 3; ++i)
            m_server->put("set/train-" + std::to_string(i) + ".tar", tests::tarOf(tests::catsAndDogs(10 * i, 10)));
        m_server->put("set/val-0.tar", tests::tarOf(tests::catsAndDogs(100, 4)));
        m_experiment = {};
        m_experiment.data.path = m_server->address("/{train-0,train-1,train-2,val-0}.tar");
    }
    void cleanupTestCase() {
        for (const char* name : {"THAW_CACHE", "THAW_NETWORK_PATIENCE", "THAW_SHARD_CACHE"})
            qunsetenv(name);
    }

    void shardsOfAServerAreReadThroughTheCache() {
        QVERIFY(isDataThere(m_experiment.dataPath()) && areShards(m_experiment.dataPath()));
        QVERIFY(
            std::ranges::none_of(validate(m_experiment), [](const Finding& one) { return one.key == "data.path"; }));
        requireWhole();
        m_server->clear();
        requireWhole(); // of the cache
        QVERIFY(m_server->gets().empty());
    }

    void faultsOfTheMomentLoseNothing_data() {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<bool>("ranges");
        for (const char* fault : {"cut", "503", "429", "short", "long", "closed"})
            for (const bool ranges : {true, false})
                QTest::addRow("%s%s", fault, ranges ? "" : " without ranges") << QString::fromLatin1(fault) << ranges;
    }
    void faultsOfTheMomentLoseNothing() {
        QFETCH(QString, fault);
        QFETCH(bool, ranges);
        m_server->setRanges(ranges ? "yes" : "no");
        std::map<std::string, int> tries;
        m_server->setFault([&, kind = fault.toStdString()](const HubRequest& request, HubReply& reply) {
            if (request.method == "HEAD" || tries[request.path]++ >= (kind == "cut" ? 2 : 1))
                return;
            if (kind == "cut")
                reply.sent = reply.body.size() / 3;
            else if (kind == "closed")
                reply.sent = 0;
            else if (kind == "short")
                reply.body.resize(reply.body.size() / 2);
            else if (kind == "long")
                reply.body += std::string(700, 'x');
            else
                reply = {.status = std::stoi(kind)};
        });
        requireWhole();
        if (fault == QStringLiteral("cut"))
            QCOMPARE(std::ranges::any_of(m_server->gets(),
                                         [](const HubRequest& one) { return one.headers.contains("range"); }),
                     true);
    }

    void whatIsRefusedIsSaidAtOnce() {
        m_server->setFault([](const HubRequest& request, HubReply& reply) {
            if (request.path.ends_with("train-1.tar") && request.method == "GET")
                reply = {.status = 403};
        });
        const std::string words = refusal([&] { (void)openData(m_experiment); });
        QCOMPARE(words, "The server refuses " + m_server->address("/train-1.tar") + " (HTTP 403).");
        m_experiment.data.path = m_server->address("/train-{0..9}.tar");
        m_server->setFault({});
        QVERIFY(refusal([&] { (void)openData(m_experiment); }).starts_with("The server has no "));
        m_experiment.data.path = m_server->address();
        QVERIFY(refusal([&] { (void)openData(m_experiment); }).find("index.json") != std::string::npos);
    }

    void whatStaysDownIsOneSentenceAndGoesOnWhereItEnded() {
        qputenv("THAW_NETWORK_PATIENCE", "0.3");
        std::atomic<bool> down = true;
        m_server->setFault([&](const HubRequest& request, HubReply& reply) {
            if (down && request.method == "GET" && request.path.ends_with("train-2.tar"))
                reply.sent = request.headers.contains("range") ? 0 : 3000;
        });
        const std::string words = refusal([&] { (void)openData(m_experiment); });
        QVERIFY2(words.starts_with(m_server->address("/train-2.tar") + " cannot be had from 127.0.0.1"), words.c_str());
        down = false;
        m_server->clear();
        requireWhole();
        auto gets = m_server->gets();
        std::erase_if(gets, [](const HubRequest& one) { return !one.path.ends_with("train-2.tar"); });
        QCOMPARE(gets.size(), std::size_t(1));
        QCOMPARE(gets[0].headers.at("range"), std::string("bytes=3000-"));
    }

    void aFolderWithAnIndexIsChecked() {
        Experiment folder;
        folder.data.path = m_folder->path() / "in";
        for (const char* name : {"in/train/cat", "in/train/dog", "in/val/cat", "in/val/dog"})
            m_folder->pictures(name, 12);
        writeShards(folder, m_folder->path() / "out", {.shardBytes = 30'000});
        for (const auto& entry : fs::directory_iterator(m_folder->path() / "out"))
            if (entry.is_regular_file())
                m_server->put("mine/" + entry.path().filename().string(), readFile(entry.path()));
        std::string address = m_server->address();
        address.replace(address.size() - 3, 3, "mine");
        m_experiment.data.path = address;
        const ImageFolder found = openData(m_experiment);
        QCOMPARE(found.train.size(), std::size_t(24));
        QCOMPARE(found.classes.front(), std::string("cat"));
        QCOMPARE(ImageFile(found.root / found.validation[0].file).width(), 20); // by its path
        std::string bytes = readFile(m_folder->path() / "out/train-000001.tar");
        bytes[600] = static_cast<char>(bytes[600] ^ 1);
        m_server->put("mine/train-000001.tar", bytes);
        fs::remove_all(m_folder->path() / "cache");
        qputenv("THAW_NETWORK_PATIENCE", "0.1");
        QVERIFY(refusal([&] { (void)openData(m_experiment); }).find("SHA-256") != std::string::npos);
    }

    void anObjectStoreIsAskedWithASignature() {
        const auto address = m_server->address();
        qputenv("AWS_ENDPOINT_URL", QByteArray::fromStdString(address.substr(0, address.size() - 4)) + "/");
        qputenv("AWS_CONFIG_FILE", "/nowhere");
        m_folder->bytes("credentials", "[default]\naws_access_key_id = nobody\n[mine]\naws_access_key_id = key:id\n"
                                       "aws_secret_access_key=secret\nregion = eu-north-1\n");
        qputenv("AWS_SHARED_CREDENTIALS_FILE", QByteArray::fromStdString((m_folder->path() / "credentials").string()));
        qputenv("AWS_PROFILE", "mine");
        m_server->put("set/a%20b%2B-0.tar", tests::tarOf(tests::catsAndDogs(0, 10)));
        m_experiment.data.path = "s3://set/a b+-0.tar";
        QCOMPARE(m_experiment.dataPath().string(), std::string("s3://set/a b+-0.tar"));
        const ImageFolder folder = openData(m_experiment);
        QCOMPARE(folder.train.size(), std::size_t(8));
        QCOMPARE(folder.train[0].file.substr(0, 12), std::string("a b+-0.tar/1"));
        const HubRequest request = m_server->gets().front();
        QVERIFY(request.headers.at("authorization").starts_with("AWS4-HMAC-SHA256 Credential=key:id/"));
        QVERIFY(request.headers.at("authorization").find("/eu-north-1/s3/aws4_request") != std::string::npos);
        QCOMPARE(request.headers.at("x-amz-content-sha256").size(), std::size_t(64));
        // One that has expired, and a new one.
        fs::remove_all(m_folder->path() / "cache");
        m_server->setFault([](const HubRequest& asked, HubReply& reply) {
            if (asked.method == "GET" && asked.headers.at("authorization").find("=new/") == std::string::npos)
                reply = {.status = 400, .body = "<Error><Code>ExpiredToken</Code></Error>"};
        });
        QCOMPARE(refusal([&] { (void)openData(m_experiment); }),
                 std::string("The server refuses s3://set/a b+-0.tar (HTTP 400, ExpiredToken)."));
        qputenv("AWS_ACCESS_KEY_ID", "new");
        qputenv("AWS_SECRET_ACCESS_KEY", "secret");
        qputenv("AWS_SESSION_TOKEN", "token");
        QCOMPARE(openData(m_experiment).fingerprint, folder.fingerprint);
        QCOMPARE(m_server->gets().back().headers.at("x-amz-security-token"), std::string("token"));
        qunsetenv("AWS_ENDPOINT_URL");
        QVERIFY(refusal([&] { (void)openData(m_experiment); }).starts_with("Where s3://"));
        for (const char* name : {"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE", "AWS_ACCESS_KEY_ID",
                                 "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
            qunsetenv(name);
    }

    // With room for one shard, and a server that goes away in the middle of an epoch.
    void anEpochThatLosesItsServerIsGoneOnWith() {
        qputenv("THAW_SHARD_CACHE", "0.001M");
        const ImageFolder folder = openData(m_experiment);
        qputenv("THAW_NETWORK_PATIENCE", "0.1");
        const auto read = [&](std::int64_t first, std::vector<std::int64_t>& ids) {
            Loader loader = pictureLoader(folder, folder.train,
                                          {.batchSize = 5,
                                           .preprocess = {.imageSize = 12, .resizeSize = 13},
                                           .training = true,
                                           .seed = 5,
                                           .firstSample = first,
                                           .workers = 2,
                                           .prefetch = 1,
                                           .patience = std::chrono::milliseconds(100)});
            for (Batch batch; loader.next(batch);)
                ids.insert(ids.end(), batch.ids.begin(), batch.ids.end());
            return loader.skipped().size();
        };
        std::atomic<int> left = 12;
        m_server->setFault([&](const HubRequest& request, HubReply& reply) {
            if (request.method == "GET" && left-- <= 0)
                reply = {.status = 503};
        });
        std::vector<std::int64_t> ids;
        const std::string words = refusal([&] { (void)read(0, ids); });
        QVERIFY2(words.find("The pictures are gone") != std::string::npos, words.c_str());
        QVERIFY(ids.size() < 30);
        left = 1'000'000;
        QCOMPARE(read(static_cast<std::int64_t>(ids.size()), ids), std::size_t(0));
        QVERIFY(ids == EpochOrder(folder.train, 5, 0).all());
        qunsetenv("THAW_SHARD_CACHE");
    }

    void aLoaderThatWaitsForAServerEndsWhenItIsCancelled() {
        qputenv("THAW_SHARD_CACHE", "0.001M");
        const ImageFolder folder = openData(m_experiment);
        qputenv("THAW_NETWORK_PATIENCE", "86400"); // the test's own limit is far less
        std::atomic<int> refused = 0;
        m_server->setFault([&](const HubRequest& request, HubReply& reply) {
            if (request.method == "GET") {
                reply = {.status = 503};
                ++refused;
            }
        });
        {
            Loader loader = pictureLoader(folder, folder.train,
                                          {.batchSize = 5,
                                           .preprocess = {.imageSize = 12, .resizeSize = 13},
                                           .training = true,
                                           .seed = 5,
                                           .workers = 2});
            QTRY_VERIFY(refused > 0);
            loader.cancel();
            Batch batch;
            QVERIFY(!loader.next(batch));
            QVERIFY(loader.skipped().empty());
        }
        qunsetenv("THAW_NETWORK_PATIENCE");
        qunsetenv("THAW_SHARD_CACHE");
    }

private:
    void requireWhole() {
        const ImageFolder folder = openData(m_experiment);
        QCOMPARE(folder.train.size(), std::size_t(30));
        QCOMPARE(folder.validation.size(), std::size_t(4));
        for (std::size_t i = 0; i < folder.train.size(); ++i) {
            const std::string content = tests::png(static_cast<int>(i));
            QVERIFY(std::ranges::equal(ImageFile(folder.root, folder.train[i]).content(), content,
                                       [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); }));
        }
        QVERIFY(folder.notes.findings.empty());
    }

    std::unique_ptr<tests::PictureFolder> m_folder;
    std::unique_ptr<ShardServer> m_server;
    Experiment m_experiment;
};

QTEST_GUILESS_MAIN(TestRemoteShards)
#include "tst_remoteshards.moc"
