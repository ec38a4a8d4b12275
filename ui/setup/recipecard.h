#pragma once

#include "ui/setup/settingcard.h"

namespace ui {

// Recipe: how long, in which steps and with which arithmetic it trains.
class RecipeCard final : public SettingCard {
    Q_OBJECT
public:
    explicit RecipeCard(FieldSet* fields, QWidget* parent = nullptr);
    void build() override;
};

} // namespace ui
