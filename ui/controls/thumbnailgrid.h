#pragma once

#include <QImage>
#include <QList>
#include <QWidget>

namespace ui {

// Square crops of pictures with up to two caption lines; click opens, context menu is the page's.
struct Thumbnail {
    QString id;
    QImage image; // any size; the middle square is shown. Null: a grey tile
    QString caption;
    QString detail;
    QString tip;
};

class ThumbnailGrid final : public QWidget {
    Q_OBJECT
public:
    explicit ThumbnailGrid(QWidget* parent = nullptr);
    void setThumbnails(const QList<Thumbnail>& thumbnails);
    void setColumns(int columns); // 0: as many of tileSide as fit one row
    void setTileSide(int pixels); // used where columns is 0
    void setRowsShown(int rows);  // the rest is cut off; 0: all
    void setGap(int pixels);
    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void opened(const QString& id);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool event(QEvent* event) override;

private:
    struct Layout {
        int columns = 1;
        int side = 64;
        int rowHeight = 64;
    };
    [[nodiscard]] Layout layoutFor(int width) const;
    [[nodiscard]] QRect tile(int index) const;
    [[nodiscard]] int indexAt(QPoint position) const;
    QList<Thumbnail> m_thumbnails;
    QList<QPixmap> m_scaled;
    int m_columns = 0;
    int m_side = 72;
    int m_rows = 0;
    int m_gap = 4;
    int m_current = 0;
    bool m_captions = false;
    bool m_details = false;
};

} // namespace ui
