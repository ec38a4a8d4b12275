#include "ui/setup/devicegrid.h"

#include "ui/controls/label.h"
#include "ui/setup/linksview.h"
#include "ui/theme.h"

#include <QBoxLayout>
#include <QGridLayout>

#include <algorithm>

namespace ui {
namespace {

constexpr int kMostFull = 4; // tiles; more get low ones
constexpr int kNarrowest = 124;

} // namespace

DeviceGrid::DeviceGrid(QWidget* parent)
    : QWidget(parent),
      m_grid(new QGridLayout),
      m_view(new LinksView),
      m_words(new Label({}, FontRole::Label, Role::Muted)) {
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(0);
    m_grid->setHorizontalSpacing(metric::kFieldGap);
    m_grid->setVerticalSpacing(8);
    all->addLayout(m_grid);
    all->addWidget(m_view);
    m_words->setObjectName(QStringLiteral("linkWords"));
    m_words->setWordWrap(true);
    m_words->setContentsMargins(0, 6, 0, 0);
    all->addWidget(m_words);
    m_view->hide();
    m_words->hide();
}

int DeviceGrid::columnsFor(int width) const {
    const int fit = std::max(1, (width + metric::kFieldGap) / (kNarrowest + metric::kFieldGap));
    if (!m_full)
        return std::min(2, fit);
    return fit >= m_shown ? std::clamp(m_shown, 2, kMostFull) : std::min(2, fit);
}

void DeviceGrid::setGpus(const QList<DeviceRow>& gpus) {
    while (m_tiles.size() < gpus.size()) {
        auto* tile = new DeviceTile;
        connect(tile, &DeviceTile::clicked, this, [this, tile] { Q_EMIT clicked(tile->id()); });
        m_tiles.append(tile);
    }
    const bool full = gpus.size() <= kMostFull && std::ranges::any_of(gpus, &DeviceRow::gpu);
    const bool others = m_shown != gpus.size() || full != m_full;
    m_shown = static_cast<int>(gpus.size());
    m_full = full;
    for (int i = 0; i < m_tiles.size(); ++i) {
        m_tiles.at(i)->setVisible(i < m_shown);
        if (i < m_shown)
            m_tiles.at(i)->setDevice(gpus.at(i), full ? DeviceTile::Size::Full : DeviceTile::Size::Low);
    }
    if (others)
        place();
    setVisible(m_shown > 0);
}

void DeviceGrid::place() {
    m_columns = columnsFor(width());
    for (int column = 0; column < kMostFull; ++column)
        m_grid->setColumnStretch(column, column < m_columns ? 1 : 0);
    for (int i = 0; i < m_shown; ++i)
        m_grid->addWidget(m_tiles.at(i), i / m_columns, i % m_columns);
    showLinks();
}

void DeviceGrid::setLinks(const DeviceLinks& links) {
    m_links = links;
    showLinks();
}

void DeviceGrid::showLinks() {
    const bool oneRow = m_full && m_shown > 1 && m_columns >= m_shown;
    const bool any = !m_links.links.isEmpty() || !m_links.rest.isEmpty();
    QList<const QWidget*> tiles;
    QStringList ids;
    for (int i = 0; i < m_shown; ++i) {
        tiles.append(m_tiles.at(i));
        ids.append(m_tiles.at(i)->id());
    }
    m_view->setLinks(m_links, tiles, ids);
    m_view->setVisible(oneRow && any);
    m_words->setText(m_links.words);
    m_words->setVisible(!oneRow && m_shown > 1 && !m_links.words.isEmpty());
}

void DeviceGrid::resizeEvent(QResizeEvent*) {
    if (columnsFor(width()) != m_columns)
        place();
}

} // namespace ui
