#include "ui/setup/datacard.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"
#include "ui/controls/progressbar.h"
#include "ui/controls/textdialog.h"
#include "ui/format.h"
#include "ui/setup/classtable.h"
#include "ui/setup/fieldgrid.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/settingfield.h"

#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QVBoxLayout>

namespace ui {
namespace {

const auto kPath = QStringLiteral("data.path");
const auto kSize = QStringLiteral("data.image_size");
const auto kAugmentation = QStringLiteral("data.augmentation");
const auto kValidation = QStringLiteral("data.validation");
const auto kShare = QStringLiteral("data.validation_share");
const auto kOtherShare = QStringLiteral("other");
constexpr qsizetype kMostNotes = 3;

} // namespace

DataCard::DataCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("data")}, tr("Data"), QStringLiteral("images"), parent),
      m_classes(new ClassTable),
      m_checking(new QWidget),
      m_checkWords(new Label({}, FontRole::Label, Role::Muted)),
      m_notes(new Label({}, FontRole::Label, Role::Muted)),
      m_progress(new ProgressBar),
      m_changes(new Button(QStringLiteral("pencil"), QString())) {
    m_checking->setFixedWidth(m_classes->width());
    auto* box = new QVBoxLayout(m_checking);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(6);
    box->addWidget(new Label(tr("Checking the pictures"), FontRole::ChartTitle));
    box->addWidget(m_progress);
    box->addWidget(m_checkWords);
    box->addStretch();
    m_checking->hide();
    m_classes->setObjectName(QStringLiteral("classes"));
    m_notes->setObjectName(QStringLiteral("dataNotes"));
    m_notes->setWordWrap(true);
    m_notes->hide();
    m_changes->setObjectName(QStringLiteral("changesButton"));
    m_changes->setToolTip(tr("Pictures that were given another class or left out; each can be taken back"));
    m_changes->setSmall();
    m_changes->hide();
    connect(m_changes, &Button::clicked, this, &DataCard::changesRequested);
    connect(m_classes, &ClassTable::opened, this, &DataCard::classOpened);
}

void DataCard::build() {
    auto* row = new QHBoxLayout;
    row->setSpacing(28);
    auto* left = new QVBoxLayout;
    left->setSpacing(8);
    if (auto* folder = fields()->field(kPath)) {
        auto* table = new Button(tr("Table…"));
        table->setObjectName(QStringLiteral("tableButton"));
        table->setToolTip(tr("A file (CSV, TSV, JSONL) that names pictures and their classes or labels"));
        folder->addBeside(table);
        connect(table, &Button::clicked, this, &DataCard::tableRequested);
        auto* choose = new Button(tr("Choose…"));
        choose->setObjectName(QStringLiteral("folderButton"));
        folder->addBeside(choose);
        connect(choose, &Button::clicked, this, &DataCard::folderRequested);
        left->addWidget(folder);
    }
    auto* grid = new FieldGrid(3);
    if (const FieldSpec* spec = fields()->spec(kValidation)) {
        m_validation = new QComboBox;
        m_validation->setObjectName(QStringLiteral("validationChoice"));
        m_validation->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        m_validation->setMinimumContentsLength(4);
        auto* field = new LabeledField(tr("Validation"), m_validation);
        field->setHelp(tr("Validation"), helpText(*spec));
        grid->add(field);
        connect(m_validation, &QComboBox::activated, this, &DataCard::chooseValidation);
        connect(fields(), &FieldSet::valueChanged, this, [this](const QString& key) {
            if (key == kValidation || key == kShare)
                showValidation();
        });
    }
    grid->add(fields()->field(kSize));
    grid->add(fields()->field(kAugmentation));
    left->addWidget(grid);
    left->addWidget(m_notes);
    left->addWidget(m_changes, 0, Qt::AlignLeft);
    left->addStretch();
    row->addLayout(left, 1);
    auto* right = new QVBoxLayout;
    right->addWidget(m_classes);
    right->addWidget(m_checking);
    right->addStretch();
    row->addLayout(right);
    body()->addLayout(row);
    addMore({kPath, kSize, kAugmentation, kShare}); // the share stands in the list, in per cent
    showValidation();
}

void DataCard::setData(const DataState& state) {
    setSummary(state.summary);
    m_classes->setClasses(state.classes, state.train, state.validation);
    m_classes->setVisible(!state.checking && !state.classes.isEmpty());
    const QStringList notes = state.checking ? QStringList() : state.notes;
    QString shown = notes.mid(0, kMostNotes).join(QLatin1Char('\n'));
    if (notes.size() > kMostNotes)
        shown += QLatin1Char('\n') + tr("%1 more").arg(notes.size() - kMostNotes);
    m_notes->setText(shown);
    m_notes->setToolTip(notes.size() > kMostNotes ? notes.join(QLatin1Char('\n')) : QString());
    m_notes->setVisible(!notes.isEmpty());
    m_checking->setVisible(state.checking);
    m_checkWords->setText(state.checkWords);
    m_checkWords->setVisible(!state.checkWords.isEmpty());
    m_progress->setFraction(state.checkFraction);
    if (m_validation)
        m_validation->setEnabled(!state.checking); // not known yet
    if (state.checking || state.validationFolder == m_folder)
        return;
    m_folder = state.validationFolder;
    m_isTable = state.table;
    showValidation();
}

void DataCard::setChangedLabels(int count) {
    m_changes->setText(count == 1 ? tr("Review 1 change…") : tr("Review %1 changes…").arg(count));
    m_changes->setVisible(count > 0);
}

// One list for both settings: a folder of the data set validates, or a share is held back.
void DataCard::showValidation() {
    if (!m_validation)
        return;
    m_validation->clear();
    if (!m_folder.isEmpty()) {
        m_validation->addItem((m_isTable ? tr("Its own rows, %1") : tr("Its own folder, %1")).arg(m_folder), m_folder);
    } else if (fields()->spec(kShare)) {
        QList<double> shares{0.1, 0.15, 0.2, 0.25, 0.3};
        const double current = fields()->value(kShare).toDouble();
        if (current > 0 && !shares.contains(current))
            shares.append(current);
        std::sort(shares.begin(), shares.end());
        for (const double share : shares)
            m_validation->addItem(tr("Hold back %1").arg(formatPercent(share, 0)), share);
        m_validation->setCurrentIndex(static_cast<int>(shares.indexOf(current)));
        m_validation->addItem(tr("Another share…"), kOtherShare);
    }
    m_validation->addItem(tr("A folder…"));
}

// In per cent, as the list has them.
void DataCard::chooseShare() {
    TextDialog::ask(this,
                    {.title = tr("Share held back for validation"),
                     .label = tr("Per cent of each class, 1 to 90"),
                     .text = QString::number(100 * fields()->value(kShare).toDouble()),
                     .act = tr("Hold back")},
                    [this](QString text) {
                        const auto percent = parseRate(text.remove(QLatin1Char('%')).trimmed());
                        if (percent)
                            fields()->edit(kShare, QString::number(*percent / 100));
                    });
    showValidation();
}

void DataCard::chooseValidation(int index) {
    const QVariant choice = m_validation->itemData(index);
    if (choice.typeId() == QMetaType::Double)
        fields()->edit(kShare, QString::number(choice.toDouble()));
    else if (choice.toString() == kOtherShare)
        chooseShare();
    else if (!choice.isValid())
        chooseValidationFolder();
}

void DataCard::chooseValidationFolder() {
    const QString root = fields()->value(kPath);
    auto* dialog = new QFileDialog(this, tr("Pictures to validate with"), root);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, root](const QString& path) { fields()->edit(kValidation, QDir(root).relativeFilePath(path)); });
    connect(dialog, &QFileDialog::finished, this, &DataCard::showValidation);
    dialog->open();
}

} // namespace ui
