#include "src/comparepart.h"

#include "src/chartexport.h"
#include "src/comparepresenter.h"
#include "src/experimentdocument.h"
#include "src/runactions.h"
#include "src/runlibrary.h"
#include "ui/compare/comparepage.h"
#include "ui/frame/mainframe.h"

namespace app {
namespace {

// Compare: the table of all runs, and those that are ticked over each other.
class ComparePart final : public Page {
public:
    ComparePart(ui::ComparePage& page, const PageContext& context)
        : Page(page), m_presenter(new ComparePresenter(page, context.runLibrary, this)) {
        m_presenter->setLabels(&context.labels);
        const RunActions* runs = &context.runs;
        connect(&page, &ui::ComparePage::activated, runs, &RunActions::open);
        connect(&page, &ui::ComparePage::deleteRequested, runs, &RunActions::remove);
        connect(&page, &ui::ComparePage::useSettingsRequested, runs, &RunActions::useSettings);
        connect(&page, &ui::ComparePage::reportRequested, this,
                [this, actions = &context.runs] { actions->report(m_presenter->shown()); });
        connect(&page, &ui::ComparePage::openFolderRequested, runs, &RunActions::openFolder);
        connect(&page, &ui::ComparePage::exportRequested, this,
                [&page, document = &context.document, frame = &context.frame](const QString& name) {
                    askChartFile(
                        page, document->projectFolder(), name,
                        [&page](const QString& file) { return page.exportChart(file); },
                        [frame](const QString& file) { frame->toasts().show(notSaved(file)); });
                });
        connect(m_presenter, &ComparePresenter::failed, this,
                [frame = &context.frame](const QString& title, const QString& detail) {
                    frame->toasts().show({.tone = ui::Tone::Danger, .title = title, .detail = detail});
                });
    }
    [[nodiscard]] bool atRest() const override { return m_presenter->atRest(); }

private:
    ComparePresenter* m_presenter;
};

} // namespace

std::unique_ptr<Page> makeComparePart(const PageContext& context) {
    return std::make_unique<ComparePart>(*new ui::ComparePage, context);
}

} // namespace app
