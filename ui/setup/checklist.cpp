#include "ui/setup/checklist.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"

#include <QMouseEvent>
#include <QVBoxLayout>

#include <functional>

namespace ui {
namespace {

constexpr int kWidestBeside = 110;     // of a remedy's button; wider ones stand below the words
constexpr qsizetype kLongestWord = 20; // letters that fit beside such a button

// Names of files may break where the panel is too narrow for them.
QString breakable(const QString& sentence) {
    QStringList words = sentence.split(QLatin1Char(' '));
    for (QString& word : words)
        for (qsizetype at = 0, since = 0; word.size() > kLongestWord && at + 1 < word.size(); ++at) {
            const QChar sign = word.at(at);
            if (++since < kLongestWord && sign != QLatin1Char('/'))
                continue;
            word.insert(++at, QChar(0x200b));
            since = 0;
        }
    return words.join(QLatin1Char(' '));
}

// A finding: a click on its words goes to the field.
class FindingRow final : public QWidget {
public:
    explicit FindingRow(std::function<void()> clicked) : m_clicked(std::move(clicked)) {
        setCursor(Qt::PointingHandCursor);
    }

protected:
    void mouseReleaseEvent(QMouseEvent* event) override {
        if (event->button() == Qt::LeftButton && rect().contains(event->pos()))
            m_clicked();
    }

private:
    std::function<void()> m_clicked;
};

QHBoxLayout* checkRow(QWidget* row, const QString& icon, Role role) {
    auto* box = new QHBoxLayout(row);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(8);
    auto* mark = new QVBoxLayout;
    mark->setContentsMargins(0, 1, 0, 0);
    mark->addWidget(new IconLabel(icon, 16, role));
    mark->addStretch();
    box->addLayout(mark);
    return box;
}

} // namespace

CheckList::CheckList(QWidget* parent)
    : QWidget(parent), m_count(new Label({}, FontRole::Label, Role::Muted)), m_lines(new QVBoxLayout) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(6);
    auto* head = new QHBoxLayout;
    head->addWidget(new Label(tr("Checks"), FontRole::Strong));
    head->addStretch();
    head->addWidget(m_count);
    all->addLayout(head);
    m_lines->setSpacing(6);
    all->addLayout(m_lines);
}

QWidget* CheckList::makeFinding(const FieldFinding& finding, int place) {
    const bool problem = finding.severity == FindingSeverity::Problem;
    const Tone tone = problem ? Tone::Danger : Tone::Warning;
    auto* row = new FindingRow([this, place] { Q_EMIT findingClicked(place); });
    auto* box = checkRow(row, toneIcon(tone), textRole(tone));
    auto* words = new QVBoxLayout;
    words->setSpacing(0);
    QString message = finding.message;
    if (message.endsWith(QLatin1Char('.')))
        message.chop(1);
    auto* title = new Label(breakable(message), FontRole::Value);
    title->setWordWrap(true);
    words->addWidget(title);
    if (!finding.detail.isEmpty()) {
        auto* detail = new Label(breakable(finding.detail), FontRole::Label, Role::Muted);
        detail->setWordWrap(true);
        words->addWidget(detail);
    }
    box->addLayout(words, 1);
    if (!finding.fixLabel.isEmpty()) {
        auto* fix = new Button(finding.fixLabel);
        fix->setObjectName(QStringLiteral("fix:") + finding.key);
        if (fix->sizeHint().width() <= kWidestBeside) {
            box->addWidget(fix, 0, Qt::AlignTop);
        } else {
            words->addSpacing(4);
            words->addWidget(fix, 0, Qt::AlignLeft);
        }
        connect(fix, &Button::clicked, this, [this, place] { Q_EMIT fixRequested(place); });
    }
    words->addStretch();
    return row;
}

void CheckList::setChecks(const QList<FieldFinding>& findings, const QStringList& passed) {
    if (findings == m_findings && passed == m_passed)
        return; // a button under the mouse stays
    m_findings = findings;
    m_passed = passed;
    while (QLayoutItem* item = m_lines->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater(); // its own button may have asked for the new list
        delete item;
    }
    for (const auto severity : {FindingSeverity::Problem, FindingSeverity::Warning})
        for (int i = 0; i < findings.size(); ++i)
            if (findings.at(i).severity == severity)
                m_lines->addWidget(makeFinding(findings.at(i), i));
    for (const auto& words : passed) {
        auto* row = new QWidget;
        auto* box = checkRow(row, toneIcon(Tone::Success), textRole(Tone::Success));
        auto* label = new Label(words, FontRole::Body);
        label->setWordWrap(true);
        box->addWidget(label, 1);
        m_lines->addWidget(row);
    }
    if (findings.isEmpty())
        m_count->setText(passed.isEmpty() ? QString() : tr("All pass"));
    else if (passed.isEmpty())
        m_count->setText(tr("%1 to look at").arg(findings.size()));
    else
        m_count->setText(tr("%1 pass, %2 to look at").arg(passed.size()).arg(findings.size()));
}

} // namespace ui
