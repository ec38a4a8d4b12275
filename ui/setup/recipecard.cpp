#include "ui/setup/recipecard.h"

#include "ui/setup/fieldgrid.h"
#include "ui/setup/fieldset.h"
#include "ui/setup/settingfield.h"

#include <QBoxLayout>

namespace ui {

RecipeCard::RecipeCard(FieldSet* fields, QWidget* parent)
    : SettingCard(fields, {QStringLiteral("train"), QStringLiteral("experiment")}, tr("Recipe"),
                  QStringLiteral("list-ordered"), parent) {}

void RecipeCard::build() {
    const QStringList shown{QStringLiteral("train.epochs"),    QStringLiteral("train.batch_size"),
                            QStringLiteral("train.optimizer"), QStringLiteral("train.learning_rate"),
                            QStringLiteral("train.schedule"),  QStringLiteral("train.weight_decay"),
                            QStringLiteral("train.precision"), QStringLiteral("train.early_stopping_patience")};
    auto* grid = new FieldGrid(4);
    for (const auto& key : shown)
        grid->add(fields()->field(key));
    body()->addWidget(grid);
    addMore(shown + QStringList{QStringLiteral("experiment.name")});
    connect(fields(), &FieldSet::valueChanged, this, [this](const QString& key) {
        if (key == QLatin1String("train.epochs") || key == QLatin1String("train.batch_size")) {
            const QString epochs = fields()->value(QStringLiteral("train.epochs"));
            setSummary(
                (epochs == QLatin1String("1") ? tr("%1 epoch in batches of %2") : tr("%1 epochs in batches of %2"))
                    .arg(epochs, fields()->value(QStringLiteral("train.batch_size"))));
        }
    });
}

} // namespace ui
