#include "ui/live/classesview.h"

#include "ui/compare/confusionview.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/mistakes/scoretable.h"

#include <QListWidget>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr qsizetype kMostListed = 50;

} // namespace

ClassesView::ClassesView(QWidget* parent)
    : QWidget(parent),
      m_scoresCard(new Card(tr("Classes"), {}, Card::Style::Chart)),
      m_scores(new ScoreTable),
      m_confusionCard(new Card(tr("Confusion"), {}, Card::Style::Chart)),
      m_confusion(new ConfusionView),
      m_list(new QListWidget),
      m_nothing(new Label({}, FontRole::Label, Role::Muted)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(metric::kGap);
    m_nothing->setWordWrap(true);
    all->addWidget(m_nothing);
    auto* row = new QHBoxLayout;
    row->setSpacing(metric::kGap);
    m_scores->setMinimumHeight(160);
    m_scoresCard->bodyLayout()->addWidget(m_scores, 1);
    row->addWidget(m_scoresCard, 1);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setAccessibleName(tr("Commonest confusions"));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->viewport()->setAutoFillBackground(false);
    m_confusionCard->bodyLayout()->addWidget(m_confusion, 1);
    m_confusionCard->bodyLayout()->addWidget(m_list, 1);
    row->addWidget(m_confusionCard, 1);
    all->addLayout(row, 1);
    connect(m_scores, &ScoreTable::classActivated, this, [this](int label) {
        Q_EMIT picturesRequested({label, MistakeChoice::kAnyOther});
    });
    connect(m_confusion, &ConfusionView::cellActivated, this, [this](int, int truth, int predicted) {
        Q_EMIT picturesRequested({truth, predicted});
    });
    connect(m_list, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        const QPoint cell = item->data(Qt::UserRole).toPoint();
        Q_EMIT picturesRequested({cell.x(), cell.y()});
    });
    setMistakes({});
}

void ClassesView::setMistakes(const LiveMistakes& mistakes) {
    const bool any = !mistakes.confusion.counts.isEmpty();
    const QString never = neverRecognisedWords(mistakes.confusion.scores.neverRecognised);
    m_nothing->setText(any                      ? never
                       : mistakes.validated > 0 ? tr("Samples of this run have no one class each, so none is taken for "
                                                     "another.")
                                                : tr("No epoch was validated yet."));
    m_nothing->setRole(any ? Role::WarningText : Role::Muted);
    m_nothing->setVisible(!m_nothing->text().isEmpty());
    m_scoresCard->setVisible(any);
    m_confusionCard->setVisible(any);
    if (!any)
        return;
    const ClassScores& scores = mistakes.confusion.scores;
    const QString epoch =
        mistakes.best ? tr("epoch %1, the best").arg(mistakes.epoch) : tr("epoch %1").arg(mistakes.epoch);
    m_scoresCard->setSummary(tr("%1, macro F1 %2").arg(epoch, f1Words(scores.macroF1)));
    QString samples = mistakes.samples;
    if (!samples.isEmpty())
        samples[0] = samples[0].toUpper();
    m_scores->setScores(scores, samples);
    showConfusion(mistakes.confusion);
}

void ClassesView::showConfusion(const ConfusionMatrix& matrix) {
    const bool cells = matrix.classes.size() <= ConfusionView::kMostClasses;
    m_confusion->setVisible(cells);
    m_list->setVisible(!cells);
    m_confusionCard->setSummary(
        cells ? tr("rows true, columns predicted; a cell opens its pictures")
              : tr("the commonest; %1 classes are too many for a matrix").arg(matrix.classes.size()));
    if (cells) {
        m_confusion->setMatrices({matrix}, ConfusionView::Show::Counts);
        return;
    }
    m_list->clear();
    for (const Confusion& one : commonestConfusions(matrix, kMostListed)) {
        auto* item = new QListWidgetItem(one.words, m_list);
        item->setData(Qt::UserRole, QPoint(one.truth, one.predicted));
        item->setToolTip(one.words);
    }
}

} // namespace ui
