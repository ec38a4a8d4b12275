#include "engine/distributed/processgroup.h"

#include <cstring>

namespace engine {
namespace {

class SoloGroup final : public ProcessGroup {
public:
    [[nodiscard]] World world() const override { return {}; }
    void allReduce(at::Tensor&) override {}
    void broadcast(at::Tensor&) override {}
    [[nodiscard]] at::Tensor allGather(const at::Tensor& part) override { return part; }
    [[nodiscard]] at::Tensor reduceScatter(const at::Tensor& whole) override { return whole; }
    void leave(const std::string&) noexcept override {}
};

at::Tensor number(std::int64_t value) { return at::full({1}, value, at::kLong); }

} // namespace

std::unique_ptr<ProcessGroup::Pending> ProcessGroup::startAllReduce(at::Tensor& tensor) {
    struct Done final : Pending {
        void wait() override {}
    };
    allReduce(tensor);
    return std::make_unique<Done>();
}

std::unique_ptr<ProcessGroup::Pending> ProcessGroup::startReduceScatter(at::Tensor& flat) {
    return startAllReduce(flat);
}

void ProcessGroup::allGatherParts(at::Tensor& flat) { flat.copy_(allGather(partOf(flat, world()))); }

at::Tensor partOf(const at::Tensor& flat, const World& world) {
    const std::int64_t size = flat.numel() / world.size;
    return flat.narrow(0, world.rank * size, size);
}

std::unique_ptr<ProcessGroup> soloGroup() { return std::make_unique<SoloGroup>(); }

at::Tensor gatherRows(ProcessGroup& group, const at::Tensor& rows) {
    const at::Tensor counts = group.allGather(number(rows.size(0)));
    const auto most = counts.max().item<std::int64_t>();
    std::vector<std::int64_t> sizes = rows.sizes().vec();
    sizes.front() = most;
    const at::Tensor padded = at::zeros(sizes, rows.options());
    padded.narrow(0, 0, rows.size(0)).copy_(rows);
    const at::Tensor all = group.allGather(padded);
    std::vector<at::Tensor> parts;
    for (int rank = 0; rank < group.world().size; ++rank)
        parts.push_back(all.narrow(0, rank * most, counts[rank].item<std::int64_t>()));
    return at::cat(parts);
}

std::vector<std::string> gatherTexts(ProcessGroup& group, const std::string& text) {
    const auto bytes = static_cast<std::int64_t>(text.size());
    const at::Tensor counts = group.allGather(number(bytes));
    const at::Tensor mine = at::empty({bytes}, at::kByte);
    if (bytes > 0)
        std::memcpy(mine.mutable_data_ptr(), text.data(), text.size());
    const at::Tensor all = gatherRows(group, mine).contiguous();
    const std::string joined(static_cast<const char*>(all.const_data_ptr()), static_cast<std::size_t>(all.numel()));
    std::vector<std::string> texts;
    std::size_t begin = 0;
    for (int rank = 0; rank < group.world().size; ++rank) {
        const auto size = static_cast<std::size_t>(counts[rank].item<std::int64_t>());
        texts.push_back(joined.substr(begin, size));
        begin += size;
    }
    return texts;
}

std::int64_t agreed(ProcessGroup& group, std::int64_t value) {
    at::Tensor tensor = number(value);
    group.broadcast(tensor);
    return tensor.item<std::int64_t>();
}

} // namespace engine
