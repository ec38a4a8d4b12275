#include "ui/compare/comparepage.h"

#include "ui/charts/chart.h"
#include "ui/charts/chartgroup.h"
#include "ui/charts/smoothing.h"
#include "ui/compare/columnchooser.h"
#include "ui/compare/comparetable.h"
#include "ui/compare/confusionpanel.h"
#include "ui/compare/differenceview.h"
#include "ui/compare/parallelpanel.h"
#include "ui/compare/realityview.h"
#include "ui/compare/runnames.h"
#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/emptystate.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/theme.h"

#include <QComboBox>
#include <QLineEdit>
#include <QPainter>
#include <QPainterPath>
#include <QResizeEvent>
#include <QScrollArea>
#include <QSlider>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

constexpr int kMostRunRows = 9; // of the table, its head among them, where there is something below it
constexpr int kLeastRunRows = 4;
constexpr double kTableShare = 0.38; // of the page
constexpr int kEmptyHeight = 230;    // what says that nothing is ticked
constexpr int kHeadHeight = 60;
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
    Button* columns = nullptr;
    IconButton* csv = nullptr;
    IconButton* report = nullptr;
    ColumnChooser* chooser = nullptr;
    SegmentedControl* view = nullptr;
    QWidget* chartTools = nullptr;
    QComboBox* axis = nullptr;
    QSlider* smoothing = nullptr;
    CompareTable* table = nullptr;
    QWidget* tableCard = nullptr;
    QWidget* over = nullptr; // what stands below the table
    QStackedLayout* views = nullptr;
    EmptyState* empty = nullptr;
    QHBoxLayout* chartRow = nullptr;
    QList<Chart*> charts; // as many as any comparison needed
    ChartGroup* group = nullptr;
    Card* differences = nullptr;
    DifferenceView* differenceView = nullptr;
    RealityView* reality = nullptr;
    ConfusionPanel* confusion = nullptr;
    ParallelPanel* parallel = nullptr;
    QList<CompareChart> shown;
    QList<CompareRun> runs;
    QStringList names; // of the runs, without what all share
    Chart* exporting = nullptr;

    QWidget* makeTools();
    QWidget* makeCurves();
    QLayout* makeHead(ComparePage* page);

    [[nodiscard]] bool enough() const { return runs.size() >= 2; }

    [[nodiscard]] int tableHeight(int page) const {
        const int below = enough() ? page - static_cast<int>(page * kTableShare) : kEmptyHeight;
        const int most = std::max(metric::kTableRow * kLeastRunRows, page - below - kHeadHeight);
        return table->preferredHeight(enough() ? std::min(most, metric::kTableRow * kMostRunRows) : most);
    }

    [[nodiscard]] ChartSeries seriesOf(qsizetype place, const Curve& curve) const {
        const CompareRun& run = runs.at(place);
        ChartSeries series;
        series.key = run.id;
        series.name = names.value(place);
        series.color = runColor(run.colour);
        series.dashed = run.colour > 10;
        series.x = curve.step;
        if (axis->currentIndex() == 0 && run.stepsPerEpoch > 0)
            for (double& x : series.x)
                x /= run.stepsPerEpoch;
        else if (axis->currentIndex() == 2)
            series.x = curve.seconds;
        series.y = curve.value;
        if (smoothing->value() > 0) {
            series.measured = curve.value;
            series.y = smoothed(curve.value, smoothing->value() / 100.0);
        }
        return series;
    }

    [[nodiscard]] QList<ChartSeries> linesOf(qsizetype chart) const {
        QList<ChartSeries> lines;
        for (qsizetype place = 0; place < runs.size(); ++place) {
            const CompareCurve one = runs.at(place).curves.value(chart);
            if (one.curve.isEmpty())
                continue;
            ChartSeries line = seriesOf(place, one.curve);
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
        over->setVisible(enough());
        empty->setVisible(!enough());
    }
};

QLayout* ComparePage::Impl::makeHead(ComparePage* page) {
    auto* head = new QHBoxLayout;
    head->setSpacing(8);
    head->addWidget(new Label(tr("Compare"), FontRole::PageTitle));
    count = new Label({}, FontRole::Label, Role::Muted);
    head->addWidget(count);
    head->addStretch();
    filter = new QLineEdit;
    filter->setPlaceholderText(tr("Filter: name, setting"));
    filter->setAccessibleName(tr("Filter the runs"));
    filter->setToolTip(tr("Words that a row contains, or a column with >, < or = and a number"));
    filter->addAction(ui::icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    filter->setClearButtonEnabled(true);
    filter->setFixedWidth(296);
    head->addWidget(filter);
    columns = new Button(QStringLiteral("columns-3"), tr("Columns"));
    columns->setObjectName(QStringLiteral("columns"));
    columns->setToolTip(tr("Which metrics and settings the table shows"));
    head->addWidget(columns);
    csv = new IconButton(QStringLiteral("download"), tr("Save the table as CSV"));
    csv->setOutlined();
    csv->setObjectName(QStringLiteral("saveCsv"));
    head->addWidget(csv);
    report = new IconButton(QStringLiteral("file-text"), tr("Write a report of the ticked runs…"));
    report->setOutlined();
    report->setObjectName(QStringLiteral("report"));
    report->setEnabled(false);
    head->addWidget(report);
    chooser = new ColumnChooser(page);
    return head;
}

// What the ticked runs are looked at by.
QWidget* ComparePage::Impl::makeTools() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    view = new SegmentedControl({tr("Curves"), tr("Is it real?"), tr("Mistakes"), tr("Settings")});
    view->setObjectName(QStringLiteral("compareView"));
    view->setAccessibleName(tr("View"));
    view->setTips({tr("Curves and settings of the ticked runs"),
                   tr("Whether the ticked runs differ by more than chance"),
                   tr("What the ticked runs take for what, class by class"),
                   tr("Which settings go with which results: parallel coordinates")});
    view->setCurrent(0);
    row->addWidget(view);
    row->addStretch();
    chartTools = new QWidget;
    chartTools->setSizePolicy(QSizePolicy::Maximum, QSizePolicy::Fixed);
    auto* tools = new QHBoxLayout(chartTools);
    tools->setContentsMargins(0, 0, 0, 0);
    tools->setSpacing(8);
    tools->addWidget(new Label(tr("Smoothing"), FontRole::Label, Role::Muted));
    smoothing = new QSlider(Qt::Horizontal);
    smoothing->setRange(0, 99);
    smoothing->setFixedWidth(88);
    smoothing->setAccessibleName(tr("Smoothing"));
    smoothing->setToolTip(tr("Running mean over the epochs. Usual: 0, which shows every value as it was measured."));
    tools->addWidget(smoothing);
    axis = new QComboBox;
    axis->addItems({tr("By epoch"), tr("By step"), tr("By time")});
    axis->setAccessibleName(tr("Horizontal axis"));
    axis->setToolTip(tr("What the charts run along; time compares what a run costs"));
    tools->addWidget(axis);
    row->addWidget(chartTools);
    return made;
}

QWidget* ComparePage::Impl::makeCurves() {
    auto* made = new QWidget;
    auto* box = new QVBoxLayout(made);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(metric::kGap);
    chartRow = new QHBoxLayout;
    chartRow->setSpacing(metric::kGap);
    box->addLayout(chartRow, 64);
    differences = new Card(tr("Only the differences"), {}, Card::Style::Chart);
    differenceView = new DifferenceView;
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setMinimumHeight(70);
    scroll->setAccessibleName(tr("Only the differences"));
    scroll->viewport()->setAutoFillBackground(false);
    scroll->setWidget(differenceView);
    differenceView->setAutoFillBackground(false);
    differences->setBody(scroll);
    box->addWidget(differences, 36);
    return made;
}

ComparePage::ComparePage(QWidget* parent) : QWidget(parent), m(std::make_unique<Impl>()) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(metric::kPageMargin, metric::kPageTop, metric::kPageMargin, metric::kPageTop);
    all->setSpacing(metric::kGap);
    all->addLayout(m->makeHead(this));
    m->table = new CompareTable;
    m->tableCard = new TableCard(m->table);
    all->addWidget(m->tableCard);

    m->over = new QWidget;
    auto* lower = new QVBoxLayout(m->over);
    lower->setContentsMargins(0, 0, 0, 0);
    lower->setSpacing(metric::kGap);
    lower->addWidget(m->makeTools());
    m->views = new QStackedLayout;
    m->views->addWidget(m->makeCurves());
    m->reality = new RealityView;
    m->views->addWidget(m->reality);
    m->confusion = new ConfusionPanel;
    m->views->addWidget(m->confusion);
    m->parallel = new ParallelPanel;
    m->views->addWidget(m->parallel);
    lower->addLayout(m->views, 1);
    all->addWidget(m->over, 1);
    m->group = new ChartGroup(this);
    addCharts(kUsualCharts);
    m->empty =
        new EmptyState(QStringLiteral("git-compare"), tr("Tick two runs to compare them"),
                       tr("Ticked runs are drawn over each other, and their settings are set against each other."),
                       tr("Tick the last two"));
    all->addWidget(m->empty, 1);
    connectTable();
    connectCharts();
    m->rebuild();
}

ComparePage::~ComparePage() = default;

void ComparePage::connectTable() {
    connect(m->filter, &QLineEdit::textChanged, m->table, &CompareTable::setFilter);
    connect(m->table, &CompareTable::rowsChanged, this, &ComparePage::fitTable);
    connect(m->table, &CompareTable::tickRequested, this, &ComparePage::tickRequested);
    connect(m->table, &CompareTable::starRequested, this, &ComparePage::starRequested);
    connect(m->table, &CompareTable::openRequested, this, &ComparePage::activated);
    connect(m->table, &CompareTable::deleteRequested, this, &ComparePage::deleteRequested);
    connect(m->table, &CompareTable::useSettingsRequested, this, &ComparePage::useSettingsRequested);
    connect(m->table, &CompareTable::openFolderRequested, this, &ComparePage::openFolderRequested);
    connect(m->table, &CompareTable::referenceRequested, this, &ComparePage::referenceRequested);
    connect(m->table, &CompareTable::orderChanged, this, &ComparePage::orderChanged);
    connect(m->table, &CompareTable::widthsChanged, this, [this] { Q_EMIT columnsResized(m->table->widths()); });
    connect(m->table, &CompareTable::hovered, m->group, &ChartGroup::setLifted);
    connect(m->columns, &Button::clicked, this, [this] { m->chooser->openBelow(m->columns); });
    connect(m->chooser, &ColumnChooser::chosen, this, &ComparePage::columnsChosen);
    connect(m->chooser, &ColumnChooser::usualRequested, this, [this] { Q_EMIT columnsChosen({}); });
    connect(m->csv, &IconButton::clicked, this, &ComparePage::tableExportRequested);
    connect(m->report, &IconButton::clicked, this, &ComparePage::reportRequested);
}

void ComparePage::connectCharts() {
    connect(m->empty, &EmptyState::acted, this, &ComparePage::tickLastTwoRequested);
    connect(m->group, &ChartGroup::liftedChanged, m->table, &CompareTable::setLifted);
    connect(m->view, &SegmentedControl::chosen, this, [this](int index) {
        m->views->setCurrentIndex(index);
        m->chartTools->setVisible(index == 0);
    });
    connect(m->axis, &QComboBox::activated, this, [this] {
        m->group->reset();
        m->group->setCrosshair(std::nullopt);
        m->rebuild();
    });
    connect(m->smoothing, &QSlider::valueChanged, this, [this] { m->rebuild(); });
    connect(&theme(), &Theme::changed, this, [this] { m->rebuild(); });
    connect(m->reality, &RealityView::referenceChosen, this, &ComparePage::referenceChosen);
    connect(m->parallel, &ParallelPanel::tickOnlyRequested, this, &ComparePage::tickOnlyRequested);
    connect(m->parallel, &ParallelPanel::runActivated, m->table, &CompareTable::showRun);
    connect(m->confusion, &ConfusionPanel::picturesRequested, this, &ComparePage::picturesRequested);
}

void ComparePage::fitTable() { m->table->setFixedHeight(m->tableHeight(height())); }

void ComparePage::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    if (event->size().height() != event->oldSize().height())
        fitTable();
}

void ComparePage::setModel(QAbstractItemModel* runs) { m->table->setRuns(runs); }

void ComparePage::setColumns(const QList<ColumnChoice>& columns) {
    const auto shown = std::ranges::count_if(columns, [](const ColumnChoice& column) { return column.shown; });
    m->columns->setText(tr("Columns, %1").arg(shown));
    m->columns->updateGeometry();
    m->chooser->setColumns(columns);
}

void ComparePage::setWidths(const QHash<QString, int>& widths) { m->table->setWidths(widths); }
QStringList ComparePage::order() const { return m->table->order(); }
QString ComparePage::tableAsCsv() const { return m->table->asCsv(); }

void ComparePage::addCharts(qsizetype count) {
    while (m->charts.size() < count) {
        auto* chart = new Chart(QString(), ChartUnit::Number);
        chart->setNames(ChartNames::AtLineEnds);
        m->charts.append(chart);
        m->group->add(chart);
        m->chartRow->addWidget(chart, 1);
        connect(chart, &Chart::lineActivated, m->table, &CompareTable::showRun);
        connect(chart, &Chart::exportRequested, this, [this, chart](const QString& ending) {
            m->exporting = chart;
            Q_EMIT exportRequested(QStringLiteral("%1.%2").arg(chart->title(), ending));
        });
    }
}

void ComparePage::setRuns(const QList<CompareChart>& charts, const QList<CompareRun>& runs) {
    addCharts(charts.size());
    for (qsizetype i = 0; i < m->charts.size(); ++i)
        m->charts[i]->setVisible(i < charts.size());
    m->shown = charts;
    m->runs = runs;
    QStringList names;
    for (const CompareRun& run : runs)
        names.append(run.name);
    m->names = withoutShared(names);
    m->rebuild();
    fitTable();
}

void ComparePage::setDifferences(const Differences& differences) {
    m->differenceView->setDifferences(differences);
    m->differences->setSummary(differences.settings > 0
                                   ? tr("%1 of %2 settings").arg(differences.rows.size()).arg(differences.settings)
                                   : QString());
}

void ComparePage::setParallel(const ParallelRuns& runs) { m->parallel->setRuns(runs); }

void ComparePage::setReality(const RealityCheck& check, const QString& note) { m->reality->setCheck(check, note); }

void ComparePage::setConfusion(const QList<ConfusionMatrix>& matrices, const QString& note, const QString& samples) {
    m->confusion->setMatrices(matrices, note, samples);
}

void ComparePage::setFilterExample(const QString& condition) {
    m->filter->setPlaceholderText(tr("Filter: name, setting, %1").arg(condition));
}

void ComparePage::setCounts(int shown, int all) {
    m->count->setText(tr("%1 of %2 runs").arg(shown).arg(all));
    m->report->setEnabled(shown > 0);
}

bool ComparePage::exportChart(const QString& file) {
    QStringList names;
    for (const CompareRun& run : m->runs)
        names.append(run.name);
    return m->exporting && m->exporting->exportTo(file, names.join(QStringLiteral(", ")));
}

} // namespace ui
