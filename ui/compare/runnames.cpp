#include "ui/compare/runnames.h"

#include <algorithm>

namespace ui {
namespace {

QStringList wordsOf(const QString& name) { return name.split(QLatin1Char(' '), Qt::SkipEmptyParts); }

// How many words all have in common, at(words, i) being the i-th from the side that is looked at.
template <typename At>
qsizetype sharedWords(const QList<QStringList>& all, qsizetype most, const At& at) {
    qsizetype shared = 0;
    while (shared < most && std::ranges::all_of(all, [&](const QStringList& words) {
               return at(words, shared) == at(all.first(), shared);
           }))
        ++shared;
    return shared;
}

} // namespace

QStringList withoutShared(const QStringList& names) {
    if (names.size() < 2)
        return names;
    QList<QStringList> all;
    qsizetype shortest = std::numeric_limits<qsizetype>::max();
    for (const QString& name : names) {
        all.append(wordsOf(name));
        shortest = std::min(shortest, all.last().size());
    }
    if (shortest < 2)
        return names;
    qsizetype first = sharedWords(all, shortest - 1, [](const QStringList& words, qsizetype i) { return words.at(i); });
    const qsizetype last = sharedWords(all, shortest - 1 - first, [](const QStringList& words, qsizetype i) {
        return words.at(words.size() - 1 - i);
    });
    // A number alone is no name: the word before it stays.
    const auto saysNothing = [&](const QStringList& words) {
        const QString left = words.mid(first, words.size() - first - last).join(QString());
        return std::ranges::none_of(left, [](QChar sign) { return sign.isLetter(); });
    };
    if (first > 0 && std::ranges::any_of(all, saysNothing))
        --first;
    QStringList made;
    for (const QStringList& words : all) {
        QString name = words.mid(first, words.size() - first - last).join(QLatin1Char(' '));
        if (last > 0 && name.endsWith(QLatin1Char(',')))
            name.chop(1);
        made.append(name);
    }
    return made;
}

} // namespace ui
