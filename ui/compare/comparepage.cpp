#include "ui/compare/comparepage.h"

#include "ui/charts/chart.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/smoothing.h"
#include "ui/compare/comparetable.h"
#include "ui/compare/confusionview.h"
#include "ui/compare/differenceview.h"
#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/emptystate.h"
#include "ui/controls/label.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QScrollArea>
#include <QSlider>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kMostTable = 32 * 9;
constexpr qsizetype kUsualCharts = 2;

// The round border over the table's square corners.
class CardEdge final : public QWidget {
public:
    explicit CardEdge(QWidget* parent) : QWidget(parent) { setAttribute(Qt::WA_TransparentForMouseEvents); }

protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        QPainterPath corners;
        corners.addRect(rect());
        QPainterPath card;
        card.addRoundedRect(rect(), metric::kCardRadius, metric::kCardRadius);
        painter.fillPath(corners - card, color(Role::Window));
        drawOutline(painter, rect(), color(Role::Border), 1, metric::kCardRadius);
    }
};

// The table in a card of its own, without padding.
class TableCard final : public QWidget {
public:
    explicit TableCard(QWidget* table) : m_edge(new CardEdge(this)) {
        auto* all = new QVBoxLayout(this);
        all->setContentsMargins(1, 1, 1, 1);
        all->addWidget(table);
    }

protected:
    void resizeEvent(QResizeEvent*) override {
        m_edge->setGeometry(rect());
        m_edge->raise();
    }

private:
    CardEdge* m_edge;
};

} // namespace

struct ComparePage::Impl {
    Label* count = nullptr;
    QLineEdit* filter = nullptr;
    QComboBox* axis = nullptr;
    QSlider* smoothing = nullptr;
    CompareTable* table = nullptr;
    QWidget* tableCard = nullptr;
    QWidget* over = nullptr; // charts, differences, confusion
    EmptyState* empty = nullptr;
    QHBoxLayout* chartRow = nullptr;
    QList<Chart*> charts; // as many as any comparison needed
    ChartGroup* group = nullptr;
    Card* differences = nullptr;
    DifferenceView* differenceView = nullptr;
    Card* confusion = nullptr;
    ConfusionView* confusionView = nullptr;
    Label* confusionNote = nullptr;
    QList<CompareChart> shown;
    QList<CompareRun> runs;
    Chart* exporting = nullptr;

    [[nodiscard]] ChartSeries seriesOf(const CompareRun& run, const Curve& curve) const {
        ChartSeries series;
        series.key = run.id;
        series.name = run.name;
        series.color = runColor(run.colour);
        series.dashed = run.colour > 10;
        series.x = curve.step;
        if (axis->currentIndex() == 0 && run.stepsPerEpoch > 0)
            for (double& x : series.x)
                x /= run.stepsPerEpoch;
        else if (axis->currentIndex() == 2)
            series.x = curve.seconds;
        series.y = smoothed(curve.value, smoothing->value() / 100.0);
        return series;
    }

    [[nodiscard]] QList<ChartSeries> linesOf(qsizetype place) const {
        QList<ChartSeries> lines;
        for (const auto& run : runs) {
            const CompareCurve one = run.curves.value(place);
            if (one.curve.isEmpty())
                continue;
            ChartSeries line = seriesOf(run, one.curve);
            const auto best = one.curve.step.indexOf(one.bestStep);
            if (best >= 0 && smoothing->value() == 0)
                line.best = QPointF(line.x.value(best), line.y.value(best));
            lines.append(line);
        }
        return lines;
    }

    void rebuild() {
        for (qsizetype i = 0; i < shown.size(); ++i) {
            Chart* chart = charts.at(i);
            chart->setTitle(shown.at(i).title);
            chart->setUnit(shown.at(i).unit);
            chart->setXName(axis->currentIndex() == 0   ? ComparePage::tr("Epoch")
                            : axis->currentIndex() == 1 ? ComparePage::tr("Step")
                                                        : QString());
            chart->setXTicksAsTime(axis->currentIndex() == 2);
            chart->setSeries(linesOf(i));
        }
        const bool enough = runs.size() >= 2;
        over->setVisible(enough);
        empty->setVisible(!enough);
    }
};

ComparePage::ComparePage(QWidget* parent) : QWidget(parent), m(std::make_unique<Impl>()) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageTop);
    all->setSpacing(metric::kGap);
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new Label(tr("Compare"), FontRole::PageTitle));
    m->count = new Label({}, FontRole::Label, Role::Muted);
    head->addWidget(m->count);
    head->addStretch();
    head->addWidget(new Label(tr("Smoothing"), FontRole::Label, Role::Muted));
    m->smoothing = new QSlider(Qt::Horizontal);
    m->smoothing->setRange(0, 99);
    m->smoothing->setFixedWidth(88);
    m->smoothing->setAccessibleName(tr("Smoothing"));
    m->smoothing->setToolTip(tr("Running mean over the epochs. Usual: 0, which shows every value as it was measured."));
    head->addWidget(m->smoothing);
    m->axis = new QComboBox;
    m->axis->addItems({tr("By epoch"), tr("By step"), tr("By time")});
    m->axis->setAccessibleName(tr("Horizontal axis"));
    m->axis->setToolTip(tr("What the charts run along; time compares what a run costs"));
    head->addWidget(m->axis);
    m->filter = new QLineEdit;
    m->filter->setPlaceholderText(tr("Filter: name, setting"));
    m->filter->setAccessibleName(tr("Filter the runs"));
    m->filter->setToolTip(tr("Words that a row contains, or a column with >, < or = and a number"));
    m->filter->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m->filter->setClearButtonEnabled(true);
    m->filter->setFixedWidth(296);
    head->addWidget(m->filter);
    all->addLayout(head);

    m->table = new CompareTable;
    m->tableCard = new TableCard(m->table);
    all->addWidget(m->tableCard);

    m->over = new QWidget;
    auto* lower = new QVBoxLayout(m->over);
    lower->setContentsMargins(0, 0, 0, 0);
    lower->setSpacing(metric::kGap);
    m->chartRow = new QHBoxLayout;
    m->chartRow->setSpacing(metric::kGap);
    m->group = new ChartGroup(this);
    addCharts(kUsualCharts);
    lower->addLayout(m->chartRow, 11);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(metric::kGap);
    m->differences = new Card(tr("Only the differences"), {}, Card::Style::Chart);
    m->differenceView = new DifferenceView;
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    scroll->setWidget(m->differenceView);
    m->differenceView->setAutoFillBackground(false);
    m->differences->setBody(scroll);
    m->confusion = new Card(tr("Confusion"), {}, Card::Style::Chart);
    m->confusionView = new ConfusionView;
    m->confusionNote = new Label({}, FontRole::Label, Role::Muted);
    m->confusionNote->setObjectName(QStringLiteral("confusionNote"));
    m->confusionNote->setWordWrap(true);
    m->confusionNote->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m->confusionNote->hide();
    auto* confusionBody = new QWidget;
    auto* inside = new QVBoxLayout(confusionBody);
    inside->setContentsMargins(0, 0, 0, 0);
    inside->addWidget(m->confusionView, 1);
    inside->addWidget(m->confusionNote, 1);
    m->confusion->setBody(confusionBody);
    m->confusion->hide();
    bottom->addWidget(m->differences, 63);
    bottom->addWidget(m->confusion, 37);
    lower->addLayout(bottom, 9);
    all->addWidget(m->over, 1);

    m->empty =
        new EmptyState(QStringLiteral("git-compare"), tr("Tick two runs to compare them"),
                       tr("Ticked runs are drawn over each other, and their settings are set against each other."),
                       tr("Tick the last two"));
    all->addWidget(m->empty, 1);

    connect(m->empty, &EmptyState::acted, this, &ComparePage::tickLastTwoRequested);
    connect(m->filter, &QLineEdit::textChanged, m->table, &CompareTable::setFilter);
    connect(m->axis, &QComboBox::activated, this, [this] {
        m->group->reset();
        m->group->setCrosshair(std::nullopt);
        m->rebuild();
    });
    connect(m->smoothing, &QSlider::valueChanged, this, [this] { m->rebuild(); });
    connect(&theme(), &Theme::changed, this, [this] { m->rebuild(); });
    connect(m->table, &CompareTable::rowsChanged, this,
            [this] { m->table->setFixedHeight(m->table->preferredHeight(kMostTable)); });
    connect(m->table, &CompareTable::tickRequested, this, &ComparePage::tickRequested);
    connect(m->table, &CompareTable::starRequested, this, &ComparePage::starRequested);
    connect(m->table, &CompareTable::openRequested, this, &ComparePage::activated);
    connect(m->table, &CompareTable::deleteRequested, this, &ComparePage::deleteRequested);
    connect(m->table, &CompareTable::useSettingsRequested, this, &ComparePage::useSettingsRequested);
    connect(m->table, &CompareTable::openFolderRequested, this, &ComparePage::openFolderRequested);
    connect(m->table, &CompareTable::referenceRequested, this, &ComparePage::referenceRequested);
    m->rebuild();
}

ComparePage::~ComparePage() = default;

void ComparePage::setModel(QAbstractItemModel* runs) { m->table->setRuns(runs); }

void ComparePage::addCharts(qsizetype count) {
    while (m->charts.size() < count) {
        auto* chart = new Chart(QString(), ChartUnit::Number);
        m->charts.append(chart);
        m->group->add(chart);
        m->chartRow->addWidget(chart, 1);
        connect(chart, &Chart::exportRequested, this, [this, chart] {
            m->exporting = chart;
            Q_EMIT exportRequested(chart->title());
        });
    }
}

void ComparePage::setRuns(const QList<CompareChart>& charts, const QList<CompareRun>& runs) {
    addCharts(charts.size());
    for (qsizetype i = 0; i < m->charts.size(); ++i)
        m->charts[i]->setVisible(i < charts.size());
    m->shown = charts;
    m->runs = runs;
    m->rebuild();
}

void ComparePage::setDifferences(const Differences& differences) {
    m->differenceView->setDifferences(differences);
    m->differences->setSummary(differences.settings > 0
                                   ? tr("%1 of %2 settings").arg(differences.rows.size()).arg(differences.settings)
                                   : QString());
}

void ComparePage::setConfusion(const QList<ConfusionMatrix>& matrices, const QString& note) {
    const bool any = !matrices.isEmpty();
    m->confusionView->setMatrices(matrices);
    m->confusionView->setVisible(any);
    m->confusionNote->setText(any ? QString() : note);
    m->confusionNote->setVisible(!any);
    m->confusion->setSummary(any ? tr("rows true, columns predicted") : QString());
    m->confusion->setVisible(any || !note.isEmpty());
}

void ComparePage::setFilterExample(const QString& condition) {
    m->filter->setPlaceholderText(tr("Filter: name, setting, %1").arg(condition));
}

void ComparePage::setCounts(int shown, int all) { m->count->setText(tr("%1 of %2 runs").arg(shown).arg(all)); }

void ComparePage::exportChart(const QString& file) {
    if (m->exporting)
        m->exporting->exportTo(file);
}

} // namespace ui
