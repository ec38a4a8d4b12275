#pragma once

#include "ui/setup/setupdata.h"

#include <QDialog>

namespace ui {

// The mapping report: what each tensor of the file became.
class TensorDialog final : public QDialog {
    Q_OBJECT
public:
    explicit TensorDialog(const WeightsState& weights, QWidget* parent = nullptr);
};

} // namespace ui
