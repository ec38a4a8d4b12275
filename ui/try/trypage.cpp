#include "ui/try/trypage.h"

#include "ui/controls/button.h"
#include "ui/controls/dropfield.h"
#include "ui/controls/emptystate.h"
#include "ui/controls/label.h"
#include "ui/controls/progressbar.h"
#include "ui/controls/statuschip.h"
#include "ui/controls/surface.h"
#include "ui/controls/watched.h"
#include "ui/format.h"
#include "ui/frame/pagelayout.h"
#include "ui/try/answerpanel.h"
#include "ui/try/heatoverlay.h"
#include "ui/try/pictureview.h"
#include "ui/try/resultmodel.h"
#include "ui/try/resulttable.h"

#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMimeData>
#include <QShortcut>
#include <QStackedLayout>
#include <QTimer>
#include <QVBoxLayout>

#include <functional>
#include <limits>

namespace ui {
namespace {

QStringList localFiles(const QMimeData* mime) {
    QStringList files;
    for (const auto& url : mime->urls())
        if (url.isLocalFile())
            files.append(url.toLocalFile());
    return files;
}

constexpr int kBetweenPictures = 20;
constexpr int kLeastPicture = 160; // wide: its title stands above it

// A picture with its title above and a line below it.
struct Framed {
    QWidget* widget;
    Label* words;
    PictureView* view;
    Label* left;
    Label* right;
    QHBoxLayout* head;
};

Framed framed(const QString& title) {
    Framed made{new QWidget,
                new Label({}, FontRole::Label, Role::Muted),
                new PictureView,
                new Label({}, FontRole::Mono),
                new Label({}, FontRole::Label, Role::Muted),
                new QHBoxLayout};
    auto* all = new QVBoxLayout(made.widget);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(8);
    made.head->setSpacing(8);
    made.head->addStrut(metric::kSmallButtonHeight);
    made.head->addWidget(new Label(title, FontRole::ChartTitle));
    made.words->setElide(Qt::ElideRight);
    made.head->addWidget(made.words, 1);
    all->addLayout(made.head);
    all->addWidget(made.view, 1);
    auto* foot = new QHBoxLayout;
    foot->setSpacing(8);
    made.left->setElide(Qt::ElideMiddle);
    foot->addWidget(made.left, 1);
    made.right->setElide(Qt::ElideRight);
    foot->addWidget(made.right);
    foot->addStrut(16);
    all->addLayout(foot);
    return made;
}

} // namespace

struct TryPage::Impl {
    explicit Impl(TryPage* tryPage) : page(tryPage), results(new ResultModel(tryPage)) {}

    TryPage* page;
    ResultModel* results;
    QStackedLayout* stack = nullptr;
    QComboBox* models = nullptr;
    Label* modelDetail = nullptr;
    Surface* pictures = nullptr;
    QWidget* pictureRow = nullptr;
    Framed given{};
    Framed seen{};
    Surface* compactAnswer = nullptr;
    Label* compactSentence = nullptr;
    StatusChip* compactChip = nullptr;
    Label* compactOthers = nullptr;
    bool compact = false; // the panel is away
    Label* count = nullptr;
    Label* busyWords = nullptr;
    ProgressBar* busy = nullptr;
    Button* copy = nullptr;
    Button* clear = nullptr;
    ResultTable* table = nullptr;
    DropField* drop = nullptr;
    AnswerPanel* panel = nullptr;
    QList<TryModel> known;
    QString current;
    QImage large; // of the current one
    QImage asSeen;
    QString asSeenWords;
    QCheckBox* heatBox = nullptr;
    QComboBox* heatMethod = nullptr;
    TryHeat heat;

    QHBoxLayout* header = nullptr;
    QWidget* makeHeader();
    QWidget* makePictures();
    QWidget* makeCompactAnswer();
    void showCompactAnswer() const;
    void fitPictures() const;
    QWidget* makeResults();
    void showModel();
    void showSeen() const;
    void toggleHeat();
    void showCurrent();
    void choose(const QString& file);
    void openPictures();
    [[nodiscard]] const TryResult* currentResult() const {
        const int row = results->rowOf(current);
        return row < 0 ? nullptr : &results->results().at(row);
    }
};

QWidget* TryPage::Impl::makeHeader() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    header = row;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    row->addWidget(new Label(tr("Try"), FontRole::PageTitle));
    row->addSpacing(8);
    row->addWidget(new Label(tr("Model"), FontRole::Label, Role::Muted));
    models = new QComboBox;
    models->setObjectName(QStringLiteral("modelChoice"));
    models->setAccessibleName(tr("Model"));
    models->setToolTip(tr("The best checkpoint of a run"));
    models->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    models->setMinimumContentsLength(26);
    row->addWidget(models);
    modelDetail = new Label({}, FontRole::Label, Role::Muted);
    modelDetail->setElide(Qt::ElideRight);
    row->addWidget(modelDetail, 1);
    auto* take = new Button(QStringLiteral("package-check"), tr("Export…"));
    take->setObjectName(QStringLiteral("exportModel"));
    take->setToolTip(tr("Write this model for other programs"));
    row->addWidget(take);
    QObject::connect(take, &Button::clicked, page,
                     [this] { Q_EMIT page->exportRequested(models->currentData().toString()); });
    auto* open = new Button(QStringLiteral("folder-open"), tr("Open pictures…"), Button::Kind::Primary);
    open->setObjectName(QStringLiteral("openPictures"));
    row->addWidget(open);
    QObject::connect(open, &Button::clicked, page, [this] { openPictures(); });
    QObject::connect(models, &QComboBox::activated, page, [this](int index) {
        showModel();
        Q_EMIT page->modelChosen(models->itemData(index).toString());
    });
    return made;
}

QWidget* TryPage::Impl::makePictures() {
    pictures = new Surface(metric::kCardPadding - 4);
    auto* both = new Watched;
    pictureRow = both;
    both->resized = [this] { QTimer::singleShot(0, page, [this] { fitPictures(); }); };
    auto* row = new QHBoxLayout(both);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(kBetweenPictures);
    given = framed(tr("The picture"));
    seen = framed(tr("As the model sees it"));
    given.view->setObjectName(QStringLiteral("picture"));
    seen.view->setObjectName(QStringLiteral("seen"));
    heatBox = new QCheckBox(tr("Heat map"));
    heatBox->setObjectName(QStringLiteral("heatMap"));
    heatBox->setToolTip(tr("Where in the picture lies what speaks for the answer (H)"));
    seen.head->addWidget(heatBox);
    heatMethod = new QComboBox;
    heatMethod->setObjectName(QStringLiteral("heatMethod"));
    heatMethod->setAccessibleName(tr("Method of the heat map"));
    heatMethod->addItems({tr("Grad-CAM"), tr("Attention")});
    heatMethod->setItemData(0, tr("What speaks for the answer, at the last map of the network"), Qt::ToolTipRole);
    heatMethod->setItemData(
        1, tr("Attention rollout: what reaches the class token through all blocks of a transformer"), Qt::ToolTipRole);
    heatMethod->hide();
    heatBox->setMinimumHeight(heatMethod->sizeHint().height()); // the picture stays where it is when it comes
    seen.head->addWidget(heatMethod);
    QObject::connect(heatMethod, &QComboBox::activated, page, [this] {
        heat = {};
        toggleHeat();
    });
    QObject::connect(heatBox, &QCheckBox::toggled, page, [this] { toggleHeat(); });
    auto* key = new QShortcut(Qt::Key_H, page);
    key->setContext(Qt::WidgetWithChildrenShortcut);
    QObject::connect(key, &QShortcut::activated, heatBox, &QCheckBox::toggle);
    row->addStretch(1);
    row->addWidget(given.widget, 1000);
    row->addWidget(seen.widget, 1000);
    row->addStretch(1);
    pictures->box()->addWidget(both, 1);
    pictures->hide();
    return pictures;
}

// Each is as wide as its picture, so that what room is left lies beside both and not between them.
void TryPage::Impl::fitPictures() const {
    const int half = (pictureRow->width() - kBetweenPictures) / 2;
    for (const Framed* frame : {&given, &seen}) {
        const int least = std::max(kLeastPicture, std::min(half, frame->head->sizeHint().width())); // no head is cut
        frame->widget->setMaximumWidth(std::clamp(frame->view->widthFor(half), least, std::max(least, half)));
    }
}

// Where the panel with the answer is away, the answer stands above the pictures in one line.
QWidget* TryPage::Impl::makeCompactAnswer() {
    compactAnswer = new Surface(metric::kCardPadding - 4);
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    compactSentence = new Label({}, FontRole::SectionTitle);
    compactSentence->setObjectName(QStringLiteral("compactAnswer"));
    compactSentence->setElide(Qt::ElideMiddle);
    row->addWidget(compactSentence);
    compactChip = new StatusChip(StatusChip::Look::Filled);
    row->addWidget(compactChip);
    compactOthers = new Label({}, FontRole::Label, Role::Muted);
    compactOthers->setElide(Qt::ElideRight);
    row->addWidget(compactOthers, 1);
    compactAnswer->box()->addLayout(row);
    compactAnswer->hide();
    return compactAnswer;
}

void TryPage::Impl::showCompactAnswer() const {
    const TryResult* result = currentResult();
    compactAnswer->setVisible(compact && result);
    if (!result)
        return;
    const bool answered = result->problem.isEmpty() && !result->top.isEmpty();
    compactSentence->setText(answerWords(result));
    compactChip->setVisible(answered);
    compactOthers->setVisible(answered);
    if (!answered)
        return;
    const TryClass& best = result->top.first();
    compactChip->setState(
        best.probability >= kUnsure ? Tone::Success : Tone::Warning,
        (best.probability >= kUnsure ? tr("Sure: %1") : tr("Unsure: %1")).arg(formatPercent(best.probability)));
    QStringList others;
    for (const TryClass& one : result->top.mid(1))
        others.append(QStringLiteral("%1 %2").arg(one.label, formatPercent(one.probability)));
    compactOthers->setText(others.join(QStringLiteral(",  ")));
}

QWidget* TryPage::Impl::makeResults() {
    auto* made = new Surface(metric::kCardPadding - 4);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new Label(tr("Results"), FontRole::ChartTitle));
    count = new Label({}, FontRole::Label, Role::Muted);
    head->addWidget(count);
    head->addStretch();
    busyWords = new Label({}, FontRole::Label, Role::Muted);
    busyWords->setObjectName(QStringLiteral("busy"));
    head->addWidget(busyWords);
    busy = new ProgressBar;
    busy->setFixedWidth(96);
    busy->hide();
    head->addWidget(busy);
    copy = new Button(QStringLiteral("copy"), tr("Copy as table"), Button::Kind::Ghost);
    copy->setObjectName(QStringLiteral("copyTable"));
    copy->setSmall();
    clear = new Button(tr("Clear"), Button::Kind::Ghost);
    clear->setObjectName(QStringLiteral("clear"));
    clear->setSmall();
    head->addWidget(copy);
    head->addWidget(clear);
    head->addStrut(metric::kSmallButtonHeight);
    made->box()->addLayout(head);

    auto* row = new QHBoxLayout;
    row->setSpacing(16);
    table = new ResultTable;
    table->setObjectName(QStringLiteral("results"));
    table->setModel(results);
    row->addWidget(table, 1);
    drop = new DropField;
    drop->setObjectName(QStringLiteral("dropField"));
    drop->setMinimumWidth(168);
    drop->box()->addStretch();
    drop->box()->addWidget(new IconLabel(QStringLiteral("image-plus"), 20), 0, Qt::AlignHCenter);
    drop->box()->addWidget(new Label(tr("Drop pictures here"), FontRole::Strong), 0, Qt::AlignHCenter);
    for (const auto& line : {tr("or a folder,"), tr("or paste with Ctrl V")})
        drop->box()->addWidget(new Label(line, FontRole::Label, Role::Muted), 0, Qt::AlignHCenter);
    drop->box()->addStretch();
    drop->box()->setSpacing(4);
    row->addWidget(drop);
    made->box()->addLayout(row, 1);
    made->setMinimumHeight(180);

    QObject::connect(copy, &Button::clicked, page,
                     [this] { QGuiApplication::clipboard()->setText(results->asTable()); });
    QObject::connect(clear, &Button::clicked, page, &TryPage::cleared);
    QObject::connect(table->selectionModel(), &QItemSelectionModel::currentRowChanged, page,
                     [this](const QModelIndex& index) {
                         if (index.isValid())
                             choose(results->results().at(index.row()).file);
                     });
    return made;
}

void TryPage::Impl::showModel() { modelDetail->setText(known.value(models->currentIndex()).detail); }

void TryPage::Impl::choose(const QString& file) {
    if (file == current)
        return;
    current = file;
    large = {};
    asSeen = {};
    asSeenWords.clear();
    heat = {};
    showSeen();
    showCurrent();
    Q_EMIT page->currentChanged(file);
}

void TryPage::Impl::showSeen() const {
    const bool hot = heatBox->isChecked() && !heat.isEmpty();
    seen.view->setPicture(hot ? withHeat(asSeen, heat) : asSeen);
    seen.words->setText(asSeenWords);
    seen.right->setText(heatBox->isChecked() ? heat.words : QString());
}

void TryPage::Impl::toggleHeat() {
    heatMethod->setVisible(heatBox->isChecked());
    showSeen();
    if (heatBox->isChecked() && heat.isEmpty() && !current.isEmpty())
        Q_EMIT page->heatWanted(current);
}

void TryPage::Impl::showCurrent() {
    const TryResult* result = currentResult();
    panel->setResult(result);
    showCompactAnswer();
    pictures->setVisible(result && result->problem.isEmpty());
    if (!result)
        return;
    given.view->setPicture(large.isNull() ? result->thumbnail : large);
    given.left->setText(QFileInfo(result->file).fileName());
    given.right->setText(result->width > 0 ? QStringLiteral("%1 × %2").arg(result->width).arg(result->height)
                                           : QString());
    fitPictures();
}

void TryPage::Impl::openPictures() {
    auto* dialog = new QFileDialog(page, tr("Pictures to try"));
    dialog->setObjectName(QStringLiteral("picturesDialog"));
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setNameFilters(
        {tr("Pictures (*.jpg *.jpeg *.jpe *.jfif *.png *.webp *.bmp *.dib *.gif *.tif *.tiff *.ppm *.pgm *.pbm *.pnm "
            "*.heic *.heif *.hif *.avif)"),
         tr("All files (*)")});
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    QObject::connect(dialog, &QFileDialog::filesSelected, page, &TryPage::filesChosen);
    dialog->open();
}

TryPage::TryPage(QWidget* parent) : QWidget(parent), m(std::make_unique<Impl>(this)) {
    setAcceptDrops(true);
    setFocusPolicy(Qt::ClickFocus);
    m->stack = new QStackedLayout(this);
    auto* empty =
        new EmptyState(QStringLiteral("scan-eye"), tr("No trained model yet"),
                       tr("Train one in Setup; then drop a picture here and see what it says."), tr("Go to Setup"));
    m->stack->addWidget(empty);
    connect(empty, &EmptyState::acted, this, &TryPage::setupRequested);
    auto* content = new QWidget;
    auto* all = new QVBoxLayout(content);
    all->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageTop);
    all->setSpacing(metric::kGap);
    m->panel = new AnswerPanel;
    all->addWidget(m->makeHeader());
    all->addWidget(m->makeCompactAnswer());
    all->addWidget(m->makePictures(), 3);
    all->addWidget(m->makeResults(), 2);
    auto* layout = new PageLayout(content, m->panel, nullptr, metric::kPanelWidth);
    m->header->addWidget(layout->panelButton(tr("The answer: every class with its probability")));
    connect(layout, &PageLayout::compactChanged, this, [this](bool compact) {
        m->compact = compact;
        m->showCompactAnswer();
    });
    m->stack->addWidget(layout);
    setResults({});
    setBusy({});
}

TryPage::~TryPage() = default;

void TryPage::setModels(const QList<TryModel>& models) {
    const QString before = model();
    m->known = models;
    m->models->clear();
    for (const auto& known : models)
        m->models->addItem(known.name, known.id);
    setModel(before);
    if (m->models->currentIndex() < 0 && !models.isEmpty())
        m->models->setCurrentIndex(0);
    m->showModel();
    m->stack->setCurrentIndex(models.isEmpty() ? 0 : 1);
}

void TryPage::setModel(const QString& id) {
    if (const int index = m->models->findData(id); index >= 0)
        m->models->setCurrentIndex(index);
    m->showModel();
}

QString TryPage::model() const { return m->models->currentData().toString(); }

void TryPage::setResults(const QList<TryResult>& results) {
    m->results->setResults(results);
    const bool any = !results.isEmpty();
    double all = 0;
    for (const auto& result : results)
        all += totalMs(result);
    m->count->setText(!any ? QString()
                      : results.size() == 1
                          ? tr("1 picture, %1").arg(formatMilliseconds(all))
                          : tr("%1 pictures, %2 in all").arg(results.size()).arg(formatMilliseconds(all)));
    m->copy->setVisible(any);
    m->clear->setVisible(any);
    m->table->setVisible(any);
    m->drop->setMaximumWidth(any ? m->drop->minimumWidth() : std::numeric_limits<short>::max());
    if (!any)
        m->current.clear();
    int row = m->results->rowOf(m->current);
    if (row < 0 && any)
        row = 0;
    if (row >= 0 && m->table->currentIndex().row() != row)
        m->table->selectRow(row); // tells, where the file is another
    m->showCurrent();
}

QString TryPage::currentFile() const { return m->current; }

void TryPage::setPicture(const QString& file, const QImage& picture) {
    if (file != m->current)
        return;
    m->large = picture;
    m->given.view->setPicture(picture);
    m->fitPictures();
}

void TryPage::setSeen(const QString& file, const QImage& picture, const QString& words) {
    if (file != m->current)
        return;
    m->asSeen = picture;
    m->asSeenWords = words;
    m->showSeen();
    m->fitPictures();
}

void TryPage::setHeat(const QString& file, const TryHeat& heat) {
    if (file != m->current)
        return;
    m->heat = heat;
    m->showSeen();
}

bool TryPage::showsHeat() const { return m->heatBox->isChecked(); }
bool TryPage::showsAttention() const { return m->heatMethod->currentIndex() == 1; }

void TryPage::setCurrentFile(const QString& file) {
    if (const int row = m->results->rowOf(file); row >= 0)
        m->table->selectRow(row);
}

void TryPage::setBusy(const QString& words) {
    m->busyWords->setText(words);
    m->busy->setVisible(!words.isEmpty());
    m->busy->setFraction(words.isEmpty() ? 0 : std::numeric_limits<double>::quiet_NaN());
}

void TryPage::setDevice(const QString& name) {
    m->panel->setDevice(name);
    m->showCurrent();
}

void TryPage::setCommand(const QString& command) { m->panel->setCommand(command); }

void TryPage::dragEnterEvent(QDragEnterEvent* event) {
    if (m->known.isEmpty() || localFiles(event->mimeData()).isEmpty())
        return;
    event->acceptProposedAction();
    m->drop->setHot(true);
}

void TryPage::dragLeaveEvent(QDragLeaveEvent*) { m->drop->setHot(false); }

void TryPage::dropEvent(QDropEvent* event) {
    m->drop->setHot(false);
    const QStringList files = localFiles(event->mimeData());
    if (files.isEmpty())
        return;
    event->acceptProposedAction();
    Q_EMIT filesChosen(files);
}

void TryPage::keyPressEvent(QKeyEvent* event) {
    if (!event->matches(QKeySequence::Paste) || m->known.isEmpty()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const QMimeData* mime = QGuiApplication::clipboard()->mimeData();
    if (const QStringList files = localFiles(mime); !files.isEmpty())
        Q_EMIT filesChosen(files);
    else if (mime->hasImage())
        Q_EMIT imagePasted(qvariant_cast<QImage>(mime->imageData()));
}

void TryPage::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    if (!focusWidget()) // so that Ctrl V reaches the page
        setFocus(Qt::OtherFocusReason);
}

} // namespace ui
