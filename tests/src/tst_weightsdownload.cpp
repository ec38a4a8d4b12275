// Weights that are not here, fetched from a hub with the button in Setup.
#include "engine/base/sha256.h"
#include "src/experimentdocument.h"
#include "src/setuppresenter.h"
#include "tests/models/hubserver.h"
#include "ui/setup/setuppage.h"
#include "ui/theme.h"

#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <atomic>

using namespace app;
using namespace std::string_literals;
using tests::HubReply;
using tests::HubRequest;

namespace {

QString text(const char* words) { return QString::fromUtf8(words); }

// The first convolution of ResNet-18 alone, as a safetensors file.
std::string stem() {
    const std::string header = R"({"conv1.weight":{"dtype":"F32","shape":[64,3,7,7],"data_offsets":[0,37632]}})";
    const auto length = static_cast<std::uint64_t>(header.size());
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + std::string(37632, '\0');
}

// A hub whose one repository is that of ResNet-18's usual weights.
HubReply answer(const HubRequest& request) {
    const std::string commit(40, 'c');
    if (request.path.starts_with("/api/models/timm/resnet18.tv_in1k/"))
        return {.body = R"({"sha":")" + commit + R"(","siblings":[{"rfilename":"model.safetensors"}]})"};
    if (request.path != "/timm/resnet18.tv_in1k/resolve/" + commit + "/model.safetensors")
        return {.status = 404, .body = "Entry not found"};
    engine::Sha256 sum;
    sum.add(stem());
    return {.headers = {{"ETag", '"' + sum.hex() + '"'}}, .body = stem()};
}

} // namespace

class TestWeightsDownload final : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { ui::Theme::install(*qApp); }

    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        for (const char* name : {"HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN", "XDG_CACHE_HOME", "http_proxy",
                                 "HTTP_PROXY", "all_proxy", "ALL_PROXY"})
            qunsetenv(name);
        qputenv("HF_HOME", m_folder->path().toUtf8());
        qputenv("THAW_CACHE", m_folder->filePath(text("thaw")).toUtf8());
        m_fails = false;
        m_server = std::make_unique<tests::HubServer>(
            [this](const HubRequest& request) { return m_fails ? HubReply{.status = 503} : answer(request); });
        qputenv("HF_ENDPOINT", QByteArray::fromStdString(m_server->address()));
        m_page = std::make_unique<ui::SetupPage>();
        m_document = std::make_unique<ExperimentDocument>();
        m_presenter = std::make_unique<SetupPresenter>(*m_page, *m_document);
        m_document->startNew({}, m_folder->path());
        Q_EMIT m_page->valueEdited(text("model.backbone"), text("resnet18"));
    }
    void cleanup() {
        m_presenter.reset();
        m_document.reset();
        m_page.reset();
        m_server.reset();
    }

    void oneClickFetchesThemAndTheyAreUsed() {
        QTRY_VERIFY(!button()->isHidden());
        QCOMPARE(button()->text(), text("Download"));
        QTRY_COMPARE(line()->placeholderText(), text("Not here. About 47 MB, from timm/resnet18.tv_in1k"));
        QVERIFY(says("Download"));
        button()->click();
        QTRY_VERIFY(m_presenter->analysis().weights().value());
        QCOMPARE(m_presenter->analysis().weights().value()->matched, 1);
        QTRY_VERIFY(button()->isHidden());
        QVERIFY(!says("are not on this machine"));
        QTRY_VERIFY(m_presenter->analysis().machine().value() &&
                    m_presenter->analysis().machine().value()->localWeights.contains(text("resnet18")));
    }

    void aHubThatFailsIsSaidAndCanBeAskedAgain() {
        m_fails = true;
        QTRY_VERIFY(!button()->isHidden());
        button()->click();
        QTRY_VERIFY(says("503"));
        QCOMPARE(button()->text(), text("Download"));
        m_fails = false;
        button()->click();
        QTRY_VERIFY(m_presenter->analysis().weights().value());
        QVERIFY(!says("503"));
    }

    void whatIsOnNoHubHasNoButton() {
        Q_EMIT m_page->valueEdited(text("model.backbone"), text("squeezenet1_1"));
        QTRY_VERIFY(line()->placeholderText().contains(text("squeezenet1_1-b8a52dc0.pth")));
        QVERIFY(button()->isHidden());
    }

private:
    QAbstractButton* button() const { return m_page->findChild<QAbstractButton*>(text("downloadButton")); }
    QLineEdit* line() const { return m_page->findChild<QLineEdit*>(text("field:model.weights")); }
    bool says(const char* words) const {
        const auto labels = m_page->findChildren<QLabel*>();
        return std::ranges::any_of(labels, [words](const QLabel* label) {
            return label->text().contains(QString::fromUtf8(words)) ||
                   label->toolTip().contains(QString::fromUtf8(words));
        });
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::atomic<bool> m_fails = false;
    std::unique_ptr<tests::HubServer> m_server;
    std::unique_ptr<ui::SetupPage> m_page;
    std::unique_ptr<ExperimentDocument> m_document;
    std::unique_ptr<SetupPresenter> m_presenter;
};

QTEST_MAIN(TestWeightsDownload)
#include "tst_weightsdownload.moc"
