#include "engine/models/weights/settingsfile.h"

#include "engine/models/weights/jsonreader.h"
#include "engine/models/weights/limits.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

namespace engine {
namespace {

using Kind = JsonReader::Kind;

constexpr double kLargestSide = 8192; // pixels
constexpr int kDepth = 3;             // of objects in objects that are looked into

class Reader final {
public:
    Reader(const MappedFile& file, SettingsFile& settings)
        : m_file(file), m_json(file.bytes(), file.name()), m_out(settings) {}

    void read() {
        object(0);
        m_json.end();
    }

private:
    [[noreturn]] void refuse(std::string_view key, std::string_view wanted) const {
        refuseWeights(fmt::format("In {} the value of {} is not {}.", m_file.path().string(), key, wanted),
                      "Correct the file, or take it away: Thaw then uses the backbone's own values.");
    }

    void object(int depth) {
        m_json.beginObject();
        for (std::string key; m_json.nextKey(key);) {
            if (!known(key, depth))
                m_json.skipValue();
        }
    }

    // Reads the value of a key that means something; false where nothing was read.
    bool known(const std::string& key, int depth) {
        const Kind kind = m_json.kind();
        if (kind == Kind::Null)
            return false;
        if ((key == "pretrained_cfg" || key == "image_processor") && kind == Kind::Object && depth < kDepth)
            object(depth + 1);
        else if (key == "architecture" && kind == Kind::Text)
            m_out.architecture = m_json.text();
        else if (key == "architectures" && kind == Kind::Array)
            architectures();
        else if (key == "model_type" && kind == Kind::Text)
            m_out.modelType = m_json.text();
        else if ((key == "image_processor_type" || key == "feature_extractor_type") && kind == Kind::Text)
            m_out.processor = m_json.text();
        else if (key == "image_size")
            m_out.imageSize = size(key).side();
        else if (StatedSize* to = sizeNamed(key))
            *to = size(key);
        else if (key == "crop_pct")
            m_out.cropShare = share(key);
        else if (key == "crop_mode" && kind == Kind::Text)
            m_out.cropMode = m_json.text();
        else if (key == "crop_rounding" && kind == Kind::Text)
            m_out.cropsRoundDown = m_json.text() == "down";
        else if (key == "resize_size")
            m_out.resizeSize = side(key);
        else if (key == "crop_border_pixels" && kind == Kind::Number)
            border(key);
        else if (kind == Kind::Boolean && !isSwitch(key))
            return false;
        else if (kind == Kind::Boolean)
            throwSwitch(key);
        else if (key == "rescale_factor")
            m_out.rescaleFactor = factor(key);
        else if (key == "interpolation" && kind == Kind::Text)
            m_out.interpolation = m_json.text();
        else if (key == "resample" && kind == Kind::Number)
            m_out.interpolation = resampling(key);
        else if (key == "mean" || key == "image_mean")
            m_out.mean = triple(key);
        else if (key == "std" || key == "image_std")
            m_out.standardDeviation = triple(key);
        else if (key == "id2label" && kind == Kind::Object)
            labelsByIndex(key);
        else if (key == "label_names" && kind == Kind::Array)
            labelsInOrder(key);
        else
            return false;
        return true;
    }

    int side(std::string_view key) {
        const double value = m_json.kind() == Kind::Number ? m_json.number() : 0;
        if (!(value >= 1 && value <= kLargestSide) || value != static_cast<int>(value))
            refuse(key, "a number of pixels");
        return static_cast<int>(value);
    }

    StatedSize* sizeNamed(std::string_view key) {
        return key == "input_size"  ? &m_out.inputSize
               : key == "size"      ? &m_out.size
               : key == "crop_size" ? &m_out.cropSize
                                    : nullptr;
    }

    std::optional<bool>* switchNamed(std::string_view key) {
        return key == "do_resize"           ? &m_out.resizes
               : key == "do_center_crop"    ? &m_out.crops
               : key == "do_rescale"        ? &m_out.rescales
               : key == "do_normalize"      ? &m_out.normalises
               : key == "include_top"       ? &m_out.countsTop
               : key == "default_to_square" ? &m_out.squares
                                            : nullptr;
    }

    static bool isUnknownSwitch(std::string_view key) {
        constexpr std::array kSwitches{
            "do_pad",       "do_flip_channel_order", "do_color_quantize", "keep_aspect_ratio",
            "do_thumbnail", "do_align_long_axis",    "do_image_splitting"};
        return std::ranges::find(kSwitches, key) != kSwitches.end();
    }

    bool isSwitch(std::string_view key) {
        return switchNamed(key) != nullptr || key == "rescale_offset" || isUnknownSwitch(key);
    }

    void throwSwitch(std::string_view key) {
        const bool on = m_json.boolean();
        std::erase(m_out.others, key);
        if (std::optional<bool>* known = switchNamed(key))
            *known = on;
        else if (key == "rescale_offset")
            m_out.rescalesAroundZero = on;
        else if (on)
            m_out.others.emplace_back(key);
    }

    void border(std::string_view key) {
        std::erase(m_out.others, key);
        if (m_json.number() != 0)
            m_out.others.emplace_back(key);
    }

    // 224, [224, 224], [3, 224, 224], {"height": 224, "width": 224} or {"shortest_edge": 224}
    StatedSize size(const std::string& key) {
        StatedSize result;
        if (m_json.kind() == Kind::Number) {
            result.number = side(key);
        } else if (m_json.kind() == Kind::Array) {
            m_json.beginArray();
            while (m_json.nextElement()) {
                result.height = result.width;
                result.width = side(key);
            }
        } else if (m_json.kind() == Kind::Object) {
            m_json.beginObject();
            for (std::string member; m_json.nextKey(member);)
                sizeMember(key, member, result);
        }
        if (result.width > 0 && result.height == 0)
            result.height = result.width;
        if (!result.said())
            refuse(key, "a number of pixels");
        return result;
    }

    void sizeMember(const std::string& key, std::string_view member, StatedSize& result) {
        int* to = member == "height"          ? &result.height
                  : member == "width"         ? &result.width
                  : member == "shortest_edge" ? &result.shortestEdge
                  : member == "longest_edge"  ? &result.longestEdge
                                              : nullptr;
        if (to == nullptr || m_json.kind() == Kind::Null)
            m_json.skipValue();
        else
            *to = side(key);
    }

    double factor(std::string_view key) {
        constexpr double kLeast = 1e-6, kMost = 1e3;
        const double value = m_json.kind() == Kind::Number ? m_json.number() : 0;
        if (!(value >= kLeast && value <= kMost))
            refuse(key, "a factor above zero");
        return value;
    }

    double share(std::string_view key) {
        const double value = m_json.kind() == Kind::Number ? m_json.number() : 0;
        if (!(value > 0.1 && value <= 1))
            refuse(key, "a share between 0.1 and 1");
        return value;
    }

    // Pillow's numbers.
    std::string resampling(std::string_view key) {
        const double value = m_json.number();
        if (value != 0 && value != 1 && value != 2 && value != 3 && value != 4 && value != 5)
            refuse(key, "a known way to resample");
        constexpr std::array kNames{"nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"};
        return kNames[static_cast<std::size_t>(value)];
    }

    std::array<float, 3> triple(std::string_view key) {
        std::array<float, 3> values{};
        std::size_t count = 0;
        if (m_json.kind() == Kind::Number) { // of all channels
            values.fill(channelValue(key));
            requireDeviation(key, values);
            return values;
        }
        if (m_json.kind() != Kind::Array)
            refuse(key, "three numbers");
        m_json.beginArray();
        while (m_json.nextElement()) {
            if (count == 3)
                refuse(key, "three numbers");
            values[count++] = channelValue(key);
        }
        if (count != 3)
            refuse(key, "three numbers");
        requireDeviation(key, values);
        return values;
    }

    float channelValue(std::string_view key) {
        const double value = m_json.kind() == Kind::Number ? m_json.number() : -1;
        if (!(value >= 0 && value <= 255))
            refuse(key, "three numbers");
        return static_cast<float>(value);
    }

    void requireDeviation(std::string_view key, const std::array<float, 3>& values) const {
        if (key.ends_with("std") && (values[0] <= 0 || values[1] <= 0 || values[2] <= 0))
            refuse(key, "three numbers above zero");
    }

    void architectures() {
        m_json.beginArray();
        while (m_json.nextElement()) {
            if (m_json.kind() == Kind::Text && m_out.architecture.empty())
                m_out.architecture = m_json.text();
            else
                m_json.skipValue();
        }
    }

    std::string label(std::string_view key) {
        if (m_json.kind() != Kind::Text)
            refuse(key, "a list of names");
        std::string name = m_json.text();
        m_labelBytes += name.size();
        if (m_out.labels.size() > limits::kTensors || m_labelBytes > limits::kAllNameBytes)
            refuse(key, "a list of a reasonable length");
        return name;
    }

    void labelsInOrder(std::string_view key) {
        m_out.labels.clear();
        m_json.beginArray();
        while (m_json.nextElement())
            m_out.labels.push_back(label(key));
    }

    // {"0": "tench", …}, in any order and without gaps.
    void labelsByIndex(std::string_view key) {
        std::unordered_map<std::size_t, std::string> byIndex;
        m_json.beginObject();
        for (std::string number; m_json.nextKey(number);) {
            std::size_t index = 0;
            const auto parsed = std::from_chars(number.data(), number.data() + number.size(), index);
            if (parsed.ec != std::errc{} || byIndex.size() > limits::kTensors)
                refuse(key, "a list of names by class number");
            byIndex[index] = label(key);
        }
        m_out.labels.assign(byIndex.size(), {});
        for (auto& [index, name] : byIndex) {
            if (index >= m_out.labels.size())
                refuse(key, "a list of names by class number");
            m_out.labels[index] = std::move(name);
        }
    }

    const MappedFile& m_file;
    JsonReader m_json;
    SettingsFile& m_out;
    std::size_t m_labelBytes = 0;
};

} // namespace

void readSettings(const MappedFile& file, SettingsFile& settings) { Reader(file, settings).read(); }

} // namespace engine
