#include "ui/frame/exportdialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"
#include "ui/controls/problemline.h"
#include "ui/controls/progressbar.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/frame/certificateview.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPainter>
#include <QSignalBlocker>
#include <QStackedLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace ui {
namespace {

constexpr int kExportWidth = 620;
constexpr int kExportHeight = 496; // with facts and certificate as long as they usually are
constexpr int kFactName = 84;
constexpr int kMostExportFacts = 5;
constexpr int kBarWidth = 120;

} // namespace

// Names at the left, sentences that wrap at the right; as many rows as there may be, so that nothing jumps.
class FactSentences final : public QWidget {
public:
    FactSentences() : m_grid(new QGridLayout(this)) {
        m_grid->setContentsMargins(0, 0, 0, 0);
        m_grid->setHorizontalSpacing(12);
        m_grid->setVerticalSpacing(6);
        m_grid->setColumnMinimumWidth(0, kFactName);
        m_grid->setColumnStretch(1, 1);
        for (int row = 0; row < kMostExportFacts; ++row) {
            m_names.append(new Label({}, FontRole::Body, Role::Muted));
            m_values.append(new Label({}, FontRole::Body));
            m_values.last()->setWordWrap(true);
            m_grid->addWidget(m_names.last(), row, 0, Qt::AlignTop);
            m_grid->addWidget(m_values.last(), row, 1, Qt::AlignTop);
        }
        m_grid->setRowStretch(kMostExportFacts, 1);
    }
    void setFacts(const QList<Fact>& facts) {
        for (int row = 0; row < kMostExportFacts; ++row) {
            const Fact fact = facts.value(row);
            m_names[row]->setText(fact.name);
            m_values[row]->setText(fact.value);
            m_names[row]->setVisible(!fact.name.isEmpty());
            m_values[row]->setVisible(!fact.name.isEmpty());
        }
    }

private:
    QGridLayout* m_grid;
    QList<Label*> m_names, m_values;
};

ExportDialog::ExportDialog(const QString& run, const QList<ExportKind>& kinds, const QStringList& precisions,
                           QWidget* parent)
    : QDialog(parent),
      m_kinds(kinds),
      m_title(new Label(tr("Export %1").arg(run), FontRole::SectionTitle)),
      m_pages(new QStackedLayout),
      m_kind(new SegmentedControl),
      m_precision(new SegmentedControl(precisions)),
      m_checkpoint(new QComboBox),
      m_preparation(new QCheckBox(tr("With preparation: it takes pictures of any size and gives probabilities"))),
      m_place(new QLineEdit),
      m_facts(new FactSentences),
      m_problem(new ProblemLine),
      m_certificate(new CertificateView),
      m_bar(new ProgressBar),
      m_where(new Label({}, FontRole::Label, Role::Muted)),
      m_stop(new Button(QStringLiteral("square"), tr("Stop"))),
      m_close(new Button(tr("Cancel"))),
      m_start(new Button(QStringLiteral("package-check"), tr("Export"), Button::Kind::Primary)),
      m_run(run) {
    setObjectName(QStringLiteral("exportDialog"));
    setWindowTitle(tr("Export"));
    setFixedWidth(kExportWidth);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(20, 18, 20, 16);
    all->setSpacing(12);
    m_title->setElide(Qt::ElideMiddle);
    all->addWidget(m_title);
    m_form = makeForm(kinds, precisions);
    m_pages->addWidget(m_form);
    m_pages->addWidget(m_certificate);
    all->addLayout(m_pages, 1);
    all->addWidget(makeFoot());
    showKind();
    resize(kExportWidth, kExportHeight);
    m_kind->setFocus();
}

QWidget* ExportDialog::makeForm(const QList<ExportKind>& kinds, const QStringList& precisions) {
    QStringList labels, tips;
    for (const ExportKind& kind : kinds) {
        labels.append(kind.label);
        tips.append(kind.tip);
    }
    m_kind->setObjectName(QStringLiteral("exportFormat"));
    m_kind->setChoices(labels);
    m_kind->setTips(tips);
    m_kind->setCurrent(0);
    m_precision->setObjectName(QStringLiteral("exportPrecision"));
    m_precision->setCurrent(0);
    Q_ASSERT(!precisions.isEmpty());
    m_checkpoint->setObjectName(QStringLiteral("exportCheckpoint"));
    m_checkpoint->addItem(tr("Best"), QStringLiteral("best"));
    m_preparation->setObjectName(QStringLiteral("exportPreparation"));
    m_facts->setObjectName(QStringLiteral("exportFacts"));
    m_problem->setObjectName(QStringLiteral("exportProblem"));
    auto* made = new QWidget;
    auto* all = new QVBoxLayout(made);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(12);
    auto* first = new QHBoxLayout; // as wide as its choices
    first->addWidget(new LabeledField(tr("Format"), m_kind));
    first->addStretch();
    all->addLayout(first);
    auto* row = new QHBoxLayout;
    row->setSpacing(metric::kFieldGap);
    auto* checkpoint = new LabeledField(tr("Checkpoint"), m_checkpoint);
    checkpoint->setHelp(tr("Checkpoint"), tr("The best of the validated epochs, or another that is still there."));
    row->addWidget(checkpoint, 1);
    auto* precision = new LabeledField(tr("Precision"), m_precision);
    precision->setHelp(tr("Precision"), tr("In which numbers parameters are kept. fp32 is exact; fp16 and bf16 take "
                                           "half the room and round them."));
    row->addWidget(precision);
    all->addLayout(row);
    all->addWidget(m_preparation);
    all->addLayout(makePlace());
    all->addWidget(new Divider);
    all->addWidget(m_facts, 1);
    all->addWidget(m_problem);
    m_problem->clear();
    connect(m_kind, &SegmentedControl::chosen, this, &ExportDialog::setKind);
    connect(m_precision, &SegmentedControl::chosen, this, &ExportDialog::changed);
    connect(m_checkpoint, &QComboBox::activated, this, &ExportDialog::changed);
    connect(m_preparation, &QCheckBox::toggled, this, &ExportDialog::changed);
    return made;
}

QLayout* ExportDialog::makePlace() {
    m_place->setObjectName(QStringLiteral("exportPlace"));
    auto* field = new LabeledField(tr("New folder"), m_place);
    field->setHelp(tr("New folder"), tr("The model, its card, its certificate and three programs that use it go there. "
                                        "Nothing is overwritten."));
    auto* choose = new Button(tr("Choose…"));
    field->addBeside(choose);
    connect(choose, &Button::clicked, this, &ExportDialog::choosePlace);
    connect(m_place, &QLineEdit::textEdited, this, [this] { m_edited = true; });
    connect(m_place, &QLineEdit::textChanged, this, &ExportDialog::changed);
    auto* row = new QHBoxLayout;
    row->addWidget(field);
    return row;
}

QWidget* ExportDialog::makeFoot() {
    auto* made = new QWidget;
    auto* row = new QHBoxLayout(made);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    m_bar->setFixedWidth(kBarWidth);
    m_where->setObjectName(QStringLiteral("exportWhere"));
    m_where->setElide(Qt::ElideRight);
    row->addWidget(m_bar);
    row->addWidget(m_where, 1);
    row->addWidget(m_stop);
    row->addWidget(m_close);
    row->addWidget(m_start);
    m_stop->setObjectName(QStringLiteral("exportStop"));
    m_start->setObjectName(QStringLiteral("exportStart"));
    m_close->setObjectName(QStringLiteral("exportClose"));
    m_start->setDefault(true);
    m_start->setEnabled(false); // until it is known that it can be done
    m_bar->hide();
    m_stop->hide();
    connect(m_stop, &Button::clicked, this, &ExportDialog::stopRequested);
    connect(m_close, &Button::clicked, this, &QDialog::reject);
    connect(m_start, &Button::clicked, this,
            [this] { m_pages->currentWidget() == m_form ? Q_EMIT requested() : Q_EMIT folderRequested(); });
    return made;
}

int ExportDialog::kind() const { return m_kind->current(); }

void ExportDialog::setKind(int kind) {
    m_kind->setCurrent(kind);
    showKind();
    Q_EMIT changed();
}

int ExportDialog::precision() const { return m_precision->current(); }

QString ExportDialog::checkpoint() const { return m_checkpoint->currentData().toString(); }

bool ExportDialog::preparesPictures() const { return m_preparation->isEnabled() && m_preparation->isChecked(); }

QString ExportDialog::place() const { return m_place->text().trimmed(); }

void ExportDialog::suggestPlace(const QString& place) {
    if (!m_edited)
        m_place->setText(place);
}

// The tick stays what it was for a format that can have it again.
void ExportDialog::showKind() {
    const bool computes = m_kinds.value(kind()).computes;
    m_preparation->setEnabled(computes);
    m_preparation->setToolTip(computes ? tr("What else makes pictures fit stands in the programs beside the file")
                                       : tr("This format has parameters alone, which prepare nothing"));
}

void ExportDialog::choosePlace() {
    auto* dialog = new QFileDialog(this, tr("Folder in which the new one is made"),
                                   QFileInfo(QFileInfo(place()).absolutePath()).absoluteFilePath());
    dialog->setObjectName(QStringLiteral("exportFolderDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& folder) {
        m_edited = true;
        m_place->setText(folder + QLatin1Char('/') + QFileInfo(place()).fileName());
    });
    dialog->open();
}

void ExportDialog::setWords(const ExportWords& words) {
    m_possible = words.problem.isEmpty();
    if (m_possible)
        m_facts->setFacts(words.facts);
    m_problem->setProblem(ProblemLine::Kind::Error, words.problem, {});
    if (!words.sources.isEmpty()) {
        const QSignalBlocker quiet(m_checkpoint);
        const QString chosen = checkpoint();
        m_checkpoint->clear();
        for (const ExportSource& source : words.sources)
            m_checkpoint->addItem(source.label, source.word);
        m_checkpoint->setCurrentIndex(std::max(0, m_checkpoint->findData(chosen)));
    }
    updateStart();
    grow();
}

// Sentences that wrap take their room; what was longer before does not make the dialog jump.
void ExportDialog::grow() {
    layout()->activate();
    resize(width(), std::max(height(), layout()->totalHeightForWidth(width())));
}

void ExportDialog::updateStart() { m_start->setEnabled(m_possible && !m_busy); }

void ExportDialog::setBusy(bool busy) {
    m_busy = busy;
    m_form->setEnabled(!busy);
    m_bar->setVisible(busy);
    m_stop->setVisible(busy);
    m_close->setVisible(!busy);
    updateStart();
}

void ExportDialog::setProgress(const QString& words, double fraction) {
    if (!m_busy) {
        m_problem->clear();
        setBusy(true);
        m_stop->setFocus();
    }
    m_bar->setFraction(fraction);
    m_where->setText(words);
}

void ExportDialog::setEnded(const QString& problem) {
    setBusy(false);
    m_where->setText({});
    m_problem->setProblem(ProblemLine::Kind::Error, problem, {});
    m_start->setFocus();
    grow();
}

void ExportDialog::setOutcome(const ExportOutcome& outcome) {
    setBusy(false);
    m_where->setText({});
    m_title->setText(tr("%1 is exported").arg(m_run));
    m_certificate->setOutcome(outcome);
    m_pages->setCurrentWidget(m_certificate);
    m_close->setText(tr("Close"));
    m_start->setIconName(QStringLiteral("folder-open"));
    m_start->setText(tr("Open its folder"));
    m_start->setEnabled(true);
    m_close->setFocus();
    grow();
}

void ExportDialog::reject() {
    if (m_busy)
        Q_EMIT stopRequested();
    else
        QDialog::reject();
}

void ExportDialog::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(rect(), color(Role::Raised));
}

} // namespace ui
