#include "tests/ui/gallerystates.h"

#include "ui/controls/barrow.h"
#include "ui/controls/button.h"
#include "ui/controls/card.h"
#include "ui/controls/emptystate.h"
#include "ui/controls/label.h"
#include "ui/controls/labeledfield.h"
#include "ui/controls/meter.h"
#include "ui/controls/numberfield.h"
#include "ui/controls/progressbar.h"
#include "ui/controls/questiondialog.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLineEdit>
#include <QRadioButton>
#include <QSlider>
#include <QSpinBox>

namespace gallery {
namespace {

QString text(const char* words) { return QString::fromUtf8(words); }

} // namespace

QWidget* states() {
    using namespace ui;
    auto* page = new QWidget;
    auto* columns = new QHBoxLayout(page);
    columns->setContentsMargins(24, 24, 24, 24);
    columns->setSpacing(20);
    auto column = [&] {
        auto* box = new QVBoxLayout;
        box->setSpacing(12);
        columns->addLayout(box, 1);
        return box;
    };
    auto* left = column();
    left->addWidget(new EmptyState(text("activity"), text("Nothing is running"),
                                   text("Open a finished run from the list, or start one in Setup."),
                                   text("Go to Setup")));
    auto* card = new Card(text("Recipe"), text("list-ordered"));
    card->setSummary(text("960 steps of 16 pictures"));
    card->setState(Tone::Warning, text("Learning rate is high for phase 3"));
    card->setFoldable();
    auto* fields = new QGridLayout;
    fields->setHorizontalSpacing(12);
    auto* epochs = new QSpinBox;
    epochs->setValue(60);
    fields->addWidget(new LabeledField(text("Epochs"), epochs), 0, 0);
    auto* optimizer = new QComboBox;
    optimizer->addItems({text("AdamW"), text("SGD")});
    fields->addWidget(new LabeledField(text("Optimizer"), optimizer), 0, 1);
    auto* rate = new NumberField;
    rate->setValue(1e-3);
    auto* rateField = new LabeledField(text("Learning rate"), rate);
    rateField->setProblem(LabeledField::Problem::Warning,
                          text("High for phase 3: pretrained blocks usually train at 1e-4 or less."), text("Use 2e-4"));
    fields->addWidget(rateField, 1, 0);
    auto* batch = new QLineEdit(text("512"));
    auto* batchField = new LabeledField(text("Batch size"), batch);
    batchField->setProblem(LabeledField::Problem::Error,
                           text("Needs 9.8 GB; the GTX 1650 has 3.7 GB free. 48 is the largest batch that fits."),
                           text("Use 48"));
    fields->addWidget(batchField, 1, 1);
    auto* body = new QWidget;
    body->setLayout(fields);
    fields->setContentsMargins(0, 0, 0, 0);
    card->setBody(body);
    left->addWidget(card);
    auto* progress = new Card(text("Progress"));
    auto* bar = new ProgressBar;
    bar->setFraction(0.66);
    progress->bodyLayout()->addWidget(bar);
    auto* moving = new ProgressBar;
    moving->setFraction(std::nan(""));
    progress->bodyLayout()->addWidget(moving);
    auto* meter = new Meter;
    meter->setParts({{0.31, {}, Role::NeutralSoft, {}}, {0.05, {}, Role::Text, {}}, {1.48, {}, Role::Accent, {}}}, 4.0);
    progress->bodyLayout()->addWidget(meter);
    auto* row = new BarRow(BarRow::Shape::Stacked);
    row->setRow(text("bee"), 0.996, text("99.6 %"));
    row->setEmphasis(true);
    progress->bodyLayout()->addWidget(row);
    auto* line = new BarRow;
    line->setRow(text("ants"), 0.6, text("123"));
    line->setRoles(Role::NeutralStrong, Role::Sunken);
    progress->bodyLayout()->addWidget(line);
    left->addWidget(progress);
    left->addStretch();

    auto* right = column();
    auto* controls = new Card(text("Controls"));
    auto* grid = new QGridLayout;
    auto* gridHost = new QWidget;
    gridHost->setLayout(grid);
    int y = 0;
    for (auto kind : {Button::Kind::Primary, Button::Kind::Secondary, Button::Kind::Danger, Button::Kind::Ghost,
                      Button::Kind::Link}) {
        auto* normal = new Button(text("Train"), kind);
        auto* off = new Button(text("Train"), kind);
        off->setEnabled(false);
        auto* withIcon = new Button(text("play"), text("Train"), kind);
        grid->addWidget(normal, y, 0);
        grid->addWidget(withIcon, y, 1);
        grid->addWidget(off, y++, 2);
    }
    auto* checks = new QHBoxLayout;
    for (int i = 0; i < 4; ++i) {
        auto* check = new QCheckBox(i == 0   ? text("Off")
                                    : i == 1 ? text("On")
                                    : i == 2 ? text("Partly")
                                             : text("Locked"));
        check->setTristate(i == 2);
        check->setCheckState(i == 0 ? Qt::Unchecked : i == 2 ? Qt::PartiallyChecked : Qt::Checked);
        check->setEnabled(i != 3);
        checks->addWidget(check);
    }
    auto* radios = new QHBoxLayout;
    for (int i = 0; i < 2; ++i) {
        auto* radio = new QRadioButton(i ? text("On") : text("Off"));
        radio->setChecked(i);
        radios->addWidget(radio);
    }
    auto* slider = new QSlider(Qt::Horizontal);
    slider->setValue(60);
    auto* segments = new SegmentedControl({text("None"), text("Head only"), text("Gradual"), text("By hand")});
    segments->setCurrent(2);
    controls->setBody(gridHost);
    controls->bodyLayout()->addLayout(checks);
    controls->bodyLayout()->addLayout(radios);
    controls->bodyLayout()->addWidget(slider);
    controls->bodyLayout()->addWidget(segments);
    right->addWidget(controls);
    right->addWidget(new QuestionDialog(
        {text("Stop gradual thaw, seed 8?"),
         text("It is saved at step 656 first and can be resumed from there. 19 epochs, about 0:31, are left."),
         text("Start the next run in the queue"), true, text("Keep training"), text("Stop and save")}));
    right->addStretch();
    for (auto* dialog : page->findChildren<QDialog*>())
        dialog->setWindowFlags(Qt::Widget);
    return page;
}

} // namespace gallery
