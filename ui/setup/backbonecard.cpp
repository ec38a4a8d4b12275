#include "ui/setup/backbonecard.h"

#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/format.h"
#include "ui/setup/backbonedialog.h"
#include "ui/setup/backbonemodel.h"
#include "ui/setup/backbonetable.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/settingfield.h"
#include "ui/setup/tensordialog.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QLineEdit>
#include <QVBoxLayout>

namespace ui {
namespace {

const auto kBackbone = QStringLiteral("model.backbone");
const auto kWeights = QStringLiteral("model.weights");
const auto kBundled = QStringLiteral("bundled");
const auto kNone = QStringLiteral("none");

// A TorchScript program as a backbone: "torchscript:FILE[#MODULE]".
const auto kProgram = QStringLiteral("torchscript:");

struct Program {
    QString file;
    QString output;
};
Program programOf(const QString& backbone) {
    const QString words = backbone.mid(kProgram.size());
    const auto sign = words.indexOf(QLatin1Char('#'), words.lastIndexOf(QLatin1Char('/')) + 1);
    return sign < 0 ? Program{words, {}} : Program{words.left(sign), words.mid(sign + 1)};
}
QString nameOf(const Program& program) {
    return kProgram + program.file + (program.output.isEmpty() ? QString() : QLatin1Char('#') + program.output);
}

enum WeightsKind { Bundled, File, None };

WeightsKind kindOf(const QString& weights) { return weights == kBundled ? Bundled : weights == kNone ? None : File; }

} // namespace

BackboneCard::BackboneCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("model")}, tr("Backbone"), QStringLiteral("layers"), parent),
      m_model(new BackboneModel(this)),
      m_table(new BackboneTable(m_model, BackboneTable::Shows::Suggested)),
      m_tensors(new Button(tr("Tensors…"), Button::Kind::Ghost)),
      m_download(new Button(tr("Download"))) {
    m_table->setObjectName(QStringLiteral("backbones"));
    m_tensors->setObjectName(QStringLiteral("tensorsButton"));
    m_tensors->setToolTip(tr("Which tensor of the file went where"));
    m_tensors->hide();
    connect(m_tensors, &Button::clicked, this, &BackboneCard::showTensors);
    m_download->setObjectName(QStringLiteral("downloadButton"));
    m_download->setToolTip(tr("Fetches the usual weights of this backbone from the hub, once"));
    m_download->hide();
    connect(m_download, &Button::clicked, this, &BackboneCard::downloadToggled);
    connect(m_table, &BackboneTable::backboneChosen, this,
            [this](const QString& name) { this->fields()->edit(kBackbone, name); });
    connect(fields, &FieldSet::valueChanged, this, [this](const QString& key, const QString& text) {
        if (key == kBackbone && text != m_table->chosen()) {
            m_table->setChosen(text);
            m_table->fitHeight();
        }
        if (key == kBackbone) {
            showChosen();
            showOutput();
            showWeightsKind();
        }
        if (key == kWeights)
            showWeightsKind();
    });
}

void BackboneCard::build() {
    auto* all = new Button(tr("All backbones…"));
    all->setSmall();
    all->setObjectName(QStringLiteral("allBackbonesButton"));
    connect(all, &Button::clicked, this, &BackboneCard::showAllBackbones);
    auto* program = new Button(tr("Your own model…"));
    program->setSmall();
    program->setObjectName(QStringLiteral("programButton"));
    program->setToolTip(tr("A TorchScript file becomes the backbone: torch.jit.script(model).save(…)"));
    connect(program, &Button::clicked, this, &BackboneCard::chooseProgram);
    card()->addHeaderWidget(program);
    card()->addHeaderWidget(all);
    body()->addWidget(m_table);
    m_table->fitHeight();
    makeOutputRow();
    addProblemLine(kBackbone);
    if (auto* field = fields()->field(kWeights)) {
        field->setPlain();
        auto* row = new QHBoxLayout;
        row->setSpacing(8);
        auto* label = new Label(tr("Weights"), FontRole::Label, Role::Muted);
        label->setToolTip(field->editor()->toolTip());
        label->setFixedHeight(metric::kControlHeight);
        m_kind = new SegmentedControl({tr("Bundled"), tr("File"), tr("None")});
        m_kind->setObjectName(QStringLiteral("weightsKind"));
        m_kind->setAccessibleName(tr("Where the weights come from"));
        m_kind->setTips({tr("The backbone's usual pretrained weights"), tr("A file of pretrained weights"),
                         tr("A random start: needs far more pictures and time")});
        auto* choose = new Button(tr("Choose…"));
        choose->setObjectName(QStringLiteral("weightsButton"));
        field->addBeside(choose);
        row->addWidget(label, 0, Qt::AlignTop);
        row->addWidget(m_kind, 0, Qt::AlignTop);
        row->addWidget(field, 1);
        row->addWidget(m_download, 0, Qt::AlignTop);
        row->addWidget(m_tensors, 0, Qt::AlignTop);
        body()->addLayout(row);
        connect(choose, &Button::clicked, this, &BackboneCard::chooseWeightsFile);
        connect(m_kind, &SegmentedControl::chosen, this, [this](int kind) {
            if (kind == File)
                chooseWeightsFile();
            else
                fields()->edit(kWeights, kind == None ? kNone : kBundled);
        });
        showWeightsKind();
    }
    addMore({kBackbone, kWeights});
}

void BackboneCard::setBackbones(const QList<BackboneRow>& backbones) {
    m_model->setBackbones(backbones);
    m_table->setChosen(fields()->value(kBackbone));
    m_table->fitHeight();
    showChosen();
}

void BackboneCard::showChosen() {
    const QString name = fields()->value(kBackbone);
    const int row = m_model->rowOf(name);
    const QString shown = name.startsWith(kProgram) ? name.section(QLatin1Char('/'), -1) : name;
    setSummary(row < 0 ? shown
                       : tr("%1 · %2 parameters")
                             .arg(shown, formatCount(static_cast<double>(m_model->backbones().at(row).parameters))));
}

void BackboneCard::setWeights(const WeightsState& state) {
    m_weights = state;
    setState(state.tone, state.words);
    m_tensors->setVisible(!state.tensors.isEmpty());
    m_download->setText(state.download);
    m_download->setVisible(!state.download.isEmpty());
    showWeightsKind();
}

void BackboneCard::setPictures(qint64 count) {
    m_table->setNameHead(count > 0 ? tr("Suggested for %1 pictures").arg(formatExact(count)) : tr("Suggested"));
}

void BackboneCard::showWeightsKind() {
    const QString weights = fields()->value(kWeights);
    const WeightsKind kind = kindOf(weights);
    if (m_kind)
        m_kind->setCurrent(kind);
    auto* field = fields()->existing(kWeights);
    auto* line = field ? qobject_cast<QLineEdit*>(field->editor()) : nullptr;
    if (!line)
        return;
    if (kind != File) // a word of the experiment file, no path
        line->setText(QString());
    const bool program = fields()->value(kBackbone).startsWith(kProgram);
    line->setPlaceholderText(kind == Bundled ? program                      ? tr("As the program was saved")
                                               : m_weights.absent.isEmpty() ? tr("The usual weights, on this computer")
                                                                            : m_weights.absent
                             : kind == None  ? tr("A random start")
                                             : tr(".safetensors or .pth file, or hub:organisation/name"));
}

void BackboneCard::chooseWeightsFile() {
    const QString current = fields()->value(kWeights);
    auto* dialog = new QFileDialog(this, tr("Pretrained weights"),
                                   kindOf(current) == File ? QFileInfo(current).path() : QString());
    dialog->setObjectName(QStringLiteral("weightsDialog"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("Weights (*.safetensors *.pth *.pth.tar *.pt *.th *.bin *.ckpt)"), tr("All files (*)")});
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) { fields()->edit(kWeights, path); });
    connect(dialog, &QFileDialog::rejected, this, &BackboneCard::showWeightsKind);
    dialog->open();
}

void BackboneCard::chooseProgram() {
    const QString current = fields()->value(kBackbone);
    auto* dialog =
        new QFileDialog(this, tr("TorchScript program"),
                        current.startsWith(kProgram) ? QFileInfo(programOf(current).file).path() : QString());
    dialog->setObjectName(QStringLiteral("programDialog"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setNameFilters({tr("TorchScript (*.pt *.pth *.th *.ts *.torchscript)"), tr("All files (*)")});
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
        fields()->edit(kBackbone, nameOf({path, {}}));
        if (fields()->value(kWeights) != kBundled) // those of another network
            fields()->edit(kWeights, kBundled);
    });
    dialog->open();
}

void BackboneCard::makeOutputRow() {
    m_outputRow = new QWidget;
    m_output = new QLineEdit;
    auto* row = new QHBoxLayout(m_outputRow);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(8);
    auto* label = new Label(tr("Head on"), FontRole::Label, Role::Muted);
    m_output->setObjectName(QStringLiteral("programOutput"));
    m_output->setAccessibleName(tr("Inner output that takes the head"));
    m_output->setToolTip(tr("Name of the module whose output the new head learns from, such as layer4; empty: the "
                            "program's own output"));
    m_output->setPlaceholderText(tr("The program's own output"));
    row->addWidget(label);
    row->addWidget(m_output, 1);
    body()->addWidget(m_outputRow);
    connect(m_output, &QLineEdit::editingFinished, this, [this] {
        const QString backbone = fields()->value(kBackbone);
        Program program = programOf(backbone);
        if (!backbone.startsWith(kProgram) || program.output == m_output->text().trimmed())
            return; // also where the line loses the focus because it goes
        program.output = m_output->text().trimmed();
        fields()->edit(kBackbone, nameOf(program));
    });
    showOutput();
}

void BackboneCard::showOutput() {
    if (!m_outputRow)
        return;
    const QString backbone = fields()->value(kBackbone);
    const bool program = backbone.startsWith(kProgram);
    m_outputRow->setVisible(program);
    m_output->setText(program ? programOf(backbone).output : QString());
}

void BackboneCard::showAllBackbones() {
    m_dialog = new BackboneDialog(m_model, fields()->value(kBackbone), this);
    m_dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_dialog, &QDialog::accepted, this, [this] { fields()->edit(kBackbone, m_dialog->chosen()); });
    connect(m_dialog, &BackboneDialog::detailsWanted, this, &BackboneCard::detailsWanted);
    m_dialog->open();
    m_dialog->wantDetails();
}

void BackboneCard::setDetails(const BackboneDetails& details) {
    if (m_dialog)
        m_dialog->setDetails(details);
}

void BackboneCard::showTensors() {
    auto* dialog = new TensorDialog(m_weights, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

} // namespace ui
