#include "src/trypart.h"

#include "src/pagekeys.h"
#include "src/runactions.h"
#include "src/runlibrary.h"
#include "src/trypresenter.h"
#include "ui/frame/mainframe.h"
#include "ui/try/trypage.h"

namespace app {
namespace {

// Try: what a model makes of pictures.
class TryPart final : public Page {
public:
    TryPart(ui::TryPage& page, const PageContext& context)
        : Page(page), m_page(page), m_presenter(new TryPresenter(page, context.runLibrary, this)) {
        connect(m_presenter, &TryPresenter::setupRequested, this,
                [frame = &context.frame] { frame->showPage(pages::setup()); });
        connect(m_presenter, &TryPresenter::failed, this,
                [frame = &context.frame](const QString& title, const QString& detail) {
                    frame->toasts().show({.tone = ui::Tone::Danger, .title = title, .detail = detail});
                });
        connect(&page, &ui::TryPage::exportRequested, &context.runs, &RunActions::exportModel);
        connect(&context.runs, &RunActions::tryRequested, this, [this, frame = &context.frame](const QString& id) {
            m_presenter->setModel(id);
            frame->showPage(pages::tryOut());
        });
    }
    [[nodiscard]] bool atRest() const override { return m_presenter->atRest(); }
    void choose(const QString& run) override {
        if (m_page.isVisible())
            m_presenter->setModel(run);
    }

private:
    ui::TryPage& m_page;
    TryPresenter* m_presenter;
};

} // namespace

std::unique_ptr<Page> makeTryPart(const PageContext& context) {
    return std::make_unique<TryPart>(*new ui::TryPage, context);
}

} // namespace app
