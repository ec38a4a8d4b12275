#include "ui/try/answerpanel.h"

#include "ui/controls/barrow.h"
#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/legend.h"
#include "ui/controls/statuschip.h"
#include "ui/format.h"
#include "ui/frame/pagelayout.h"
#include "ui/try/otheranswers.h"
#include "ui/try/resultmodel.h"
#include "ui/try/resulttable.h"

#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QPainter>
#include <QVBoxLayout>

namespace ui {
namespace {

constexpr int kMostBars = 5;

// Where a machine's words stand, to be selected and copied.
class CommandBox final : public QWidget {
protected:
    void paintEvent(QPaintEvent*) override {
        QPainter painter(this);
        drawOutline(painter, rect(), color(Role::Border), 1, metric::kControlRadius, color(Role::Sunken));
    }
};

QVBoxLayout* column(QWidget* widget, int spacing) {
    auto* box = new QVBoxLayout(widget);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(spacing);
    return box;
}

// A command wraps where it likes: a path has no spaces.
QString breakable(const QString& command) {
    QString made;
    for (const QChar sign : command) {
        const bool inside = !made.isEmpty() && made.back().isLetterOrNumber(); // not the dashes of an option
        made += sign;
        if (inside && (sign == QLatin1Char('/') || sign == QLatin1Char('-') || sign == QLatin1Char('_')))
            made += QChar(0x200B);
    }
    return made;
}

// "is not a picture" needs its subject: what the sentence begins with is said of the file.
QString problemOf(const TryResult& result) {
    const QString name = QFileInfo(result.file).fileName();
    const bool subjectIsMissing = result.problem.at(0).isLower() && !result.problem.contains(name);
    return subjectIsMissing ? QStringLiteral("%1 %2").arg(name, result.problem) : result.problem;
}

} // namespace

QString answerWords(const TryResult* result) {
    if (!result)
        return AnswerPanel::tr("No picture yet");
    if (!result->problem.isEmpty())
        return problemOf(*result);
    return result->top.isEmpty() ? AnswerPanel::tr("Looking at it")
                                 : AnswerPanel::tr("The model says %1").arg(result->top.first().label);
}

AnswerPanel::AnswerPanel(QWidget* parent)
    : QWidget(parent),
      m_answer(new QWidget),
      m_sentence(new Label({}, FontRole::PageTitle)),
      m_chip(new StatusChip(StatusChip::Look::Filled)),
      m_next(new Label({}, FontRole::Label, Role::Muted)),
      m_bars(new QVBoxLayout),
      m_time(new QWidget),
      m_timeWords(new Label({}, FontRole::Body)),
      m_meter(new Meter),
      m_legend(new Legend),
      m_othersSection(new QWidget),
      m_others(new OtherAnswers),
      m_commandSection(new QWidget),
      m_commandText(new Label({}, FontRole::Mono)) {
    auto* box = panelBox(this);
    m_sentence->setObjectName(QStringLiteral("answer"));
    m_sentence->setWordWrap(true);
    box->addWidget(m_sentence);

    auto* answer = column(m_answer, 8);
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_chip);
    m_next->setElide(Qt::ElideRight);
    line->addWidget(m_next, 1);
    answer->addLayout(line);
    answer->addWidget(new Label(tr("Prediction"), FontRole::Strong));
    m_bars->setSpacing(8);
    answer->addLayout(m_bars);
    auto* time = column(m_time, 6);
    time->addWidget(new Divider);
    auto* head = new QHBoxLayout;
    head->addWidget(new Label(tr("Time"), FontRole::Strong));
    head->addStretch();
    head->addWidget(m_timeWords);
    time->addLayout(head);
    m_meter->setSquare();
    time->addWidget(m_meter);
    time->addWidget(m_legend);
    answer->addWidget(m_time);
    auto* others = column(m_othersSection, 6);
    others->addWidget(new Divider);
    others->addWidget(new Label(tr("What other runs say"), FontRole::Strong));
    others->addWidget(m_others);
    answer->addWidget(m_othersSection);
    box->addWidget(m_answer);

    auto* command = column(m_commandSection, 6);
    command->addWidget(new Divider);
    auto* commandHead = new QHBoxLayout;
    commandHead->addWidget(new Label(tr("The same from the command line"), FontRole::Strong));
    commandHead->addStretch();
    auto* copy = new IconButton(QStringLiteral("copy"), tr("Copy the command"));
    copy->setObjectName(QStringLiteral("copyCommand"));
    commandHead->addWidget(copy);
    command->addLayout(commandHead);
    auto* ground = new CommandBox;
    auto* inside = new QVBoxLayout(ground);
    inside->setContentsMargins(12, 8, 12, 8);
    m_commandText->setWordWrap(true);
    inside->addWidget(m_commandText);
    command->addWidget(ground);
    box->addWidget(m_commandSection);
    box->addStretch(1);

    connect(copy, &IconButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_command); });
    setCommand({});
    setResult(nullptr);
}

void AnswerPanel::setResult(const TryResult* result) {
    const bool answered = result && result->problem.isEmpty() && !result->top.isEmpty();
    m_answer->setVisible(answered);
    if (!answered) {
        m_sentence->setFontRole(FontRole::SectionTitle);
        m_sentence->setText(answerWords(result));
        return;
    }
    const TryClass best = result->top.first();
    m_sentence->setFontRole(FontRole::PageTitle);
    m_sentence->setText(answerWords(result));
    const bool sure = best.probability >= kUnsure;
    m_chip->setState(sure ? Tone::Success : Tone::Warning,
                     (sure ? tr("Sure: %1") : tr("Unsure: %1")).arg(formatPercent(best.probability)));
    const TryClass second = result->top.value(1);
    m_next->setText(second.label.isEmpty() || !result->exclusive
                        ? QString()
                        : tr("next: %1, %2").arg(second.label, formatPercent(second.probability)));
    showBars(result->top);
    showTime(*result);
    m_others->setAnswers(result->others, best.label);
    m_othersSection->setVisible(!result->others.isEmpty());
}

void AnswerPanel::showBars(const QList<TryClass>& top) {
    const int count = std::min(kMostBars, static_cast<int>(top.size()));
    while (m_rows.size() < count) {
        auto* row = new BarRow(BarRow::Shape::Stacked);
        m_rows.append(row);
        m_bars->addWidget(row);
    }
    for (int i = 0; i < m_rows.size(); ++i) {
        m_rows.at(i)->setVisible(i < count);
        if (i >= count)
            continue;
        const TryClass& row = top.at(i);
        m_rows.at(i)->setRow(row.label, row.probability, formatPercent(row.probability));
        m_rows.at(i)->setRoles(i == 0 ? Role::Accent : Role::NeutralStrong, Role::Sunken);
        m_rows.at(i)->setEmphasis(i == 0);
    }
}

void AnswerPanel::showTime(const TryResult& result) {
    const double all = totalMs(result);
    m_time->setVisible(all > 0);
    m_timeWords->setText(m_device.isEmpty() ? formatMilliseconds(all)
                                            : tr("%1 on %2").arg(formatMilliseconds(all), m_device));
    const auto part = [](double ms, Role role, const QString& name) {
        return Meter::Part{ms, {}, role, QStringLiteral("%1 %2").arg(name).arg(ms, 0, 'f', 1)};
    };
    const QList<Meter::Part> parts{part(result.decodeMs, Role::NeutralSoft, tr("Decode")),
                                   part(result.prepareMs, Role::NeutralStrong, tr("Prepare")),
                                   part(result.modelMs, Role::Accent, tr("Model"))};
    m_meter->setParts(parts);
    m_legend->setParts(parts);
}

void AnswerPanel::setDevice(const QString& name) { m_device = name; }

void AnswerPanel::setCommand(const QString& command) {
    m_command = command;
    m_commandText->setText(breakable(command));
    m_commandText->setAccessibleName(command);
    m_commandSection->setVisible(!command.isEmpty());
}

} // namespace ui
