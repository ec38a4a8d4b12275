#include "ui/setup/backbonedialog.h"

#include "ui/controls/button.h"
#include "ui/controls/label.h"
#include "ui/setup/backbonedetailsview.h"
#include "ui/setup/backbonemodel.h"
#include "ui/setup/backbonetable.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QSplitter>
#include <QVBoxLayout>

#include <array>
#include <limits>

namespace ui {
namespace {

constexpr QSize kLargest(1480, 860);
constexpr int kRoomAround = 48; // of the window that stays to be seen
constexpr int kDetailsWidth = 430;

struct SizeChoice {
    const char* words;
    qint64 from;
    qint64 below;
};
constexpr std::array<SizeChoice, 4> kSizes{
    {{QT_TRANSLATE_NOOP("ui::BackboneDialog", "Any size"), 0, std::numeric_limits<qint64>::max()},
     {QT_TRANSLATE_NOOP("ui::BackboneDialog", "Under 6 M"), 0, 6'000'000},
     {QT_TRANSLATE_NOOP("ui::BackboneDialog", "6 to 30 M"), 6'000'000, 30'000'000},
     {QT_TRANSLATE_NOOP("ui::BackboneDialog", "Over 30 M"), 30'000'000, std::numeric_limits<qint64>::max()}}};

} // namespace

BackboneDialog::BackboneDialog(BackboneModel* backbones, const QString& chosen, QWidget* parent)
    : QDialog(parent),
      m_backbones(backbones),
      m_table(new BackboneTable(backbones, BackboneTable::Shows::All)),
      m_search(new QLineEdit),
      m_family(new QComboBox),
      m_size(new QComboBox),
      m_here(new QCheckBox(tr("Weights are here"))),
      m_found(new Label({}, FontRole::Label, Role::Muted)),
      m_details(new BackboneDetailsView),
      m_use(new Button({}, Button::Kind::Primary)) {
    setWindowTitle(tr("All backbones"));
    if (parent)
        resize((parent->window()->size() - QSize(kRoomAround, kRoomAround)).boundedTo(kLargest));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(16, 16, 16, 16);
    all->setSpacing(12);
    all->addLayout(makeFilters());
    auto* split = new QSplitter;
    split->setChildrenCollapsible(false);
    split->setHandleWidth(1);
    m_table->setObjectName(QStringLiteral("allBackbones"));
    m_table->setMinimumWidth(360);
    m_details->setMinimumWidth(380);
    split->addWidget(m_table);
    split->addWidget(m_details);
    split->setStretchFactor(0, 1);
    split->setSizes({width() - kDetailsWidth - 2 * 16, kDetailsWidth});
    all->addWidget(split, 1);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_found);
    foot->addStretch();
    auto* cancel = new Button(tr("Cancel"));
    foot->addWidget(cancel);
    foot->addWidget(m_use);
    all->addLayout(foot);
    m_table->setChosen(chosen);
    connect(m_table, &BackboneTable::backboneChosen, this, [this](const QString& name) {
        showChosen();
        Q_EMIT detailsWanted(name);
    });
    connect(m_table, &BackboneTable::doubleClicked, this, &QDialog::accept);
    connect(cancel, &Button::clicked, this, &QDialog::reject);
    connect(m_use, &Button::clicked, this, &QDialog::accept);
    m_use->setDefault(true);
    m_use->setAutoDefault(true);
    cancel->setAutoDefault(true); // Return presses it while it has the focus
    filter();
    showChosen();
    m_search->setFocus();
}

QLayout* BackboneDialog::makeFilters() {
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(new Label(tr("All backbones"), FontRole::SectionTitle));
    row->addStretch();
    m_search->setObjectName(QStringLiteral("backboneSearch"));
    m_search->setPlaceholderText(tr("Name or family"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setToolTip(tr("Words that name or family contain"));
    m_search->setProperty("sunken", true);
    m_search->setFixedWidth(220);
    m_search->setClearButtonEnabled(true);
    m_family->setObjectName(QStringLiteral("familyFilter"));
    m_family->setAccessibleName(tr("Family"));
    m_family->setToolTip(tr("Family of networks"));
    QStringList families;
    for (const auto& row_ : m_backbones->backbones())
        families.append(row_.family);
    families.removeDuplicates();
    families.sort();
    m_family->addItem(tr("Any family"), QString());
    for (const auto& family : families)
        m_family->addItem(family, family);
    m_size->setObjectName(QStringLiteral("sizeFilter"));
    m_size->setAccessibleName(tr("Size in parameters"));
    m_size->setToolTip(tr("Size in parameters"));
    for (const auto& size : kSizes)
        m_size->addItem(tr(size.words));
    m_here->setObjectName(QStringLiteral("hereFilter"));
    m_here->setToolTip(tr("Only backbones whose pretrained weights are on this computer"));
    row->addWidget(m_search);
    row->addWidget(m_family);
    row->addWidget(m_size);
    row->addWidget(m_here);
    connect(m_search, &QLineEdit::textChanged, this, &BackboneDialog::filter);
    connect(m_family, &QComboBox::currentIndexChanged, this, &BackboneDialog::filter);
    connect(m_size, &QComboBox::currentIndexChanged, this, &BackboneDialog::filter);
    connect(m_here, &QCheckBox::toggled, this, &BackboneDialog::filter);
    return row;
}

void BackboneDialog::filter() {
    const auto& size = kSizes.at(static_cast<std::size_t>(m_size->currentIndex()));
    m_table->setFilter(
        {m_search->text(), m_family->currentData().toString(), size.from, size.below, m_here->isChecked()});
    const int found = m_table->model()->rowCount();
    m_found->setText(found == 0 ? tr("No backbone fits the filters.")
                                : tr("%1 of %2 backbones").arg(found).arg(m_backbones->rowCount()));
}

QString BackboneDialog::chosen() const { return m_table->chosen(); }

void BackboneDialog::setDetails(const BackboneDetails& details) {
    if (details.name == chosen())
        m_details->setDetails(details);
}

void BackboneDialog::wantDetails() { Q_EMIT detailsWanted(chosen()); }

void BackboneDialog::showChosen() {
    m_details->showWaiting(m_table->chosen());
    m_use->setText(tr("Use %1").arg(m_table->chosen()));
    m_use->updateGeometry();
}

} // namespace ui
