#include "engine/models/weights/pickle.h"

#include "engine/models/weights/limits.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace engine {
namespace {

// The opcodes of pickle protocols 2 to 5 (pickletools in the Python library names them so).
namespace op {
constexpr unsigned char kProto = 0x80, kFrame = 0x95, kStop = '.', kMark = '(', kPop = '0', kPopMark = '1', kDup = '2',
                        kInt = 'I', kLong = 'L', kBinInt = 'J', kBinInt1 = 'K', kBinInt2 = 'M', kLong1 = 0x8a,
                        kLong4 = 0x8b, kFloat = 'F', kBinFloat = 'G', kNone = 'N', kTrue = 0x88, kFalse = 0x89,
                        kBinUnicode = 'X', kShortBinUnicode = 0x8c, kBinUnicode8 = 0x8d, kBinString = 'T',
                        kShortBinString = 'U', kBinBytes = 'B', kShortBinBytes = 'C', kBinBytes8 = 0x8e,
                        kByteArray8 = 0x96, kEmptyTuple = ')', kTuple = 't', kTuple1 = 0x85, kTuple2 = 0x86,
                        kTuple3 = 0x87, kEmptyList = ']', kList = 'l', kAppend = 'a', kAppends = 'e', kEmptyDict = '}',
                        kDict = 'd', kSetItem = 's', kSetItems = 'u', kEmptySet = 0x8f, kAddItems = 0x90,
                        kFrozenSet = 0x91, kGlobal = 'c', kStackGlobal = 0x93, kReduce = 'R', kBuild = 'b',
                        kNewObject = 0x81, kNewObjectNamed = 0x92, kPersistentId = 'Q', kGet = 'g', kBinGet = 'h',
                        kLongBinGet = 'j', kPut = 'p', kBinPut = 'q', kLongBinPut = 'r', kMemoize = 0x94;
} // namespace op

} // namespace

void Pickle::damaged(std::string_view what) const {
    refuseWeights(fmt::format("{} is damaged or cut short: {} at byte {}.", m_file, what, m_at),
                  "Fetch the file again.");
}

void Pickle::forbidden(std::string_view name) const {
    refuseWeights(
        fmt::format("{} asks for {}, which is neither a tensor nor plain data; nothing of it was run.", m_file, name),
        "Save only the tensors: torch.save(model.state_dict(), …), or a safetensors file.");
}

const PickleValue& Pickle::read(std::size_t& at) {
    m_at = at;
    m_stack.clear();
    m_memo.clear();
    for (;;) {
        const auto opcode = static_cast<unsigned char>(take(1).front());
        if (opcode == op::kStop)
            break;
        step(opcode);
    }
    at = m_at;
    return *pop();
}

void Pickle::step(unsigned char opcode) {
    if (opcode == op::kProto) {
        if (take(1).front() > 5)
            damaged("an unknown pickle protocol");
    } else if (opcode == op::kFrame) {
        static_cast<void>(take(8));
    } else if (!stepNumber(opcode) && !stepText(opcode) && !stepContainer(opcode) && !stepMemo(opcode) &&
               !stepObject(opcode)) {
        damaged(fmt::format("the pickle instruction 0x{:02x} is not one that weights need,", opcode));
    }
}

std::string_view Pickle::take(std::uint64_t count) {
    if (count > m_bytes.size() - m_at)
        damaged(fmt::format("{} more bytes were expected, {} are there,", count, m_bytes.size() - m_at));
    const std::string_view taken = m_bytes.substr(m_at, count);
    m_at += count;
    return taken;
}

std::string_view Pickle::takeLine() {
    const std::size_t end = m_bytes.find('\n', m_at);
    if (end == std::string_view::npos)
        damaged("the end of a line was expected");
    const std::string_view line = m_bytes.substr(m_at, end - m_at);
    m_at = end + 1;
    return line;
}

template <typename Number>
Number Pickle::takeNumber() {
    Number number{};
    std::memcpy(&number, take(sizeof number).data(), sizeof number);
    return number;
}

bool Pickle::stepNumber(unsigned char opcode) {
    const auto pushInteger = [this](std::int64_t value) {
        PickleValue* made = make(Kind::Int);
        made->integer = value;
        push(made);
    };
    const auto pushLong = [&](std::string_view bytes) {
        if (bytes.size() > 8) {
            push(makeText(Kind::LongInt, bytes));
            return;
        }
        std::int64_t value = !bytes.empty() && (bytes.back() & 0x80) ? -1 : 0;
        std::memcpy(&value, bytes.data(), bytes.size());
        pushInteger(value);
    };
    switch (opcode) {
    case op::kNone:
        push(make(Kind::None));
        return true;
    case op::kTrue:
    case op::kFalse:
        push(make(Kind::Bool));
        top()->integer = opcode == op::kTrue;
        return true;
    case op::kBinInt:
        pushInteger(takeNumber<std::int32_t>());
        return true;
    case op::kBinInt1:
        pushInteger(takeNumber<std::uint8_t>());
        return true;
    case op::kBinInt2:
        pushInteger(takeNumber<std::uint16_t>());
        return true;
    case op::kLong1:
        pushLong(take(takeNumber<std::uint8_t>()));
        return true;
    case op::kLong4:
        pushLong(take(takeNumber<std::uint32_t>()));
        return true;
    case op::kInt:
    case op::kLong: {
        const std::string_view line = takeLine();
        std::int64_t value = 0;
        if (std::from_chars(line.data(), line.data() + line.size(), value).ec != std::errc{})
            damaged("a number was expected");
        pushInteger(value);
        return true;
    }
    case op::kFloat:
        push(makeText(Kind::Text, takeLine()));
        return true;
    case op::kBinFloat: {
        const auto bits = __builtin_bswap64(takeNumber<std::uint64_t>());
        PickleValue* made = make(Kind::Float);
        std::memcpy(&made->number, &bits, sizeof bits);
        push(made);
        return true;
    }
    default:
        return false;
    }
}

bool Pickle::stepText(unsigned char opcode) {
    switch (opcode) {
    case op::kShortBinUnicode:
    case op::kShortBinString:
        push(makeText(Kind::Text, take(takeNumber<std::uint8_t>())));
        return true;
    case op::kBinUnicode:
    case op::kBinString:
        push(makeText(Kind::Text, take(takeNumber<std::uint32_t>())));
        return true;
    case op::kBinUnicode8:
        push(makeText(Kind::Text, take(takeNumber<std::uint64_t>())));
        return true;
    case op::kShortBinBytes:
        push(makeText(Kind::Bytes, take(takeNumber<std::uint8_t>())));
        return true;
    case op::kBinBytes:
        push(makeText(Kind::Bytes, take(takeNumber<std::uint32_t>())));
        return true;
    case op::kBinBytes8:
    case op::kByteArray8:
        push(makeText(Kind::Bytes, take(takeNumber<std::uint64_t>())));
        return true;
    default:
        return false;
    }
}

bool Pickle::stepContainer(unsigned char opcode) {
    const auto pushFilled = [this](Kind kind, const std::vector<PickleValue*>& items) {
        PickleValue* made = make(kind);
        made->items = items;
        push(made);
    };
    const auto popLast = [this](std::size_t count) {
        std::vector<PickleValue*> items(count);
        for (std::size_t i = count; i-- > 0;)
            items[i] = pop();
        return items;
    };
    switch (opcode) {
    case op::kMark:
        push(nullptr);
        return true;
    case op::kPop:
        static_cast<void>(pop());
        return true;
    case op::kPopMark:
        static_cast<void>(popToMark());
        return true;
    case op::kDup:
        push(top());
        return true;
    case op::kEmptyTuple:
        push(make(Kind::Tuple));
        return true;
    case op::kEmptyList:
    case op::kEmptySet:
        push(make(Kind::List));
        return true;
    case op::kEmptyDict:
        push(make(Kind::Dict));
        return true;
    case op::kTuple1:
        pushFilled(Kind::Tuple, popLast(1));
        return true;
    case op::kTuple2:
        pushFilled(Kind::Tuple, popLast(2));
        return true;
    case op::kTuple3:
        pushFilled(Kind::Tuple, popLast(3));
        return true;
    case op::kTuple:
        pushFilled(Kind::Tuple, popToMark());
        return true;
    case op::kList:
    case op::kFrozenSet:
        pushFilled(Kind::List, popToMark());
        return true;
    case op::kDict: {
        PickleValue* made = make(Kind::Dict);
        extend(made, popToMark(), Kind::Dict);
        push(made);
        return true;
    }
    case op::kAppend: {
        const auto items = popLast(1);
        extend(top(), items, Kind::List);
        return true;
    }
    case op::kAppends:
    case op::kAddItems: {
        const auto items = popToMark();
        extend(top(), items, Kind::List);
        return true;
    }
    case op::kSetItem: {
        const auto items = popLast(2);
        extend(top(), items, Kind::Dict);
        return true;
    }
    case op::kSetItems: {
        const auto items = popToMark();
        extend(top(), items, Kind::Dict);
        return true;
    }
    default:
        return false;
    }
}

bool Pickle::stepMemo(unsigned char opcode) {
    const auto lineNumber = [this] {
        const std::string_view line = takeLine();
        std::uint64_t value = 0;
        if (std::from_chars(line.data(), line.data() + line.size(), value).ec != std::errc{})
            damaged("a number was expected");
        return value;
    };
    switch (opcode) {
    case op::kGet:
        recall(lineNumber());
        return true;
    case op::kBinGet:
        recall(takeNumber<std::uint8_t>());
        return true;
    case op::kLongBinGet:
        recall(takeNumber<std::uint32_t>());
        return true;
    case op::kPut:
        remember(lineNumber());
        return true;
    case op::kBinPut:
        remember(takeNumber<std::uint8_t>());
        return true;
    case op::kLongBinPut:
        remember(takeNumber<std::uint32_t>());
        return true;
    case op::kMemoize:
        remember(m_memo.size());
        return true;
    default:
        return false;
    }
}

bool Pickle::stepObject(unsigned char opcode) {
    switch (opcode) {
    case op::kGlobal: {
        const std::string_view module = takeLine();
        push(global(module, takeLine()));
        return true;
    }
    case op::kStackGlobal: {
        const PickleValue* name = pop();
        const PickleValue* module = pop();
        if (name->kind != Kind::Text || module->kind != Kind::Text)
            damaged("a name was expected");
        push(global(module->text, name->text));
        return true;
    }
    case op::kReduce: {
        const PickleValue* arguments = pop();
        const PickleValue* callable = pop();
        push(call(*callable, *arguments));
        return true;
    }
    case op::kNewObjectNamed:
        static_cast<void>(pop()); // arguments by name
        [[fallthrough]];
    case op::kNewObject: {
        const PickleValue* arguments = pop();
        const PickleValue* type = pop();
        push(makeObject(*type, *arguments));
        return true;
    }
    case op::kBuild: {
        const PickleValue* state = pop();
        setState(*top(), *state);
        return true;
    }
    case op::kPersistentId: {
        const PickleValue* id = pop();
        push(makeStorage(*id));
        return true;
    }
    default:
        return false;
    }
}

PickleValue* Pickle::make(Kind kind) {
    if (m_values.size() == limits::kPickleObjects)
        refuseWeights(fmt::format("{} holds more than {} objects.", m_file, limits::kPickleObjects),
                      "Save only the tensors: torch.save(model.state_dict(), …), or a safetensors file.");
    PickleValue& value = m_values.emplace_back();
    value.kind = kind;
    return &value;
}

PickleValue* Pickle::makeText(Kind kind, std::string_view text) {
    PickleValue* made = make(kind);
    made->text = text;
    return made;
}

void Pickle::push(PickleValue* value) {
    if (++m_steps > limits::kPickleSteps)
        refuseWeights(fmt::format("{} takes more than {} steps to read.", m_file, limits::kPickleSteps),
                      "Save only the tensors: torch.save(model.state_dict(), …), or a safetensors file.");
    m_stack.push_back(value);
}

PickleValue* Pickle::top() {
    if (m_stack.empty() || !m_stack.back())
        damaged("a value was expected");
    return m_stack.back();
}

PickleValue* Pickle::pop() {
    PickleValue* value = top();
    m_stack.pop_back();
    return value;
}

std::vector<PickleValue*> Pickle::popToMark() {
    const auto mark = std::find(m_stack.rbegin(), m_stack.rend(), nullptr);
    if (mark == m_stack.rend())
        damaged("a mark was expected");
    std::vector<PickleValue*> items(mark.base(), m_stack.end());
    m_stack.erase(mark.base() - 1, m_stack.end());
    return items;
}

void Pickle::extend(PickleValue* container, const std::vector<PickleValue*>& items, Kind wanted) {
    const bool object = container->kind == Kind::Object;
    if (object && wanted == Kind::Dict)
        container->integer = 1;
    if (container->kind != wanted && container->kind != Kind::Opaque && !object)
        damaged("items for something that holds none");
    if (wanted == Kind::Dict && items.size() % 2 != 0)
        damaged("a key without a value");
    if (container->kind == wanted || (object && wanted == Kind::Dict))
        container->items.insert(container->items.end(), items.begin(), items.end());
}

void Pickle::remember(std::uint64_t key) {
    if (m_memo.size() > limits::kPickleObjects)
        damaged("too many remembered values");
    m_memo[key] = top();
}

void Pickle::recall(std::uint64_t key) {
    const auto found = m_memo.find(key);
    if (found == m_memo.end())
        damaged("a value that was never remembered");
    push(found->second);
}

} // namespace engine
