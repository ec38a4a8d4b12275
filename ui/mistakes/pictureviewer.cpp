#include "ui/mistakes/pictureviewer.h"

#include "ui/controls/button.h"
#include "ui/controls/factlist.h"
#include "ui/controls/label.h"
#include "ui/format.h"
#include "ui/frame/pagelayout.h"
#include "ui/mistakes/classchooser.h"
#include "ui/try/pictureview.h"

#include <QPainter>
#include <QShortcut>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kSide = 300; // the panel's width
constexpr QSize kUsualSize(1000, 680);

QString titleOf(const Misclassified& one) {
    if (one.severalLabels())
        return PictureViewer::tr("Wrong labels");
    return one.right() || one.predicted.isEmpty() ? one.truth
                                                  : PictureViewer::tr("%1 → %2").arg(one.truth, one.predicted);
}

} // namespace

PictureViewer::PictureViewer(QWidget* parent)
    : QDialog(parent),
      m_view(new PictureView),
      m_gone(new Label({}, FontRole::Label, Role::Muted)),
      m_title(new Label({}, FontRole::SectionTitle)),
      m_words(new Label({}, FontRole::Label, Role::Muted)),
      m_place(new Label({}, FontRole::Value)),
      m_path(new Label({}, FontRole::Mono)),
      m_facts(new FactList),
      m_previous(new IconButton(QStringLiteral("chevron-left"), tr("Previous picture (Left)"))),
      m_next(new IconButton(QStringLiteral("chevron-right"), tr("Next picture (Right)"))),
      m_folder(new Button(QStringLiteral("folder-open"), tr("Open folder"))),
      m_changing(new QWidget),
      m_change(new Label({}, FontRole::Label, Role::AccentText)),
      m_relabel(new Button(QStringLiteral("pencil"), tr("Relabel…"))),
      m_leaveOut(new Button(QStringLiteral("eye-off"), tr("Leave out"))),
      m_undo(new Button(QStringLiteral("undo-2"), tr("Undo"))),
      m_chooser(new ClassChooser(this)) {
    setWindowTitle(tr("Pictures"));
    if (parent)
        resize(kUsualSize.boundedTo(parent->window()->size() - QSize(40, 40)));
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    auto* stage = new QVBoxLayout;
    stage->setContentsMargins(16, 16, 16, 16);
    m_view->setObjectName(QStringLiteral("largePicture"));
    m_view->setAccessibleName(tr("The picture"));
    stage->addWidget(m_view, 1);
    m_gone->setWordWrap(true);
    m_gone->hide();
    stage->addWidget(m_gone);
    all->addLayout(stage, 1);
    all->addWidget(makePanel());
    const auto last = [this] { return static_cast<int>(m_pictures.size()) - 1; };
    connect(m_previous, &IconButton::clicked, this, [this] { showPicture(m_current - 1); });
    connect(m_next, &IconButton::clicked, this, [this] { showPicture(m_current + 1); });
    connect(m_folder, &Button::clicked, this, [this] { Q_EMIT folderRequested(m_pictures.value(m_current).file); });
    // Wherever the focus is: buttons would take arrows for themselves.
    new QShortcut(Qt::Key_Left, this, [this] { showPicture(m_current - 1); });
    new QShortcut(Qt::Key_Right, this, [this] { showPicture(m_current + 1); });
    new QShortcut(Qt::Key_Home, this, [this] { showPicture(0); });
    new QShortcut(Qt::Key_End, this, [this, last] { showPicture(last()); });
    new QShortcut(Qt::Key_O, this, [this] { m_folder->click(); });
    new QShortcut(Qt::Key_R, this, [this] { m_relabel->click(); });
    new QShortcut(Qt::Key_X, this, [this] { toggleLeftOut(); });
}

void PictureViewer::makeChanging() {
    auto* box = new QVBoxLayout(m_changing);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(8);
    box->addWidget(new Divider);
    m_change->setObjectName(QStringLiteral("pictureChange"));
    m_change->setWordWrap(true);
    auto* said = new QHBoxLayout;
    said->setSpacing(8);
    said->addWidget(m_change, 1);
    said->addWidget(m_undo);
    said->addStrut(metric::kSmallButtonHeight);
    box->addLayout(said);
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_relabel);
    row->addWidget(m_leaveOut);
    m_relabel->setObjectName(QStringLiteral("relabel"));
    m_relabel->setToolTip(tr("Says that it shows another class (R). The file stays as it is; the next run obeys."));
    m_leaveOut->setObjectName(QStringLiteral("leaveOut"));
    m_leaveOut->setToolTip(tr("The next run neither trains on it nor validates with it (X). The file stays as it is."));
    m_undo->setObjectName(QStringLiteral("undoChange"));
    m_undo->setToolTip(tr("What the data say of it holds again"));
    for (Button* button : {m_relabel, m_leaveOut, m_undo}) {
        button->setSmall();
        button->setAutoDefault(false);
    }
    row->addStretch();
    box->addLayout(row);
    connect(m_relabel, &Button::clicked, this, &PictureViewer::chooseClass);
    connect(m_chooser, &ClassChooser::chosen, this, [this](const QString& name) {
        askChange(PictureChange{PictureChange::Kind::Relabelled, name});
    });
    connect(m_leaveOut, &Button::clicked, this, &PictureViewer::toggleLeftOut);
    connect(m_undo, &Button::clicked, this, [this] { askChange(std::nullopt); });
    m_changing->hide();
}

QWidget* PictureViewer::makePanel() {
    auto* panel = new QWidget;
    panel->setFixedWidth(kSide);
    auto* box = panelBox(panel);
    m_title->setWordWrap(true);
    m_title->setObjectName(QStringLiteral("mistakeTitle"));
    box->addWidget(m_title);
    m_words->setWordWrap(true);
    box->addWidget(m_words);
    auto* row = new QHBoxLayout;
    m_place->setObjectName(QStringLiteral("mistakePlace"));
    row->addWidget(m_place);
    row->addStretch();
    row->addWidget(m_previous);
    row->addWidget(m_next);
    box->addLayout(row);
    box->addWidget(new Divider);
    box->addWidget(m_facts);
    m_path->setElide(Qt::ElideMiddle);
    box->addWidget(m_path);
    makeChanging();
    box->addWidget(m_changing);
    box->addStretch(1);
    auto* foot = new QHBoxLayout;
    m_folder->setToolTip(tr("The folder that the picture lies in (O)"));
    foot->addWidget(m_folder);
    foot->addStretch();
    auto* close = new Button(tr("Close"));
    close->setDefault(true);
    close->setFocus();
    foot->addWidget(close);
    box->addLayout(foot);
    connect(close, &Button::clicked, this, &QDialog::reject);
    return panel;
}

void PictureViewer::setPictures(const QString& words, const QList<Misclassified>& pictures, int current) {
    m_pictures = pictures;
    m_words->setText(words);
    m_words->setVisible(!words.isEmpty());
    showPicture(current);
}

void PictureViewer::showPicture(int index) {
    if (index < 0 || index >= m_pictures.size())
        return;
    m_current = index;
    const Misclassified& one = m_pictures.at(index);
    m_title->setText(titleOf(one));
    m_place->setText(tr("%1 of %2").arg(index + 1).arg(m_pictures.size()));
    m_path->setText(one.file);
    m_previous->setEnabled(index > 0);
    m_next->setEnabled(index + 1 < m_pictures.size());
    m_gone->hide();
    m_view->setPicture(one.image);
    showFacts(one, {});
    showChange();
    Q_EMIT pictureWanted(one.file);
}

void PictureViewer::setClasses(const QStringList& classes) {
    m_classes = classes;
    m_relabel->setVisible(!classes.isEmpty());
}

void PictureViewer::setChanges(const QHash<QString, PictureChange>& changes) {
    m_changes = changes;
    showChange();
}

void PictureViewer::showChange() {
    m_changing->setVisible(m_changes.has_value());
    if (!m_changes)
        return;
    const auto change = m_changes->constFind(file());
    const bool changed = change != m_changes->constEnd();
    const bool leftOut = changed && change->kind == PictureChange::Kind::LeftOut;
    m_change->setText(!changed  ? tr("What is said here holds for the next run.")
                      : leftOut ? tr("Left out of the next run")
                                : tr("Now %1").arg(change->label));
    m_change->setRole(changed ? Role::AccentText : Role::Muted);
    m_undo->setVisible(changed);
    m_leaveOut->setVisible(!leftOut);
    m_view->setFaded(leftOut);
}

// What the model said comes first: it is right more often than not.
void PictureViewer::chooseClass() {
    if (!m_changes)
        return;
    QStringList names = m_classes;
    const Misclassified& one = m_pictures.at(m_current);
    if (names.removeOne(one.predicted))
        names.prepend(one.predicted);
    names.removeOne(one.truth);
    m_chooser->setClasses(names);
    m_chooser->openAt(m_relabel);
}

void PictureViewer::toggleLeftOut() {
    if (!m_changes)
        return;
    const auto change = m_changes->constFind(file());
    const bool leftOut = change != m_changes->constEnd() && change->kind == PictureChange::Kind::LeftOut;
    askChange(leftOut ? std::nullopt : std::optional(PictureChange{PictureChange::Kind::LeftOut, {}}));
}

// Then the next picture: looking through many is the usual case, and the last one shows what was done of it.
void PictureViewer::askChange(const std::optional<PictureChange>& change) {
    if (m_pictures.isEmpty())
        return;
    Q_EMIT changeRequested(file(), change);
    if (change && m_current + 1 < m_pictures.size())
        showPicture(m_current + 1);
}

void PictureViewer::showFacts(const Misclassified& one, QSize size) {
    QList<Fact> facts;
    if (one.severalLabels()) {
        facts.append({tr("Missed"), {}, one.missed.isEmpty() ? missing() : one.missed.join(QStringLiteral(", "))});
        facts.append({tr("Wrongly given"), {}, one.wrong.isEmpty() ? missing() : one.wrong.join(QStringLiteral(", "))});
    } else {
        facts.append({one.predicted.isEmpty() ? tr("Class") : tr("True"), {}, one.truth});
        if (!one.predicted.isEmpty()) {
            facts.append({tr("Predicted"), {}, one.predicted});
            facts.append({tr("Probability"), {}, formatPercent(one.probability)});
        }
    }
    if (size.isValid() && !size.isEmpty())
        facts.append({tr("Size"), {}, QStringLiteral("%1 × %2").arg(size.width()).arg(size.height())});
    m_facts->setFacts(facts);
}

void PictureViewer::setPicture(const QString& file, const QImage& picture, QSize size) {
    if (m_current >= m_pictures.size() || m_pictures.at(m_current).file != file)
        return;
    if (!picture.isNull())
        m_view->setPicture(picture);
    m_gone->setText(tr("The picture is not there any more, or cannot be read."));
    m_gone->setVisible(picture.isNull());
    showFacts(m_pictures.at(m_current), size);
}

void PictureViewer::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Window));
    painter.fillRect(QRect(width() - kSide, 0, kSide, height()), color(Role::Surface));
    painter.fillRect(QRect(width() - kSide, 0, 1, height()), color(Role::Border));
}

} // namespace ui
