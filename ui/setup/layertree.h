#pragma once

#include "ui/setup/setupdata.h"

#include <QTreeView>

namespace ui {

class LayerModel;

// A backbone's layers to look at. Where it is narrow the column of types goes first; the tooltip has it.
class LayerTree final : public QTreeView {
    Q_OBJECT
public:
    explicit LayerTree(QWidget* parent = nullptr);
    void setLayers(const QList<LayerRow>& layers);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fitColumns();
    LayerModel* m_model;
};

} // namespace ui
