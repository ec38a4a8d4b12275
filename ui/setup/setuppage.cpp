#include "ui/setup/setuppage.h"

#include "ui/controls/button.h"
#include "ui/controls/dropfield.h"
#include "ui/controls/label.h"
#include "ui/frame/pagelayout.h"
#include "ui/setup/backbonecard.h"
#include "ui/setup/datacard.h"
#include "ui/setup/devicecard.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/firststart.h"
#include "ui/setup/freezecard.h"
#include "ui/setup/recipecard.h"
#include "ui/setup/summarypanel.h"
#include "ui/setup/titlebar.h"

#include <QAbstractSpinBox>
#include <QApplication>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QPainter>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedLayout>
#include <QTimer>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kLowSetupWindow = 860;
constexpr int kWidest = 1280; // of the cards

const auto kDataPath = QStringLiteral("data.path");
const auto kWeightsKey = QStringLiteral("model.weights");

struct Dropped {
    QString key;
    QString path;
};

// A folder or a table is data, a file with a known ending is weights.
std::optional<Dropped> droppedOf(const QMimeData* mime) {
    static const QStringList tables{QStringLiteral("csv"), QStringLiteral("tsv"), QStringLiteral("jsonl"),
                                    QStringLiteral("ndjson")};
    static const QStringList endings{QStringLiteral("safetensors"), QStringLiteral("pth"), QStringLiteral("pt"),
                                     QStringLiteral("th"),          QStringLiteral("bin"), QStringLiteral("ckpt")};
    for (const auto& url : mime->urls()) {
        const QFileInfo file(url.toLocalFile());
        if (!url.isLocalFile())
            continue;
        if (file.isDir() || tables.contains(file.suffix().toLower()))
            return Dropped{kDataPath, file.absoluteFilePath()};
        if (endings.contains(file.suffix().toLower()))
            return Dropped{kWeightsKey, file.absoluteFilePath()};
    }
    return std::nullopt;
}

// Undo and Redo are the experiment's, but while a text is being typed that text's own.
class UndoPasses final : public QObject {
public:
    using QObject::QObject;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() != QEvent::ShortcutOverride)
            return false;
        const auto* key = static_cast<QKeyEvent*>(event);
        if ((!key->matches(QKeySequence::Undo) && !key->matches(QKeySequence::Redo)) || typed(watched))
            return false;
        event->ignore();
        return true;
    }

private:
    [[nodiscard]] static bool typed(QObject* editor) {
        if (const auto* lines = qobject_cast<QPlainTextEdit*>(editor))
            return lines->document()->isModified();
        const auto* line = qobject_cast<QLineEdit*>(editor);
        if (!line)
            line = editor->findChild<QLineEdit*>(); // of a spin box
        return line && line->isModified();
    }
};

// Over the form while something is dragged across it: where it can be let go, and what it becomes.
class DropOverlay final : public QWidget {
public:
    explicit DropOverlay(QWidget* page)
        : QWidget(page), m_field(new DropField), m_words(new Label({}, FontRole::PageTitle)) {
        setAttribute(Qt::WA_TransparentForMouseEvents);
        auto* all = new QVBoxLayout(this);
        all->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageTop);
        all->addWidget(m_field);
        m_words->setAlignment(Qt::AlignCenter);
        m_field->setHot(true);
        m_field->box()->addWidget(m_words);
        hide();
    }
    void showFor(const Dropped& dropped) {
        const QString name = QFileInfo(dropped.path).fileName();
        m_words->setText(dropped.key == kDataPath ? SetupPage::tr("Drop it to train on %1").arg(name)
                                                  : SetupPage::tr("Drop it to start from %1").arg(name));
        setGeometry(parentWidget()->rect());
        show();
        raise();
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        QColor ground = color(Role::Window);
        ground.setAlphaF(0.9F);
        painter.fillRect(rect(), ground);
    }

private:
    DropField* m_field;
    Label* m_words;
};

} // namespace

struct SetupPage::Impl {
    explicit Impl(SetupPage* setupPage)
        : page(setupPage),
          fields(new FieldSet(setupPage)),
          first(new FirstStart),
          title(new TitleBar(fields)),
          data(new DataCard(fields)),
          backbone(new BackboneCard(fields)),
          freeze(new FreezeCard(fields)),
          recipe(new RecipeCard(fields)),
          devices(new DeviceCard(fields)),
          panel(new SummaryPanel),
          drop(new DropOverlay(setupPage)) {}

    SetupPage* page;
    FieldSet* fields;
    QStackedLayout* stack = nullptr;
    FirstStart* first;
    PageLayout* form = nullptr;
    TitleBar* title;
    DataCard* data;
    BackboneCard* backbone;
    FreezeCard* freeze;
    RecipeCard* recipe;
    DeviceCard* devices;
    SummaryPanel* panel;
    DropOverlay* drop;

    [[nodiscard]] QList<SettingCard*> cards() const { return {data, backbone, freeze, recipe, devices}; }
    QWidget* makeContent();
    void connectAll();
    void chooseFolder();
    void chooseTable();
    void showTop(QWidget* card);
    void showFinding(int place) { page->showField(fields->findings().value(place).key); }
};

QWidget* SetupPage::Impl::makeContent() {
    auto* content = new QWidget;
    auto* middle = new QHBoxLayout(content);
    middle->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageTop);
    auto* column = new QWidget;
    column->setMaximumWidth(kWidest);
    middle->addStretch();
    middle->addWidget(column, 1000);
    middle->addStretch();
    auto* all = new QVBoxLayout(column);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(metric::kGap);
    all->addWidget(title);
    for (SettingCard* card : cards())
        all->addWidget(card);
    all->addStretch(1);
    return content;
}

void SetupPage::Impl::connectAll() {
    QObject::connect(fields, &FieldSet::edited, page, &SetupPage::valueEdited);
    QObject::connect(fields, &FieldSet::fixRequested, page, &SetupPage::fixRequested);
    QObject::connect(title, &TitleBar::openRequested, page, &SetupPage::openRequested);
    QObject::connect(title, &TitleBar::saveRequested, page, &SetupPage::saveRequested);
    QObject::connect(title, &TitleBar::sweepRequested, page, &SetupPage::sweepRequested);
    QObject::connect(devices, &DeviceCard::scalingRequested, page, &SetupPage::scalingRequested);
    QObject::connect(first, &FirstStart::sampleRequested, page, &SetupPage::sampleRequested);
    QObject::connect(first, &FirstStart::folderRequested, page, [this] { chooseFolder(); });
    QObject::connect(data, &DataCard::folderRequested, page, [this] { chooseFolder(); });
    QObject::connect(data, &DataCard::tableRequested, page, [this] { chooseTable(); });
    QObject::connect(data, &DataCard::classOpened, page, &SetupPage::classOpened);
    QObject::connect(data, &DataCard::changesRequested, page, &SetupPage::changesRequested);
    QObject::connect(backbone, &BackboneCard::detailsWanted, page, &SetupPage::backboneDetailsWanted);
    QObject::connect(backbone, &BackboneCard::downloadToggled, page, &SetupPage::weightsDownloadToggled);
    QObject::connect(freeze, &FreezeCard::blocksToggled, page, &SetupPage::blocksToggled);
    QObject::connect(freeze, &FreezeCard::thawEdited, page, &SetupPage::thawEdited);
    QObject::connect(freeze, &FreezeCard::opened, page, [this](bool open) {
        panel->setFreezeShown(open);
        if (open)
            showTop(freeze);
    });
    QObject::connect(form, &PageLayout::compactChanged, panel, &SummaryPanel::setCompact);
    QObject::connect(panel, &SummaryPanel::anotherBatchRequested, page, &SetupPage::anotherBatchRequested);
    QObject::connect(panel, &SummaryPanel::trainRequested, page, &SetupPage::trainRequested);
    QObject::connect(panel, &SummaryPanel::fixRequested, page, &SetupPage::fixRequested);
    QObject::connect(panel, &SummaryPanel::findingClicked, page, [this](int place) { showFinding(place); });
    for (SettingCard* card : cards())
        QObject::connect(card, &SettingCard::stateClicked, page, [this, card] {
            const auto& findings = fields->findings();
            for (const auto severity : {FindingSeverity::Problem, FindingSeverity::Warning})
                for (int i = 0; i < findings.size(); ++i)
                    if (findings.at(i).severity == severity && card->owns(findings.at(i).key)) {
                        showFinding(i);
                        return;
                    }
        });
}

// Scrolls so that the card begins at the top, once the layout has made room for it.
void SetupPage::Impl::showTop(QWidget* card) {
    QTimer::singleShot(0, page, [this, card] {
        QScrollArea* area = form->contentArea();
        // From the innermost out, so that what was shown or hidden just now counts.
        const auto parts = area->widget()->findChildren<QWidget*>();
        for (auto part = parts.rbegin(); part != parts.rend(); ++part)
            if ((*part)->layout())
                (*part)->layout()->activate();
        area->widget()->layout()->activate();
        area->verticalScrollBar()->setValue(card->mapTo(area->widget(), QPoint()).y() - metric::kGap);
    });
}

void SetupPage::Impl::chooseFolder() {
    auto* dialog = new QFileDialog(page, tr("Folder of pictures"), fields->value(kDataPath));
    dialog->setObjectName(QStringLiteral("folderDialog"));
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::fileSelected, page,
                     [this](const QString& path) { fields->edit(kDataPath, path); });
    dialog->open();
}

void SetupPage::Impl::chooseTable() {
    auto* dialog = new QFileDialog(page, tr("Table of pictures"), QFileInfo(fields->value(kDataPath)).absolutePath(),
                                   tr("Tables (*.csv *.tsv *.jsonl *.ndjson);;All files (*)"));
    dialog->setObjectName(QStringLiteral("tableDialog"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::fileSelected, page,
                     [this](const QString& path) { fields->edit(kDataPath, path); });
    dialog->open();
}

SetupPage::SetupPage(QWidget* parent) : QWidget(parent), m(std::make_unique<Impl>(this)) {
    setAcceptDrops(true);
    m->form = new PageLayout(m->makeContent(), m->panel, m->panel->foot(), metric::kPanelWidth);
    m->panel->addToFoot(m->form->panelButton(tr("Summary: a batch, memory, time, checks")));
    m->stack = new QStackedLayout(this);
    m->stack->addWidget(m->first);
    m->stack->addWidget(m->form);
    m->connectAll();
}

SetupPage::~SetupPage() = default;

void SetupPage::setFieldSpecs(const QList<FieldSpec>& specs) {
    m->fields->setSpecs(specs);
    m->title->build();
    for (SettingCard* card : m->cards())
        card->build();
    for (const auto& spec : specs)
        m->fields->setValue(spec.key, m->fields->value(spec.key));
    // What is dropped is for the page, wherever it falls.
    auto* passes = new UndoPasses(this);
    for (auto* line : findChildren<QLineEdit*>()) {
        line->setAcceptDrops(false);
        line->installEventFilter(passes);
    }
    for (auto* text : findChildren<QPlainTextEdit*>()) {
        text->viewport()->setAcceptDrops(false);
        text->installEventFilter(passes);
    }
    for (auto* spin : findChildren<QAbstractSpinBox*>())
        spin->installEventFilter(passes);
}

void SetupPage::setValue(const QString& key, const QString& text) { m->fields->setValue(key, text); }

QString SetupPage::value(const QString& key) const { return m->fields->value(key); }

void SetupPage::setTitleState(const TitleState& state) { m->title->setState(state); }

void SetupPage::setData(const DataState& state) {
    m->first->setSample(state.sampleName, state.sampleWords);
    m->data->setData(state);
    m->backbone->setPictures(state.train);
    QWidget* shown = state.hasFolder ? static_cast<QWidget*>(m->form) : m->first;
    if (shown == m->stack->currentWidget())
        return;
    m->stack->setCurrentWidget(shown);
    if (shown->isAncestorOf(QApplication::focusWidget())) // the stack gives it to the first field
        shown->setFocus(Qt::OtherFocusReason);
}

void SetupPage::setChangedLabels(int count) { m->data->setChangedLabels(count); }

void SetupPage::setBackbones(const QList<BackboneRow>& backbones) { m->backbone->setBackbones(backbones); }

void SetupPage::setWeights(const WeightsState& state) { m->backbone->setWeights(state); }

void SetupPage::setBackboneDetails(const BackboneDetails& details) { m->backbone->setDetails(details); }

void SetupPage::setFreeze(const FreezeState& state) { m->freeze->setFreeze(state); }

void SetupPage::setBlocks(const QList<BlockRow>& blocks) { m->freeze->setBlocks(blocks); }

void SetupPage::setThaw(const ThawPlan& plan, const QList<QPointF>& schedule) { m->freeze->setThaw(plan, schedule); }

void SetupPage::setDevices(const QList<DeviceRow>& devices, const QString& together) {
    m->devices->setDevices(devices, together);
}

void SetupPage::setLinks(const DeviceLinks& links, const DeviceChoice& choice) { m->devices->setLinks(links, choice); }

void SetupPage::setFindings(const QList<FieldFinding>& findings) {
    m->fields->setFindings(findings);
    m->panel->setFindings(findings);
}

void SetupPage::setSummary(const SummaryState& summary) { m->panel->setSummary(summary); }

void SetupPage::showField(const QString& key) {
    for (SettingCard* card : m->cards()) {
        if (!card->owns(key))
            continue;
        card->reveal(key);
        auto* editor = findChild<QWidget*>(QStringLiteral("field:") + key);
        if (editor)
            editor->setFocus(Qt::OtherFocusReason);
        // The layout has to make room for what was unfolded first.
        QTimer::singleShot(0, this, [this, card, editor] {
            m->form->contentArea()->ensureWidgetVisible(editor ? editor : card, 0, metric::kPageMargin);
        });
        return;
    }
}

void SetupPage::dragEnterEvent(QDragEnterEvent* event) {
    const auto dropped = droppedOf(event->mimeData());
    if (!dropped)
        return;
    event->acceptProposedAction();
    m->first->setHot(true);
    if (m->stack->currentWidget() == m->form)
        m->drop->showFor(*dropped);
}

void SetupPage::dragLeaveEvent(QDragLeaveEvent*) {
    m->first->setHot(false);
    m->drop->hide();
}

void SetupPage::dropEvent(QDropEvent* event) {
    m->first->setHot(false);
    m->drop->hide();
    const auto dropped = droppedOf(event->mimeData());
    if (!dropped)
        return;
    event->acceptProposedAction();
    m->fields->edit(dropped->key, dropped->path);
}

void SetupPage::resizeEvent(QResizeEvent*) {
    QTimer::singleShot(0, this, [this] { m->panel->setLow(window()->height() < kLowSetupWindow); });
}

} // namespace ui
