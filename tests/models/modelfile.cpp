// The Thaw side of recheck.py: writes a backbone whose parameters are filled by the formula, reads one and computes, or
// makes a run of it, which can be exported.
#include "engine/api/error.h"
#include "engine/models/load.h"
#include "engine/train/checkpoint.h"
#include "tests/models/filled.h"

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

namespace {

void writeFilled(const std::string& name, double gain, const std::string& file) {
    const auto model = engine::buildBackbone(engine::findBackbone(name), 0);
    tests::fill(*model, gain);
    engine::writeSafetensors(file, engine::stateViews(*model));
}

enum class Names { Own, Renamed };

void printLogits(const std::string& name, Names names, const std::string& file, std::span<char*> sizes) {
    const torch::NoGradGuard noGrad;
    const auto model = engine::buildBackbone(engine::findBackbone(name), 0);
    if (names == Names::Own)
        engine::loadCheckpoint(*model, file); // strict: every name, shape and number format
    else if (const auto report = engine::loadWeights(*model, file, true); report.pretrainedShare < 1)
        throw engine::Error(engine::ErrorKind::BadWeights, "Not every parameter is in the file.");
    model->eval();
    for (const char* size : sizes) {
        const at::Tensor logits = model->forward(tests::pictures(std::atoi(size))).contiguous();
        for (std::int64_t i = 0; i < logits.numel(); ++i)
            std::printf("%.9g ", static_cast<double>(logits.data_ptr<float>()[i]));
        std::printf("\n");
    }
}

// A run with one checkpoint: the file's parameters, its own head, pictures of this size.
void makeRun(const std::string& name, const std::string& file, const std::string& folder, int size) {
    const engine::BackboneInfo& info = engine::findBackbone(name);
    const auto model = engine::buildBackbone(info, 0);
    (void)engine::loadWeights(*model, file, true);
    engine::ModelDescription description{
        .backbone = name, .preprocess = engine::preprocessFor(info, size), .numerics = model->numerics()};
    for (int i = 0; i < model->classes(); ++i)
        description.classes.push_back("class " + std::to_string(i));
    engine::writeCheckpoint(std::filesystem::path(folder) / "best", *model, {}, {}, description);
}

} // namespace

// thaw-modelfile write BACKBONE GAIN FILE | logits BACKBONE FILE SIZE… | renamed BACKBONE FILE SIZE… |
// run BACKBONE FILE FOLDER SIZE
int main(int argc, char** argv) {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (arguments.size() < 5) {
        std::fputs("thaw-modelfile write BACKBONE GAIN FILE | logits BACKBONE FILE SIZE… | renamed BACKBONE FILE "
                   "SIZE… | run BACKBONE FILE FOLDER SIZE\n",
                   stderr);
        return 2;
    }
    try {
        if (arguments[1] == std::string("write"))
            writeFilled(arguments[2], std::atof(arguments[3]), arguments[4]);
        else if (arguments[1] == std::string("run") && arguments.size() == 6)
            makeRun(arguments[2], arguments[3], arguments[4], std::atoi(arguments[5]));
        else
            printLogits(arguments[2], arguments[1] == std::string("renamed") ? Names::Renamed : Names::Own,
                        arguments[3], arguments.subspan(4));
    } catch (const engine::Error& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
    return 0;
}
