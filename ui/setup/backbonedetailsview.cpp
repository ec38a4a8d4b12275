#include "ui/setup/backbonedetailsview.h"

#include "ui/controls/label.h"
#include "ui/controls/segmentedcontrol.h"
#include "ui/setup/layertree.h"
#include "ui/setup/mappingview.h"

#include <QStackedLayout>
#include <QVBoxLayout>

namespace ui {
namespace {

enum Tab { Layers, Mapping };
enum Page { LayersPage, MappingPage, WordsPage };

} // namespace

BackboneDetailsView::BackboneDetailsView(QWidget* parent)
    : QWidget(parent),
      m_name(new Label({}, FontRole::SectionTitle)),
      m_facts(new Label({}, FontRole::Label, Role::Muted)),
      m_tabs(new SegmentedControl({tr("Layers"), tr("Mapping")})),
      m_pages(new QStackedLayout),
      m_layers(new LayerTree),
      m_mapping(new MappingView),
      m_words(new Label({}, FontRole::Body, Role::Muted)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(16, 0, 0, 0); // right of the splitter's line
    all->setSpacing(8);
    m_name->setElide(Qt::ElideRight);
    m_facts->setWordWrap(true);
    m_tabs->setObjectName(QStringLiteral("detailTabs"));
    m_tabs->setAccessibleName(tr("Details"));
    m_tabs->setTips({tr("Shape, parameters, compute and activations of every layer"),
                     tr("What becomes of each tensor of the weights")});
    m_tabs->setCurrent(Layers);
    m_layers->setObjectName(QStringLiteral("layers"));
    m_words->setAlignment(Qt::AlignCenter);
    m_words->setWordWrap(true);
    all->addWidget(m_name);
    all->addWidget(m_facts);
    auto* tabs = new QHBoxLayout;
    tabs->addWidget(m_tabs);
    tabs->addStretch();
    all->addLayout(tabs);
    m_pages->addWidget(m_layers);
    m_pages->addWidget(m_mapping);
    m_pages->addWidget(m_words);
    all->addLayout(m_pages, 1);
    connect(m_tabs, &SegmentedControl::chosen, this, &BackboneDetailsView::showTab);
}

void BackboneDetailsView::showWaiting(const QString& name) {
    m_waiting = true;
    m_name->setText(name);
    m_facts->setText({});
    showTab();
}

void BackboneDetailsView::setDetails(const BackboneDetails& details) {
    m_waiting = false;
    m_details = details;
    m_name->setText(details.name);
    m_facts->setText(details.facts);
    m_layers->setLayers(details.layers);
    m_mapping->setWeights(details.weights);
    showTab();
}

void BackboneDetailsView::showTab() {
    const bool layers = m_tabs->current() == Layers;
    const QString words = m_waiting ? tr("Looking at its layers")
                          : layers  ? m_details.problem
                                    : m_details.weightsAbsent;
    m_words->setText(words);
    m_pages->setCurrentIndex(!words.isEmpty() ? WordsPage : layers ? LayersPage : MappingPage);
}

} // namespace ui
