#pragma once

#include <QDialog>

namespace ui {

class BackboneModel;
class BackboneTable;
class Button;

// All backbones, searched and sorted; accepted with one chosen.
class BackboneDialog final : public QDialog {
    Q_OBJECT
public:
    BackboneDialog(BackboneModel* backbones, const QString& chosen, QWidget* parent = nullptr);
    [[nodiscard]] QString chosen() const;

private:
    void showChosen();
    BackboneTable* m_table;
    Button* m_use;
};

} // namespace ui
