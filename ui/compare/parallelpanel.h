#pragma once

#include "ui/compare/paralleldata.h"

#include <QWidget>

namespace ui {

class Button;
class Label;
class ParallelView;

// Parallel coordinates with what is kept of the runs, and the buttons that make use of it.
class ParallelPanel final : public QWidget {
    Q_OBJECT
public:
    explicit ParallelPanel(QWidget* parent = nullptr);
    void setRuns(const ParallelRuns& runs);

Q_SIGNALS:
    void tickOnlyRequested(const QStringList& ids);
    void runActivated(const QString& id);

private:
    void showInside();
    ParallelView* m_view;
    Label* m_words;
    Button* m_tickOnly;
    Button* m_clear;
    int m_all = 0;
};

} // namespace ui
