#include "ui/compare/confusionpanel.h"

#include "ui/compare/confusionview.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/mistakes/scoretable.h"

#include <QComboBox>
#include <QListWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {
namespace {

constexpr qsizetype kListed = 50;
constexpr qsizetype kListFrom = 21; // classes from which on the list stands beside the cells

const ConfusionMatrix* matrixOf(const QList<ConfusionMatrix>& matrices, const QString& id) {
    const auto found = std::ranges::find(matrices, id, &ConfusionMatrix::id);
    return found == matrices.end() ? nullptr : &*found;
}

QComboBox* choice(const QString& name, const QString& tip) {
    auto* made = new QComboBox;
    made->setAccessibleName(name);
    made->setToolTip(tip);
    made->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    made->setMinimumContentsLength(12);
    return made;
}

} // namespace

ConfusionPanel::ConfusionPanel(QWidget* parent)
    : QWidget(parent),
      m_first(choice(tr("First run"), tr("Whose confusion is shown"))),
      m_second(choice(tr("Second run"), tr("A run to set beside it"))),
      m_mode(new SegmentedControl({tr("Both"), tr("Difference")})),
      m_view(new ConfusionView),
      m_list(new QListWidget),
      m_note(new Label({}, FontRole::Label, Role::Muted)),
      m_body(new QWidget),
      m_of(new SegmentedControl),
      m_scores(new ScoreTable),
      m_macro(new Label({}, FontRole::Label, Role::Muted)),
      m_never(new Label({}, FontRole::Label, Role::WarningText)) {
    auto* all = new QHBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(metric::kGap);
    all->addWidget(makeConfusion(), 60);
    m_scoresCard = makeScores();
    all->addWidget(m_scoresCard, 40);
    const auto choose = [this] {
        m_firstId = m_first->currentData().toString();
        m_secondId = m_second->currentData().toString();
        showChosen();
    };
    connect(m_first, &QComboBox::activated, this, choose);
    connect(m_second, &QComboBox::activated, this, choose);
    connect(m_mode, &SegmentedControl::chosen, this, &ConfusionPanel::showChosen);
    connect(m_of, &SegmentedControl::chosen, this, &ConfusionPanel::showScores);
    connect(m_view, &ConfusionView::cellActivated, this, [this](int matrix, int truth, int predicted) {
        Q_EMIT picturesRequested(chosen().value(matrix).id, {truth, predicted});
    });
    connect(m_list, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        const QPoint cell = item->data(Qt::UserRole).toPoint();
        Q_EMIT picturesRequested(item->data(Qt::UserRole + 1).toString(), {cell.x(), cell.y()});
    });
    connect(m_scores, &ScoreTable::classActivated, this, [this](int label) {
        Q_EMIT picturesRequested(chosen().value(std::max(0, m_of->current())).id, {label, MistakeChoice::kAnyOther});
    });
}

QWidget* ConfusionPanel::makeConfusion() {
    auto* card = new Card(tr("Confusion"), {}, Card::Style::Chart);
    card->setSummary(tr("rows true, columns predicted; a cell opens its pictures"));
    m_mode->setTips({tr("Side by side"), tr("What the second run has more than the first: green is better")});
    m_mode->setCurrent(0);
    m_mode->setObjectName(QStringLiteral("confusionMode"));
    m_first->setObjectName(QStringLiteral("firstRun"));
    m_second->setObjectName(QStringLiteral("secondRun"));
    auto* box = new QVBoxLayout(m_body);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(metric::kGap);
    auto* choices = new QHBoxLayout;
    choices->setSpacing(8);
    choices->addWidget(m_first, 1);
    choices->addWidget(m_second, 1);
    choices->addWidget(m_mode);
    box->addLayout(choices);
    auto* row = new QHBoxLayout;
    row->setSpacing(12);
    row->addWidget(m_view, 1);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setObjectName(QStringLiteral("commonest"));
    m_list->setAccessibleName(tr("Commonest confusions"));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->viewport()->setAutoFillBackground(false);
    row->addWidget(m_list, 1);
    box->addLayout(row, 1);
    m_note->setObjectName(QStringLiteral("confusionNote"));
    m_note->setWordWrap(true);
    m_note->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    card->bodyLayout()->addWidget(m_note);
    card->bodyLayout()->addWidget(m_body, 1);
    return card;
}

QWidget* ConfusionPanel::makeScores() {
    auto* card = new Card(tr("Classes"), {}, Card::Style::Chart);
    m_of->setObjectName(QStringLiteral("scoresOf"));
    card->addHeaderWidget(m_macro);
    card->addHeaderWidget(m_of);
    m_never->setWordWrap(true);
    m_never->setObjectName(QStringLiteral("neverRecognised"));
    card->bodyLayout()->addWidget(m_never);
    card->bodyLayout()->addWidget(m_scores, 1);
    return card;
}

void ConfusionPanel::setMatrices(const QList<ConfusionMatrix>& matrices, const QString& note, const QString& samples) {
    m_matrices = matrices;
    m_samples = samples;
    const bool any = !matrices.isEmpty();
    m_note->setText(any ? QString() : note);
    m_note->setVisible(!any);
    m_body->setVisible(any);
    m_scoresCard->setVisible(any);
    if (!any)
        return;
    fillChoices();
    showChosen();
}

void ConfusionPanel::fillChoices() {
    const ConfusionMatrix* first = matrixOf(m_matrices, m_firstId);
    const bool asked = !m_firstId.isEmpty(); // then nothing beside it is a choice, too
    m_first->clear();
    m_second->clear();
    m_second->addItem(tr("No other run"), QString());
    for (const ConfusionMatrix& matrix : m_matrices)
        for (QComboBox* combo : {m_first, m_second})
            combo->addItem(matrix.name, matrix.id);
    const QString firstId = first ? first->id : m_matrices.first().id;
    m_first->setCurrentIndex(m_first->findData(firstId));
    QString secondId = matrixOf(m_matrices, m_secondId) ? m_secondId : QString();
    if (!asked || !first)
        secondId = m_matrices.size() > 1 ? m_matrices.at(firstId == m_matrices.first().id ? 1 : 0).id : QString();
    m_second->setCurrentIndex(std::max(0, m_second->findData(secondId)));
}

QList<ConfusionMatrix> ConfusionPanel::chosen() const {
    QList<ConfusionMatrix> made;
    for (const QComboBox* combo : {m_first, m_second})
        if (const auto* matrix = matrixOf(m_matrices, combo->currentData().toString()))
            made.append(*matrix);
    return made;
}

void ConfusionPanel::showChosen() {
    const QList<ConfusionMatrix> shown = chosen();
    if (shown.isEmpty())
        return;
    const bool comparable = shown.size() == 2 && shown.first().classes == shown.last().classes;
    m_mode->setEnabled(comparable);
    const bool difference = comparable && m_mode->current() == 1;
    const auto classes = shown.first().classes.size();
    const bool cells = classes <= ConfusionView::kMostClasses;
    m_view->setVisible(cells);
    if (cells)
        m_view->setMatrices(shown, difference ? ConfusionView::Show::Difference : ConfusionView::Show::Counts);
    m_list->setVisible(classes >= kListFrom);
    m_note->setVisible(!cells);
    m_note->setText(cells
                        ? QString()
                        : tr("%1 classes are too many for a matrix. These are the commonest confusions:").arg(classes));
    showList(shown);
    QStringList names;
    for (const ConfusionMatrix& one : shown)
        names.append(QFontMetrics(font()).elidedText(one.name, Qt::ElideMiddle, 110));
    const int of = std::clamp(m_of->current(), 0, static_cast<int>(names.size()) - 1);
    m_of->setChoices(names);
    m_of->setCurrent(of);
    m_of->setVisible(names.size() > 1);
    showScores();
}

void ConfusionPanel::showList(const QList<ConfusionMatrix>& shown) {
    m_list->clear();
    for (const ConfusionMatrix& matrix : shown) {
        if (shown.size() > 1) {
            auto* head = new QListWidgetItem(matrix.name, m_list);
            head->setFlags(Qt::NoItemFlags);
        }
        for (const Confusion& one : commonestConfusions(matrix, kListed)) {
            auto* item = new QListWidgetItem(one.words, m_list);
            item->setToolTip(one.words);
            item->setData(Qt::UserRole, QPoint(one.truth, one.predicted));
            item->setData(Qt::UserRole + 1, matrix.id);
        }
    }
}

void ConfusionPanel::showScores() {
    const ClassScores scores = chosen().value(std::max(0, m_of->current())).scores;
    m_scores->setScores(scores, m_samples);
    m_macro->setText(tr("Macro F1 %1").arg(f1Words(scores.macroF1)));
    m_never->setText(neverRecognisedWords(scores.neverRecognised));
    m_never->setVisible(!scores.neverRecognised.isEmpty());
}

} // namespace ui
