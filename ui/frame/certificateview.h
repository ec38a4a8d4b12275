#pragma once

#include <QWidget>

namespace ui {

class Button;
class FactList;
class Label;
class StatusChip;
struct ExportOutcome;

// The certificate of an exported model: whether it answers as the run does, how exactly, how fast; its checksum and the
// lines that open it, to be copied.
class CertificateView final : public QWidget {
    Q_OBJECT
public:
    explicit CertificateView(QWidget* parent = nullptr);
    void setOutcome(const ExportOutcome& outcome);

private:
    StatusChip* m_verdict;
    Label* m_detail;
    FactList* m_facts;
    Label* m_sum;
    Label* m_opening;
    Label* m_place;
};

} // namespace ui
