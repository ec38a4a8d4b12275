#pragma once

#include "ui/controls/factlist.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QStackedLayout;

namespace ui {

class Button;
class CertificateView;
class FactSentences;
class Label;
class LabeledField;
class ProblemLine;
class ProgressBar;
class SegmentedControl;

// A format that a model can be written in.
struct ExportKind {
    QString label = {};
    QString tip = {};
    bool computes = false; // so that it can prepare pictures as well
};

struct ExportSource {
    QString word = {}; // of its checkpoint
    QString label = {};
};

// What exporting would come to, and why it cannot be done.
struct ExportWords {
    QList<ExportSource> sources = {}; // checkpoints; empty: as they are
    QList<Fact> facts = {};           // name and value, a sentence or two
    QString problem = {};             // empty: it can be done
};

// What was written, and what a fresh process says of it.
struct ExportOutcome {
    Tone tone = Tone::Success;
    QString verdict = {}; // a word or two
    QString detail = {};  // sentences
    QList<Fact> facts = {};
    QString sha256 = {};
    QString opening = {}; // the lines that open it
    QString place = {};
};

// Writes a run's model for other programs: what as, from which checkpoint, where to. Says beforehand what comes of it,
// shows how far it is and then its certificate. Does not block the window. Object names for tests: "exportFormat",
// "exportPrecision" (SegmentedControl), "exportCheckpoint", "exportPreparation", "exportPlace", "exportFacts",
// "exportProblem", "exportStart", "exportStop", "exportWhere", "certificate".
class ExportDialog final : public QDialog {
    Q_OBJECT
public:
    ExportDialog(const QString& run, const QList<ExportKind>& kinds, const QStringList& precisions, QWidget* parent);
    [[nodiscard]] int kind() const;
    void setKind(int kind);
    [[nodiscard]] int precision() const;
    [[nodiscard]] QString checkpoint() const; // its word
    [[nodiscard]] bool preparesPictures() const;
    [[nodiscard]] QString place() const;
    void suggestPlace(const QString& place); // unless the person wrote one
    void setWords(const ExportWords& words);
    // It is being written; a fraction that is no number: unknown.
    void setProgress(const QString& words, double fraction);
    void setEnded(const QString& problem); // not written; empty: it was stopped
    void setOutcome(const ExportOutcome& outcome);
    void reject() override; // stops what is being written, and closes the next time

Q_SIGNALS:
    void changed();   // other words are wanted
    void requested(); // write it
    void stopRequested();
    void folderRequested(); // show what was written

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QWidget* makeForm(const QList<ExportKind>& kinds, const QStringList& precisions);
    QLayout* makePlace();
    QWidget* makeFoot();
    void choosePlace();
    void showKind();
    void setBusy(bool busy);
    void updateStart();
    void grow();
    QList<ExportKind> m_kinds;
    Label* m_title;
    QStackedLayout* m_pages;
    QWidget* m_form;
    SegmentedControl* m_kind;
    SegmentedControl* m_precision;
    QComboBox* m_checkpoint;
    QCheckBox* m_preparation;
    QLineEdit* m_place;
    FactSentences* m_facts;
    ProblemLine* m_problem;
    CertificateView* m_certificate;
    ProgressBar* m_bar;
    Label* m_where;
    Button* m_stop;
    Button* m_close;
    Button* m_start;
    QString m_run;
    bool m_edited = false; // the place is the person's own
    bool m_busy = false;
    bool m_possible = false; // as last said
};

} // namespace ui
