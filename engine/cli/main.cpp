#include "engine/cli/commands.h"

int main(int argc, char** argv) { return engine::cli::run(argc, argv); }
