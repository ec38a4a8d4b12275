#include "src/chartexport.h"

#include <QFileDialog>

namespace app {

void askChartFile(QWidget& page, const QString& folder, const QString& suggestedName,
                  const std::function<bool(const QString& file)>& write,
                  const std::function<void(const QString& file)>& failed) {
    auto* dialog = new QFileDialog(&page, QObject::tr("Export chart"), folder,
                                   QObject::tr("Pictures and tables (*.png *.svg *.pdf *.csv)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(suggestedName.section(QLatin1Char('.'), -1));
    dialog->selectFile(suggestedName);
    QObject::connect(dialog, &QFileDialog::fileSelected, &page, [write, failed](const QString& file) {
        if (!write(file))
            failed(file);
    });
    dialog->open();
}

ui::ToastText notSaved(const QString& file) {
    return {.tone = ui::Tone::Danger,
            .title = QObject::tr("The chart is not saved"),
            .detail = QObject::tr("%1 cannot be written.").arg(file)};
}

} // namespace app
