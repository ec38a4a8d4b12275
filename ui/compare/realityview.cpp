#include "ui/compare/realityview.h"

#include "ui/compare/intervalrows.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/format.h"

#include <QComboBox>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace ui {
namespace {

QString pValue(double p) { return p < 0.001 ? QStringLiteral("< 0.001") : QString::number(p, 'f', p < 0.1 ? 3 : 2); }

// "+1.3", "−2.6" percentage points.
QString points(double difference) {
    const QString number = QString::number(std::abs(difference) * 100, 'f', 1);
    return (difference < 0 ? QString(QChar(0x2212)) : QStringLiteral("+")) + number;
}

QString shortVerdict(const DifferenceTest& test, const QString& reference) {
    switch (test.verdict) {
    case DifferenceTest::Verdict::ReferenceBetter:
        return RealityView::tr("%1 is better")
            .arg(QFontMetrics(ui::font(FontRole::Head)).elidedText(reference, Qt::ElideMiddle, 140));
    case DifferenceTest::Verdict::OtherBetter:
        return RealityView::tr("better");
    case DifferenceTest::Verdict::OtherData:
        return RealityView::tr("other data");
    case DifferenceTest::Verdict::NotShown:
        break;
    }
    return RealityView::tr("not distinguishable");
}

QScrollArea* scrolledRows(QWidget* rows) {
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->viewport()->setAutoFillBackground(false);
    auto* inside = new QWidget;
    auto* box = new QVBoxLayout(inside);
    box->setContentsMargins(0, 0, 0, 0);
    box->addWidget(rows);
    box->addStretch(1);
    scroll->setWidget(inside);
    inside->setAutoFillBackground(false);
    return scroll;
}

} // namespace

RealityView::RealityView(QWidget* parent)
    : QWidget(parent),
      m_reference(new QComboBox),
      m_title(new Label({}, FontRole::SectionTitle)),
      m_detail(new Label),
      m_note(new Label({}, FontRole::Label, Role::Muted)),
      m_runsCard(new Card({}, {}, Card::Style::Chart)),
      m_testsCard(new Card({}, {}, Card::Style::Chart)),
      m_runs(new IntervalRows(IntervalRows::Axis::Shares)),
      m_tests(new IntervalRows(IntervalRows::Axis::Differences)),
      m_foot(new Label({}, FontRole::Small, Role::Muted)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(metric::kGap);
    m_note->setWordWrap(true);
    m_note->setObjectName(QStringLiteral("realityNote"));
    all->addWidget(m_note);
    auto* row = new QHBoxLayout;
    row->setSpacing(metric::kGap);
    m_runsCard->setTitle(tr("Right on validation"));
    m_runs->setAccessibleName(tr("Right on validation, with 95 % intervals"));
    m_runsCard->setBody(scrolledRows(m_runs));
    row->addWidget(m_runsCard, 45);
    row->addWidget(makeVerdict(), 55);
    all->addLayout(row, 1);
    m_runs->setHeads(tr("95 % interval"), QString());
    m_tests->setHeads(tr("points, 95 % interval"), tr("p"));
    connect(m_reference, &QComboBox::activated, this,
            [this] { Q_EMIT referenceChosen(m_reference->currentData().toString()); });
    connect(m_tests, &IntervalRows::chosen, this, [this](const QString& id) {
        m_current = id;
        showVerdict();
    });
}

QWidget* RealityView::makeVerdict() {
    m_testsCard->setTitle(tr("Against"));
    m_reference->setObjectName(QStringLiteral("reference"));
    m_reference->setAccessibleName(tr("Reference"));
    m_reference->setToolTip(tr("The run that the others are held against, on the same samples"));
    m_reference->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_reference->setMinimumContentsLength(16);
    m_testsCard->addHeaderWidget(m_reference);
    auto* body = m_testsCard->bodyLayout();
    m_title->setWordWrap(true);
    m_title->setObjectName(QStringLiteral("verdict"));
    m_detail->setWordWrap(true);
    m_detail->setObjectName(QStringLiteral("verdictDetail"));
    m_foot->setWordWrap(true);
    m_tests->setAccessibleName(tr("Differences from the reference"));
    body->addWidget(m_title);
    body->addWidget(m_detail);
    body->addWidget(scrolledRows(m_tests), 1);
    body->addWidget(m_foot);
    return m_testsCard;
}

void RealityView::setCheck(const RealityCheck& check, const QString& note) {
    m_check = check;
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    m_runsCard->setVisible(note.isEmpty());
    m_testsCard->setVisible(note.isEmpty());
    m_reference->clear();
    for (const AccuracyRow& run : check.runs)
        m_reference->addItem(run.name, run.id);
    m_reference->setCurrentIndex(m_reference->findData(check.referenceId));
    const bool known = std::ranges::find(check.tests, m_current, &DifferenceTest::id) != check.tests.end();
    if (!known)
        m_current = check.tests.isEmpty() ? QString() : check.tests.first().id;
    showRuns();
    showTests();
    showVerdict();
}

void RealityView::showRuns() {
    QList<IntervalRow> rows;
    for (const AccuracyRow& run : m_check.runs) {
        const double share = run.all > 0 ? static_cast<double>(run.right) / static_cast<double>(run.all) : std::nan("");
        rows.append({run.id, run.name, run.colour, share, run.low, run.high,
                     tr("%1 to %2").arg(formatPercent(run.low), formatPercent(run.high)), formatPercent(share), false});
    }
    m_runs->setRows(rows);
    m_runsCard->setSummary(tr("95 % intervals by Wilson"));
}

void RealityView::showTests() {
    QList<IntervalRow> rows;
    for (const DifferenceTest& test : m_check.tests) {
        const bool other = test.verdict == DifferenceTest::Verdict::OtherData;
        const bool stands = test.verdict == DifferenceTest::Verdict::OtherBetter ||
                            test.verdict == DifferenceTest::Verdict::ReferenceBetter;
        const double none = std::nan("");
        rows.append({test.id, test.name, test.colour, other ? none : test.difference, other ? none : test.low,
                     other ? none : test.high, shortVerdict(test, m_check.referenceName),
                     other ? missing() : pValue(test.corrected), stands});
    }
    m_tests->setRows(rows);
    const QString bootstrap = tr("Intervals of the difference: paired bootstrap.");
    m_foot->setText(
        m_check.tests.size() > 1
            ? tr("p: McNemar's exact test, corrected for %1 comparisons (Holm).").arg(m_check.tests.size()) +
                  QLatin1Char(' ') + bootstrap
            : tr("p: McNemar's exact test.") + QLatin1Char(' ') + bootstrap);
}

void RealityView::showVerdict() {
    m_tests->setCurrent(m_current);
    const auto test = std::ranges::find(m_check.tests, m_current, &DifferenceTest::id);
    const bool any = test != m_check.tests.end();
    m_title->setText(any ? verdictTitle(*test, m_check.referenceName) : QString());
    m_detail->setText(any ? verdictDetail(*test, m_check.referenceName, m_check.samples) : QString());
}

QString verdictTitle(const DifferenceTest& test, const QString& reference) {
    switch (test.verdict) {
    case DifferenceTest::Verdict::ReferenceBetter:
        return RealityView::tr("%1 is better than %2").arg(reference, test.name);
    case DifferenceTest::Verdict::OtherBetter:
        return RealityView::tr("%1 is better than %2").arg(test.name, reference);
    case DifferenceTest::Verdict::OtherData:
        return RealityView::tr("%1 and %2 were validated on other data").arg(reference, test.name);
    case DifferenceTest::Verdict::NotShown:
        break;
    }
    return RealityView::tr("%1 and %2 are not distinguishable").arg(reference, test.name);
}

QString verdictDetail(const DifferenceTest& test, const QString& reference, const QString& samples) {
    if (test.verdict == DifferenceTest::Verdict::OtherData)
        return RealityView::tr("No file was validated by both, so they cannot be held against each other.");
    QStringList words;
    words.append(RealityView::tr("%1 of %2 %3 are right in %4, %5 in %6.")
                     .arg(formatExact(test.both + test.onlyReference), formatExact(test.all()), samples, reference,
                          formatExact(test.both + test.onlyOther), test.name));
    words.append(RealityView::tr("They disagree on %1: %2 only %3 has right, %4 only %5.")
                     .arg(formatExact(test.onlyReference + test.onlyOther), formatExact(test.onlyReference), reference,
                          formatExact(test.onlyOther), test.name));
    words.append(RealityView::tr("McNemar p = %1. The difference is %2 points, 95 % interval %3 to %4.")
                     .arg(pValue(test.p), points(test.difference), points(test.low), points(test.high)));
    if (test.unmatched > 0)
        words.append(RealityView::tr("%1 %2 were validated by one of them only and do not count.")
                         .arg(formatExact(test.unmatched), samples));
    return words.join(QLatin1Char(' '));
}

} // namespace ui
