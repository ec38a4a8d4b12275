#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

class QVBoxLayout;

namespace ui {

class Label;

// What was checked before Train: what is wrong with its remedy, then what holds, a line each.
class CheckList final : public QWidget {
    Q_OBJECT
public:
    explicit CheckList(QWidget* parent = nullptr);
    void setChecks(const QList<FieldFinding>& findings, const QStringList& passed);

Q_SIGNALS:
    void fixRequested(int finding);
    void findingClicked(int finding);

private:
    QWidget* makeFinding(const FieldFinding& finding, int place);
    QList<FieldFinding> m_findings;
    QStringList m_passed;
    Label* m_count;
    QVBoxLayout* m_lines;
};

} // namespace ui
