// A library of that name that is something else.
extern "C" int thaw_something_else();
int thaw_something_else() { return 1; }
