#include "ui/setup/linksview.h"

#include "ui/theme.h"

#include <QPainter>

#include <algorithm>

namespace ui {
namespace {

constexpr int kNvLink = 12; // below the tiles
constexpr int kPcie = 36;
constexpr int kApart = 4; // an NVLink's two lines

} // namespace

LinksView::LinksView(QWidget* parent) : QWidget(parent) {
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setObjectName(QStringLiteral("deviceLinks"));
}

void LinksView::setLinks(const DeviceLinks& links, const QList<const QWidget*>& tiles, const QStringList& ids) {
    m_links = links;
    m_tiles = tiles;
    m_ids = ids;
    const int height = (links.links.isEmpty() ? 0 : kNvLink + 10) + (links.rest.isEmpty() ? 0 : kPcie - kNvLink);
    if (height != m_height) {
        m_height = height;
        updateGeometry();
    }
    setAccessibleName(tr("Links between the GPUs"));
    setAccessibleDescription(links.words);
    setToolTip(links.words);
    update();
}

int LinksView::middleOf(int tile) const {
    const QWidget* widget = m_tiles.at(tile);
    return mapFromGlobal(widget->mapToGlobal(widget->rect().center())).x();
}

// Of PCIe's line: outside of what joins the tile to its neighbour.
int LinksView::besideLink(int tile) const {
    constexpr int kBeside = 24;
    for (const auto& link : m_links.links) {
        const auto one = m_ids.indexOf(link.first), other = m_ids.indexOf(link.second);
        if (one == tile || other == tile)
            return tile == std::min(one, other) ? -kBeside : kBeside;
    }
    return 0;
}

void LinksView::paintWords(QPainter& painter, int middle, int y, int room, const QString& words, FontRole font) const {
    painter.setFont(ui::font(font));
    const QFontMetrics metrics = painter.fontMetrics();
    const QString shown = metrics.elidedText(words, Qt::ElideRight, room);
    const int wide = metrics.horizontalAdvance(shown) + 12;
    const QRect box(middle - wide / 2, y - 9, wide, 18);
    painter.fillRect(box, color(Role::Surface));
    painter.setPen(color(font == FontRole::Small ? Role::Muted : Role::Text));
    painter.drawText(box, Qt::AlignCenter, shown);
}

void LinksView::paintNvLink(QPainter& painter, int from, int to, const QString& words) const {
    const QColor line = color(Role::NeutralStrong);
    for (const int apart : {0, kApart}) {
        painter.fillRect(from + apart, 0, 2, kNvLink - apart + 2, line);
        painter.fillRect(to - apart, 0, 2, kNvLink - apart + 2, line);
        painter.fillRect(from + apart, kNvLink - apart, to - from - 2 * apart + 2, 2, line);
    }
    paintWords(painter, (from + to) / 2, kNvLink - 1, to - from - 30, words, FontRole::SmallStrong);
}

void LinksView::paintEvent(QPaintEvent*) {
    if (m_tiles.size() < 2)
        return;
    QPainter painter(this);
    const int last = static_cast<int>(m_tiles.size()) - 1;
    if (!m_links.rest.isEmpty()) {
        const int y = m_links.links.isEmpty() ? kPcie - kNvLink - 10 : kPcie;
        painter.setPen(color(Role::NeutralStrong));
        const auto legOf = [this](int tile) { return middleOf(tile) + besideLink(tile); };
        for (int tile = 0; tile <= last; ++tile)
            painter.drawLine(legOf(tile), 0, legOf(tile), y);
        painter.drawLine(legOf(0), y, legOf(last), y);
        paintWords(painter, (legOf(0) + legOf(last)) / 2, y, legOf(last) - legOf(0) - 30, m_links.rest,
                   FontRole::Small);
    }
    const bool switched = m_links.links.size() > 1 && m_links.rest.isEmpty(); // one for all
    if (switched) {
        paintNvLink(painter, middleOf(0), middleOf(last), m_links.links.first().words);
        return;
    }
    for (const auto& link : m_links.links)
        if (const auto from = m_ids.indexOf(link.first), to = m_ids.indexOf(link.second); from >= 0 && to >= 0)
            paintNvLink(painter, middleOf(static_cast<int>(std::min(from, to))),
                        middleOf(static_cast<int>(std::max(from, to))), link.words);
}

} // namespace ui
