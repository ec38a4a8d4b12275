#include "ui/setup/layertree.h"

#include "ui/setup/layermodel.h"
#include "ui/theme.h"

#include <QHeaderView>

namespace ui {
namespace {

constexpr int kLayerTypeFrom = 560; // narrower trees go without the column
constexpr int kLayerIndent = 16;

} // namespace

LayerTree::LayerTree(QWidget* parent) : QTreeView(parent), m_model(new LayerModel(this)) {
    setModel(m_model);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(SelectRows);
    setUniformRowHeights(true);
    setIndentation(kLayerIndent);
    setVerticalScrollMode(ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTextElideMode(Qt::ElideMiddle); // their names differ at the end
    setAccessibleName(tr("Layers"));
    header()->setStretchLastSection(false);
    header()->setSectionsMovable(false);
    header()->setMinimumSectionSize(0);
    header()->setSectionResizeMode(QHeaderView::Fixed);
}

void LayerTree::setLayers(const QList<LayerRow>& layers) {
    m_model->setLayers(layers);
    if (m_model->rowCount() == 1)
        expand(m_model->index(0, 0));
}

void LayerTree::fitColumns() {
    int rest = viewport()->width();
    for (const auto& [column, width] : {std::pair{LayerModel::Output, 98}, std::pair{LayerModel::Parameters, 74},
                                        std::pair{LayerModel::Compute, 84}, std::pair{LayerModel::Activations, 78}}) {
        setColumnWidth(column, width);
        rest -= width;
    }
    const bool types = viewport()->width() >= kLayerTypeFrom;
    setColumnHidden(LayerModel::Type, !types);
    setColumnWidth(LayerModel::Layer, types ? rest / 2 : rest);
    if (types)
        setColumnWidth(LayerModel::Type, rest - rest / 2);
}

void LayerTree::resizeEvent(QResizeEvent* event) {
    QTreeView::resizeEvent(event);
    fitColumns();
}

} // namespace ui
