#include "ui/mistakes/pictureviewer.h"

#include "ui/controls/button.h"
#include "ui/controls/factlist.h"
#include "ui/controls/label.h"
#include "ui/format.h"
#include "ui/frame/pagelayout.h"
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
    return one.right() ? one.truth : PictureViewer::tr("%1 → %2").arg(one.truth, one.predicted);
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
      m_folder(new Button(QStringLiteral("folder-open"), tr("Open folder"))) {
    setWindowTitle(tr("Mistakes"));
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
    Q_EMIT pictureWanted(one.file);
}

void PictureViewer::showFacts(const Misclassified& one, QSize size) {
    QList<Fact> facts;
    if (one.severalLabels()) {
        facts.append({tr("Missed"), {}, one.missed.isEmpty() ? missing() : one.missed.join(QStringLiteral(", "))});
        facts.append({tr("Wrongly given"), {}, one.wrong.isEmpty() ? missing() : one.wrong.join(QStringLiteral(", "))});
    } else {
        facts.append({tr("True"), {}, one.truth});
        facts.append({tr("Predicted"), {}, one.predicted});
        facts.append({tr("Probability"), {}, formatPercent(one.probability)});
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
