#include "src/livepart.h"

#include "src/chartexport.h"
#include "src/experimentdocument.h"
#include "src/livepresenter.h"
#include "src/pagekeys.h"
#include "src/runactions.h"
#include "src/runcontroller.h"
#include "src/runfork.h"
#include "src/runlibrary.h"
#include "src/values.h"
#include "ui/frame/mainframe.h"
#include "ui/live/livepage.h"

#include <QFile>

#include <algorithm>

namespace app {
namespace {

constexpr qint64 kMostOfLog = 256 * 1024; // bytes

QString endOf(const QString& file) {
    QFile log(file);
    if (!log.open(QIODevice::ReadOnly))
        return LivePresenter::tr("There is no log at %1: whoever started this rank has what it said.").arg(file);
    log.seek(std::max(qint64{0}, log.size() - kMostOfLog));
    const QString text = QString::fromUtf8(log.readAll());
    return text.isEmpty() ? LivePresenter::tr("It has said nothing.") : text;
}

// Live: one run as it trains, or as it was.
class LivePart final : public Page {
public:
    LivePart(ui::LivePage& page, const PageContext& context)
        : Page(page),
          m_page(page),
          m_context(context),
          m_presenter(new LivePresenter(page, context.controller, context.runLibrary, this)) {
        m_presenter->setLabels(&context.labels);
        wirePage();
        wirePresenter();
    }
    [[nodiscard]] bool atRest() const override { return m_presenter->atRest(); }
    void choose(const QString& id) override {
        if (const auto* run = m_context.runLibrary.find(id))
            m_presenter->show(id, words(run->folder));
    }

private:
    void wirePage() {
        RunActions* runs = &m_context.runs;
        connect(&m_page, &ui::LivePage::pauseRequested, runs, qOverload<const QString&>(&RunActions::pauseOrResume));
        connect(&m_page, &ui::LivePage::resumeRequested, runs, &RunActions::resume);
        connect(&m_page, &ui::LivePage::stopRequested, runs, qOverload<const QString&>(&RunActions::stop));
        connect(&m_page, &ui::LivePage::extendRequested, runs, &RunActions::extend);
        connect(&m_page, &ui::LivePage::forkRequested, this, [this](const QString& id, double step) {
            askToFork(m_context.frame, m_context.controller, m_context.runLibrary, id, step);
        });
        connect(&m_context.controller, &RunController::forked, m_presenter, &LivePresenter::show);
        connect(&m_page, &ui::LivePage::deleteRequested, runs, [runs](const QString& id) { runs->remove({id}); });
        connect(&m_page, &ui::LivePage::logRequested, this, [this](const QString& id) {
            if (id == m_presenter->id())
                m_context.runs.showLog(id, m_presenter->log());
        });
        connect(&m_page, &ui::LivePage::useSettingsRequested, runs, &RunActions::useSettings);
        connect(&m_page, &ui::LivePage::reportRequested, runs, [runs](const QString& id) { runs->report({id}); });
        connect(&m_page, &ui::LivePage::modelExportRequested, runs, &RunActions::exportModel);
        connect(&m_page, &ui::LivePage::openFolderRequested, runs, &RunActions::openFolder);
        connect(&m_page, &ui::LivePage::exportRequested, this, [this](const QString& name) {
            askChartFile(
                m_page, m_context.document.projectFolder(), name,
                [this](const QString& file) { return m_page.exportChart(file); },
                [this](const QString& file) { m_context.frame.toasts().show(notSaved(file)); });
        });
        connect(&m_context.frame, &ui::MainFrame::freezeViewRequested, this,
                [this] { m_page.setViewFrozen(!m_page.viewFrozen()); });
    }
    void wirePresenter() {
        connect(&m_context.runs, &RunActions::shown, m_presenter, &LivePresenter::show);
        connect(&m_context.runLibrary, &RunLibrary::removed, this, [this](const QStringList& ids) {
            if (ids.contains(m_presenter->id()))
                m_presenter->show({}, {});
        });
        connect(m_presenter, &LivePresenter::remedyChosen, &m_context.runs, &RunActions::remedy);
        connect(m_presenter, &LivePresenter::thawRefused, this, [this](const QString& sentence) {
            m_context.frame.toasts().show(
                {.tone = ui::Tone::Warning, .title = tr("The thaw plan stays as it was"), .detail = sentence});
        });
        connect(m_presenter, &LivePresenter::refused, this, [this](const QString& title, const QString& detail) {
            m_context.frame.toasts().show({.tone = ui::Tone::Danger, .title = title, .detail = detail});
        });
        connect(m_presenter, &LivePresenter::rankLogRequested, this, [this](int rank, const QString& file) {
            m_context.runs.showLog(m_presenter->id(), endOf(file), tr("rank %1").arg(rank));
        });
        connect(m_presenter, &LivePresenter::setupRequested, this,
                [this] { m_context.frame.showPage(pages::setup()); });
    }
    ui::LivePage& m_page;
    PageContext m_context;
    LivePresenter* m_presenter;
};

} // namespace

std::unique_ptr<Page> makeLivePart(const PageContext& context) {
    return std::make_unique<LivePart>(*new ui::LivePage, context);
}

} // namespace app
