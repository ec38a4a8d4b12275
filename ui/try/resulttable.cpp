#include "ui/try/resulttable.h"

#include "ui/controls/plaintable.h"
#include "ui/theme.h"
#include "ui/try/resultmodel.h"

#include <QHeaderView>
#include <QPainter>
#include <QPainterPath>
#include <QPixmapCache>
#include <QStyledItemDelegate>

namespace ui {
namespace {

constexpr int kResultRow = 36;
constexpr int kThumbnail = 32;
constexpr int kResultNameLeft = 56;
constexpr int kLabel = 92; // width of the answer before its bar
constexpr int kResultPadding = 8;

QPixmap thumbnailOf(const QImage& image, qreal scale) {
    const QString key = QStringLiteral("thaw/try/%1/%2").arg(image.cacheKey()).arg(scale);
    QPixmap made;
    if (QPixmapCache::find(key, &made))
        return made;
    const int edge = std::min(image.width(), image.height());
    const int pixels = qRound(kThumbnail * scale);
    made = QPixmap::fromImage(image.copy((image.width() - edge) / 2, (image.height() - edge) / 2, edge, edge)
                                  .scaled(pixels, pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
    made.setDevicePixelRatio(scale);
    QPixmapCache::insert(key, made);
    return made;
}

class ResultDelegate final : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const QRect box = option.rect;
        const bool selected = option.state & QStyle::State_Selected;
        if (selected || (option.state & QStyle::State_MouseOver))
            painter->fillRect(box, color(selected ? Role::AccentTint : Role::Hover));
        if (index.row() + 1 < index.model()->rowCount())
            painter->fillRect(QRect(box.left(), box.bottom(), box.width(), 1), color(Role::ChartGrid));
        painter->setPen(color(Role::Text));
        const QString problem = index.data(ResultModel::ProblemRole).toString();
        switch (index.column()) {
        case ResultModel::Picture:
            paintPicture(*painter, box, index, !problem.isEmpty());
            break;
        case ResultModel::Prediction:
            if (problem.isEmpty())
                paintPrediction(*painter, box, index);
            else
                paintProblem(*painter, option, problem);
            break;
        default:
            painter->setFont(ui::font(FontRole::Body));
            painter->drawText(box.adjusted(0, 0, -kResultPadding, 0), Qt::AlignRight | Qt::AlignVCenter,
                              index.data().toString());
        }
        if (index.column() == 0 && (option.state & QStyle::State_HasFocus) && keyboardFocusVisible())
            drawOutline(*painter, box.adjusted(1, 1, -1, -2), color(Role::AccentText), 2, metric::kTagRadius);
    }

private:
    static void paintPicture(QPainter& painter, const QRect& box, const QModelIndex& index, bool broken) {
        const QRect tile(box.left() + kResultPadding, box.top() + (box.height() - kThumbnail) / 2, kThumbnail,
                         kThumbnail);
        const auto image = index.data(Qt::DecorationRole).value<QImage>();
        const qreal scale = painter.device()->devicePixelRatioF();
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        QPainterPath clip;
        clip.addRoundedRect(tile, metric::kTagRadius, metric::kTagRadius);
        painter.fillPath(clip, color(Role::Sunken));
        if (!image.isNull()) {
            painter.setClipPath(clip);
            painter.drawPixmap(tile.topLeft(), thumbnailOf(image, scale));
        } else if (broken) {
            painter.drawPixmap(tile.left() + 8, tile.top() + 8,
                               theme().pixmap(QStringLiteral("file-question"), 16, color(Role::Muted), scale));
        }
        painter.restore();
        painter.setFont(ui::font(FontRole::Mono));
        const int room = box.right() - box.left() - kResultNameLeft - kResultPadding;
        painter.drawText(QRect(box.left() + kResultNameLeft, box.top(), room, box.height()), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, room));
    }
    static void paintPrediction(QPainter& painter, const QRect& box, const QModelIndex& index) {
        const QVariant sure = index.data(ResultModel::ProbabilityRole);
        painter.setFont(ui::font(FontRole::Value));
        painter.drawText(QRect(box.left() + 8, box.top(), kLabel - 12, box.height()), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, kLabel - 12));
        const QRectF track(box.left() + kLabel, box.center().y() - 2, box.width() - kLabel - 4, 6);
        if (!sure.isValid() || track.width() < 12)
            return;
        const double share = sure.toDouble();
        drawOutline(painter, track, Qt::transparent, 0, 3, color(Role::Sunken));
        drawOutline(painter, QRectF(track.left(), track.top(), std::max(6.0, track.width() * share), track.height()),
                    Qt::transparent, 0, 3, color(share < kUnsure ? Role::NeutralStrong : Role::Accent));
    }
    // Its cell spans those for numbers, of which there are none.
    static void paintProblem(QPainter& painter, const QStyleOptionViewItem& option, const QString& problem) {
        const QRect box = option.rect.adjusted(8, 0, -kResultPadding, 0);
        painter.drawPixmap(box.left(), box.center().y() - 7,
                           theme().pixmap(QStringLiteral("circle-alert"), 14, color(Role::DangerText),
                                          painter.device()->devicePixelRatioF()));
        painter.setFont(ui::font(FontRole::Label));
        painter.setPen(color(Role::DangerText));
        painter.drawText(box.adjusted(20, 0, 0, 0), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(problem, Qt::ElideRight, box.width() - 20));
    }
};

} // namespace

ResultTable::ResultTable(QWidget* parent) : QTableView(parent) {
    setItemDelegate(new ResultDelegate(this));
    makePlainTable(*this, kResultRow);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Results"));
    horizontalHeader()->setProperty("cellPadding", kResultPadding);
    horizontalHeader()->setProperty("firstIndent", kResultNameLeft);
    horizontalHeader()->setProperty("plain", true);
    horizontalHeader()->setFixedHeight(24);
    horizontalHeader()->setSectionsClickable(false);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
}

void ResultTable::setModel(QAbstractItemModel* results) {
    QTableView::setModel(results);
    connect(results, &QAbstractItemModel::modelReset, this, &ResultTable::spanProblems);
    connect(results, &QAbstractItemModel::rowsInserted, this, &ResultTable::spanProblems);
    connect(results, &QAbstractItemModel::dataChanged, this, &ResultTable::spanProblems);
}

void ResultTable::spanProblems() {
    for (int row = 0; row < model()->rowCount(); ++row) {
        const QModelIndex index = model()->index(row, ResultModel::Prediction);
        const int wanted = index.data(ResultModel::ProblemRole).toString().isEmpty()
                               ? 1
                               : ResultModel::ColumnCount - ResultModel::Prediction;
        if (columnSpan(row, ResultModel::Prediction) != wanted)
            setSpan(row, ResultModel::Prediction, 1, wanted);
    }
}

void ResultTable::resizeEvent(QResizeEvent* event) {
    QTableView::resizeEvent(event);
    if (!model())
        return;
    const int all = viewport()->width();
    setColumnWidth(ResultModel::Time, 78);
    setColumnWidth(ResultModel::Sure, 74);
    const int rest = all - 78 - 74;
    const int prediction = std::clamp(rest * 2 / 5, 100, 260);
    setColumnWidth(ResultModel::Prediction, prediction);
    setColumnWidth(ResultModel::Picture, rest - prediction);
}

} // namespace ui
