// An older driver's.
#include "tests/device/fakenvml.cpp"
