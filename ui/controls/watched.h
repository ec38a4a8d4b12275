#pragma once

#include <QWidget>

#include <functional>

namespace ui {

// Tells once it is resized.
class Watched final : public QWidget {
public:
    std::function<void()> resized;

protected:
    void resizeEvent(QResizeEvent*) override {
        if (resized)
            resized();
    }
};

} // namespace ui
