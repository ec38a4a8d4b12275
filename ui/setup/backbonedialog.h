#pragma once

#include "ui/setup/setupdata.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLineEdit;

namespace ui {

class BackboneDetailsView;
class BackboneModel;
class BackboneTable;
class Button;
class Label;

// All backbones, searched, filtered and sorted, beside them the chosen one in detail; accepted with one chosen.
class BackboneDialog final : public QDialog {
    Q_OBJECT
public:
    BackboneDialog(BackboneModel* backbones, const QString& chosen, QWidget* parent = nullptr);
    [[nodiscard]] QString chosen() const;
    void setDetails(const BackboneDetails& details); // dropped unless it is of the chosen one
    void wantDetails();                              // once detailsWanted() is listened to

Q_SIGNALS:
    void detailsWanted(const QString& name);

private:
    QLayout* makeFilters();
    void filter();
    void showChosen();
    BackboneModel* m_backbones;
    BackboneTable* m_table;
    QLineEdit* m_search;
    QComboBox* m_family;
    QComboBox* m_size;
    QCheckBox* m_here;
    Label* m_found;
    BackboneDetailsView* m_details;
    Button* m_use;
};

} // namespace ui
