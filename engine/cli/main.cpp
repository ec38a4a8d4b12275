#include "engine/cli/commands.h"

extern "C" int thaw_main(int argc, char** argv);

int thaw_main(int argc, char** argv) { return engine::cli::run(argc, argv); }
