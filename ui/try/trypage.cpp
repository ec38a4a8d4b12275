#include "ui/try/trypage.h"
namespace ui {
struct TryPage::Impl {};
TryPage::TryPage(QWidget* parent) : QWidget(parent), m(std::make_unique<Impl>()) {}
TryPage::~TryPage() = default;
void TryPage::setModels(const QList<TryModel>&) {}
void TryPage::setModel(const QString&) {}
QString TryPage::model() const { return {}; }
void TryPage::setResults(const QList<TryResult>&) {}
QString TryPage::currentFile() const { return {}; }
void TryPage::setSeen(const QString&, const QImage&, const QString&) {}
void TryPage::setBusy(const QString&) {}
void TryPage::setDevice(const QString&) {}
void TryPage::setCommand(const QString&) {}
void TryPage::dragEnterEvent(QDragEnterEvent*) {}
void TryPage::dropEvent(QDropEvent*) {}
void TryPage::keyPressEvent(QKeyEvent*) {}
} // namespace ui
