#include "ui/setup/setuppage.h"
namespace ui {
struct SetupPage::Impl {};
SetupPage::SetupPage(QWidget* parent) : QWidget(parent), m(std::make_unique<Impl>()) {}
SetupPage::~SetupPage() = default;
void SetupPage::setFieldSpecs(const QList<FieldSpec>&) {}
void SetupPage::setValue(const QString&, const QString&) {}
QString SetupPage::value(const QString&) const { return {}; }
void SetupPage::setTitleState(const TitleState&) {}
void SetupPage::setData(const DataState&) {}
void SetupPage::setBackbones(const QList<BackboneRow>&) {}
void SetupPage::setWeights(const WeightsState&) {}
void SetupPage::setFreeze(const FreezeState&) {}
void SetupPage::setBlocks(const QList<BlockRow>&) {}
void SetupPage::setDevices(const QList<DeviceRow>&) {}
void SetupPage::setFindings(const QList<FieldFinding>&) {}
void SetupPage::setSummary(const SummaryState&) {}
void SetupPage::showField(const QString&) {}
void SetupPage::dragEnterEvent(QDragEnterEvent*) {}
void SetupPage::dropEvent(QDropEvent*) {}
} // namespace ui
