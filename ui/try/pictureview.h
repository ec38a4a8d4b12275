#pragma once

#include <QImage>
#include <QWidget>

namespace ui {

// A picture as large as fits, never distorted, round at its corners.
class PictureView final : public QWidget {
    Q_OBJECT
public:
    explicit PictureView(QWidget* parent = nullptr);
    void setPicture(const QImage& picture);
    [[nodiscard]] QSize sizeHint() const override { return {360, 360}; }
    [[nodiscard]] QSize minimumSizeHint() const override { return {120, 160}; }

Q_SIGNALS:
    void shownWidthChanged(int width); // of the picture, which may be narrower than its place

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    [[nodiscard]] QSize shownSize() const;
    QImage m_picture;
    QPixmap m_scaled;
};

} // namespace ui
