#pragma once

class QWidget;

namespace gallery {

QWidget* states(); // every control in each of its states

} // namespace gallery
