#include "engine/runs/eventfile.h"

#include "engine/api/error.h"
#include "engine/runs/tensorboard.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <string_view>

namespace engine {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kLargestRecord = std::uint64_t{1} << 31;

template <typename T>
T number(std::string_view bytes) {
    T value{};
    std::memcpy(&value, bytes.data(), std::min(sizeof value, bytes.size()));
    return value;
}

// Walks through the fields of a message in protocol buffers' wire format; ends early where it is none.
class Fields final {
public:
    explicit Fields(std::string_view message) : m_rest(message) {}

    bool next() {
        const auto tag = varint();
        if (!tag)
            return false;
        id = static_cast<int>(*tag >> 3);
        switch (*tag & 7) {
        case 0: {
            const auto value = varint();
            integer = value.value_or(0);
            bytes = {};
            return value.has_value();
        }
        case 1:
            return take(8);
        case 2: {
            const auto length = varint();
            return length && take(*length);
        }
        case 5:
            return take(4);
        default:
            return false;
        }
    }

    int id = 0;
    std::uint64_t integer = 0; // of a varint
    std::string_view bytes;    // of all others

private:
    std::optional<std::uint64_t> varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
            const auto byte = static_cast<unsigned char>(m_rest.front());
            m_rest.remove_prefix(1);
            value |= std::uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80)
                return value;
        }
        return {};
    }
    bool take(std::uint64_t length) {
        if (length > m_rest.size())
            return false;
        bytes = m_rest.substr(0, length);
        m_rest.remove_prefix(length);
        return true;
    }

    std::string_view m_rest;
};

std::string_view field(std::string_view message, int id) {
    Fields fields(message);
    while (fields.next())
        if (fields.id == id)
            return fields.bytes;
    return {};
}

// What tensor.proto's TensorProto holds where it is a single number.
std::optional<float> scalarIn(std::string_view tensor) {
    enum Type { kFloat = 1, kDouble = 2, kInt32 = 3, kInt64 = 9 };
    std::uint64_t type = 0;
    std::string_view content, values;
    std::uint64_t integer = 0;
    Fields fields(tensor);
    while (fields.next()) {
        if (fields.id == 1)
            type = fields.integer;
        else if (fields.id == 2 && !field(fields.bytes, 2).empty())
            return {}; // it has dimensions
        else if (fields.id == 4)
            content = fields.bytes;
        else if (fields.id >= 5 && fields.id <= 10) {
            values = fields.bytes;
            integer = fields.integer;
        }
    }
    if (!values.empty() && content.empty())
        content = values;
    switch (type) {
    case kFloat:
        return content.size() == 4 ? std::optional(number<float>(content)) : std::nullopt;
    case kDouble:
        return content.size() == 8 ? std::optional(static_cast<float>(number<double>(content))) : std::nullopt;
    case kInt32:
    case kInt64:
        if (content.empty())
            return static_cast<float>(static_cast<std::int64_t>(integer));
        if (content.size() == 4)
            return static_cast<float>(number<std::int32_t>(content));
        return content.size() == 8 ? std::optional(static_cast<float>(number<std::int64_t>(content))) : std::nullopt;
    default:
        return {};
    }
}

// struct.proto's Value.
std::string valueText(std::string_view value) {
    Fields fields(value);
    while (fields.next()) {
        if (fields.id == 2)
            return fmt::format("{:g}", number<double>(fields.bytes));
        if (fields.id == 3)
            return std::string(fields.bytes);
        if (fields.id == 4)
            return fields.integer != 0 ? "true" : "false";
    }
    return {};
}

// The hyperparameters of a session: plugins/hparams' HParamsPluginData.
void readSettings(std::string_view content, EventScalars& into) {
    Fields session(field(content, 3));
    while (session.next()) {
        if (session.id != 1)
            continue;
        const std::string name(field(session.bytes, 1));
        if (const std::string text = valueText(field(session.bytes, 2)); !name.empty() && !text.empty())
            into.settings[name] = text;
    }
}

// One event file as it is read.
class Reading final {
public:
    explicit Reading(EventScalars& into) : m_into(into) {}

    void event(std::string_view message) {
        double time = 0;
        std::int64_t step = 0;
        std::string_view summary, session;
        Fields fields(message);
        while (fields.next()) {
            if (fields.id == 1)
                time = number<double>(fields.bytes);
            else if (fields.id == 2)
                step = static_cast<std::int64_t>(fields.integer);
            else if (fields.id == 5)
                summary = fields.bytes;
            else if (fields.id == 7)
                session = fields.bytes;
        }
        if (Fields status(session); status.next() && status.id == 1 && status.integer == kSessionStart)
            forgetFrom(step);
        Fields values(summary);
        while (values.next())
            if (values.id == 1)
                value(values.bytes, step, time);
    }

private:
    static constexpr std::uint64_t kSessionStart = 1;

    // A training that was begun again takes the place of what it had recorded past this step.
    void forgetFrom(std::int64_t step) {
        for (auto& [tag, points] : m_into.tags)
            std::erase_if(points, [step](const SeriesPoint& point) { return point.step >= step; });
    }

    void value(std::string_view message, std::int64_t step, double time) {
        std::string tag;
        std::optional<float> scalar;
        std::string_view plugin, content;
        bool other = false;
        Fields fields(message);
        while (fields.next()) {
            if (fields.id == 1)
                tag = fields.bytes;
            else if (fields.id == 2)
                scalar = number<float>(fields.bytes);
            else if (fields.id == 8)
                scalar = scalarIn(fields.bytes);
            else if (fields.id == 9) {
                plugin = field(field(fields.bytes, 1), 1);
                content = field(field(fields.bytes, 1), 2);
            }
            other = other || (fields.id >= 4 && fields.id <= 6) || fields.id == 8;
        }
        if (plugin == "hparams")
            readSettings(content, m_into);
        else if (scalar && (plugin.empty() || plugin == "scalars"))
            m_into.tags[tag].push_back({step, *scalar, time});
        else if (other)
            m_into.others.insert(tag);
    }

    EventScalars& m_into;
};

enum class Frame { Whole, End, CutOff, Damaged };

Frame nextFrame(std::ifstream& in, std::uint64_t left, std::string& payload) {
    char head[12];
    if (left == 0)
        return Frame::End;
    if (left < sizeof head)
        return Frame::CutOff;
    in.read(head, sizeof head);
    const auto length = number<std::uint64_t>({head, 8});
    if (number<std::uint32_t>({head + 8, 4}) != maskedCrc32c({head, 8}))
        return Frame::Damaged;
    if (length > kLargestRecord)
        return Frame::Damaged;
    if (length + 16 > left)
        return Frame::CutOff;
    payload.resize(length + 4);
    in.read(payload.data(), static_cast<std::streamsize>(payload.size()));
    const auto checksum = number<std::uint32_t>(std::string_view(payload).substr(length));
    payload.resize(length);
    return in && checksum == maskedCrc32c(payload) ? Frame::Whole : Frame::Damaged;
}

} // namespace

bool isEventFileName(const fs::path& file) { return file.filename().string().find("tfevents") != std::string::npos; }

void readEventFile(const fs::path& file, EventScalars& into, const std::stop_token& stop,
                   const std::function<void(std::int64_t)>& read) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in)
        throw Error(ErrorKind::NotFound, fmt::format("{} cannot be opened.", file.string()), "Check the path.");
    const auto all = static_cast<std::uint64_t>(in.tellg());
    in.seekg(0);
    Reading reading(into);
    std::string payload;
    std::uint64_t done = 0;
    Frame frame = nextFrame(in, all, payload);
    for (; frame == Frame::Whole; frame = nextFrame(in, all - done, payload)) {
        if (stop.stop_requested())
            throw Error(ErrorKind::Stopped, "Importing was stopped.");
        done += payload.size() + 16;
        reading.event(payload);
        if (read)
            read(static_cast<std::int64_t>(payload.size() + 16));
    }
    if (frame == Frame::Damaged && done == 0)
        throw Error(ErrorKind::BadInput, fmt::format("{} is not an event file of TensorBoard.", file.string()),
                    "Choose a file whose name holds “tfevents”, or a folder of them.");
    const std::string name = file.filename().string();
    if (frame == Frame::Damaged)
        into.notes.push_back(fmt::format("{} is damaged at byte {}; what comes behind it is left out.", name, done));
    if (frame == Frame::CutOff)
        into.notes.push_back(fmt::format("{} ends in the middle of a record; the rest of it was read.", name));
}

} // namespace engine
