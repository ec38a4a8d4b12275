#include "src/runevents.h"

#include "src/values.h"
#include "ui/format.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>

namespace app {
namespace {

struct EventWords {
    Q_DECLARE_TR_FUNCTIONS(Events)
};

constexpr QChar kNoBreak(0x00a0);

} // namespace

bool isWarning(const engine::RunEvent& event) {
    return event.kind == engine::EventKind::Warning || event.kind == engine::EventKind::Refused;
}

std::vector<bool> phasesBegun(const std::vector<engine::RunEvent>& events, std::span<const int> begins) {
    std::vector<bool> made(events.size(), false);
    int last = 0; // the epoch of the phase that was told last
    for (std::size_t i = 0; i < events.size(); ++i) {
        const engine::RunEvent& event = events[i];
        const bool first = event.kind == engine::EventKind::Phase && event.epoch != last;
        made[i] = first && event.epoch > 0 && std::ranges::find(begins, event.epoch) != begins.end();
        if (made[i])
            last = event.epoch;
    }
    return made;
}

QString eventWord(const engine::RunEvent& event, bool beginsPhase) {
    if (event.kind == engine::EventKind::Verified)
        return EventWords::tr("freeze");
    if (event.kind == engine::EventKind::Phase && !beginsPhase)
        return EventWords::tr("note");
    if (event.kind == engine::EventKind::Epoch)
        return EventWords::tr("epoch %1").arg(event.epoch);
    return words(std::string(engine::eventKindName(event.kind)));
}

QString withGroupedSteps(QString text) {
    static const QRegularExpression step(QStringLiteral("\\b(steps?) (\\d+)(?: and (\\d+))?"));
    qsizetype from = 0;
    for (auto match = step.match(text); match.hasMatch(); match = step.match(text, from)) {
        QString said = match.captured(1) + kNoBreak + ui::formatExact(match.captured(2).toLongLong());
        if (!match.captured(3).isEmpty())
            said += QStringLiteral(" and ") + ui::formatExact(match.captured(3).toLongLong());
        text.replace(match.capturedStart(), match.capturedLength(), said);
        from = match.capturedStart() + said.size();
    }
    return text;
}

QString asSentence(QString text) {
    const QString first = text.section(QLatin1Char(' '), 0, 0);
    const bool word = std::all_of(first.begin(), first.end(), [](QChar sign) { return sign.isLetter(); });
    if (word && !text.isEmpty())
        text[0] = text.at(0).toUpper();
    return text;
}

} // namespace app
