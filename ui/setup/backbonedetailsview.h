#pragma once

#include "ui/setup/setupdata.h"

#include <QWidget>

class QStackedLayout;

namespace ui {

class Label;
class LayerTree;
class MappingView;
class SegmentedControl;

// One backbone in detail: its layers, and how the weights at hand would load into it.
class BackboneDetailsView final : public QWidget {
    Q_OBJECT
public:
    explicit BackboneDetailsView(QWidget* parent = nullptr);
    void showWaiting(const QString& name);
    void setDetails(const BackboneDetails& details);

private:
    void showTab();
    Label* m_name;
    Label* m_facts;
    SegmentedControl* m_tabs;
    QStackedLayout* m_pages;
    LayerTree* m_layers;
    MappingView* m_mapping;
    Label* m_words; // in place of what there is nothing of
    BackboneDetails m_details;
    bool m_waiting = true;
};

} // namespace ui
