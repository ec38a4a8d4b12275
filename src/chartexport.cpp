#include "src/chartexport.h"

#include <QFileDialog>

namespace app {

void askChartFile(QWidget& page, const QString& folder, const QString& suggestedName,
                  const std::function<void(const QString& file)>& write) {
    auto* dialog =
        new QFileDialog(&page, QObject::tr("Export chart"), folder, QObject::tr("Pictures (*.png *.svg *.pdf)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    dialog->selectFile(suggestedName + QStringLiteral(".png"));
    QObject::connect(dialog, &QFileDialog::fileSelected, &page, write);
    dialog->open();
}

} // namespace app
