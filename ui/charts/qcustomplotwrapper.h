// The one place that includes QCustomPlot 2.1: its header uses the signals, slots and foreach keywords, which
// QT_NO_KEYWORDS takes away everywhere else.
#pragma once

#include <QObject>

#define signals Q_SIGNALS
#define slots Q_SLOTS
#define emit
#define foreach Q_FOREACH
#include <qcustomplot.h>
#undef signals
#undef slots
#undef emit
#undef foreach
