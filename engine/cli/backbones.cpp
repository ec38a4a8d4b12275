#include "engine/api/catalog.h"
#include "engine/api/weights.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"

namespace engine::cli {
namespace {

nlohmann::json asJson(const BackboneInfo& info) {
    return {{"name", info.name},
            {"family", info.family},
            {"source", info.source},
            {"parameters", info.parameters},
            {"flops", info.flops},
            {"image_size", info.imageSize},
            {"resize_size", info.resizeSize},
            {"interpolation", interpolationName(info.interpolation)},
            {"mean", info.mean},
            {"std", info.standardDeviation},
            {"classifier", info.classifier},
            {"imagenet_top1", info.imagenetTop1},
            {"licence", info.licence},
            {"bundled", info.bundled}};
}

nlohmann::json asJson(const BlockInfo& block) {
    nlohmann::json children = nlohmann::json::array();
    for (const BlockInfo& child : block.children)
        children.push_back(asJson(child));
    return {{"name", block.name},   {"type", block.type},  {"output", block.output}, {"parameters", block.parameters},
            {"flops", block.flops}, {"children", children}};
}

std::string topWords(const BackboneInfo& info) {
    return info.imagenetTop1 > 0 ? fmt::format("{:.1f} %", info.imagenetTop1) : "–";
}

void listAll(const Context& context) {
    if (context.json) {
        nlohmann::json all = nlohmann::json::array();
        for (const BackboneInfo& info : backbones())
            all.push_back(asJson(info));
        printJson(all);
        return;
    }
    std::vector<std::vector<std::string>> rows = {
        {"Backbone", "Family", "Parameters", "GFLOPs", "Input", "ImageNet", "Names of", ""}};
    for (const BackboneInfo& info : backbones())
        rows.push_back({info.name, info.family, countWords(double(info.parameters)),
                        fmt::format("{:.2f}", info.flops / 1e9), fmt::format("{} px", info.imageSize), topWords(info),
                        info.source, info.bundled ? "bundled" : ""});
    printTable(rows, {false, false, true, true, true, true, false, false});
}

void addRows(const BlockInfo& block, int depth, std::vector<std::vector<std::string>>& rows) {
    std::string shape;
    for (const std::int64_t side : block.output)
        shape += side > 0 ? (shape.empty() ? "" : " × ") + std::to_string(side) : "";
    rows.push_back({std::string(static_cast<std::size_t>(2 * depth), ' ') + block.name, block.type, shape,
                    countWords(double(block.parameters)), fmt::format("{:.1f}", block.flops / 1e6)});
    if (depth < 1)
        for (const BlockInfo& child : block.children)
            addRows(child, depth + 1, rows);
}

void showOne(const std::string& name, const Context& context) {
    const BackboneInfo& info = findBackbone(name);
    const std::vector<BlockInfo> tree = blockTree(name, 0);
    if (context.json) {
        nlohmann::json result = asJson(info);
        result["blocks"] = nlohmann::json::array();
        for (const BlockInfo& block : tree)
            result["blocks"].push_back(asJson(block));
        printJson(result);
        return;
    }
    double flops = 0; // the table does not know a program's
    for (const BlockInfo& block : tree)
        flops += block.flops;
    fmt::print("{}  {}, {} parameters, {:.2f} GFLOPs at {} px, ImageNet {}\n", info.name, info.family,
               countWords(double(info.parameters)), (info.flops > 0 ? info.flops : flops) / 1e9, info.imageSize,
               topWords(info));
    fmt::print("Names and preprocessing of {}: short side {} px, centre {} px, {}\n", info.source, info.resizeSize,
               info.imageSize, interpolationName(info.interpolation));
    fmt::print("Weights: {}\n\n", info.licence);
    std::vector<std::vector<std::string>> rows = {{"Block", "Type", "Output", "Parameters", "MFLOPs"}};
    for (const BlockInfo& block : tree)
        addRows(block, 0, rows);
    printTable(rows, {false, false, true, true, true});
}

} // namespace

void addBackbones(CLI::App& app, Context& context) {
    auto name = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("backbones", "List the backbones, or show the blocks of one");
    command->add_option("name", *name, "Backbone, or torchscript:FILE[#MODULE] for a program of your own");
    command->callback([name, &context] {
        if (name->empty())
            listAll(context);
        else
            showOne(*name, context);
    });
}

} // namespace engine::cli
