#include "src/page.h"

namespace app {

Page::Page(QWidget& widget) : m_widget(widget) {}

} // namespace app
