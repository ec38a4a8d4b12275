#include "engine/freeze/proof.h"

namespace engine {
namespace {

constexpr std::int64_t kRow = 1 << 16;      // elements that share one row of multipliers
constexpr std::int64_t kGroup = 256 * kRow; // elements that are put together

// Odd, so that multiplying loses nothing; spread by Knuth's constant, so that swapped elements show.
at::Tensor multipliers(std::int64_t count, const at::TensorOptions& options) {
    return at::arange(count, options).mul_(2654435761).bitwise_or_(1);
}

// Σ row · column multiplier · element, in wrapping 64-bit arithmetic.
class Fingerprint final {
public:
    explicit Fingerprint(const at::Device& device)
        : m_options(at::TensorOptions().dtype(at::kLong).device(device)),
          m_narrow(multipliers(kRow, m_options).to(at::kInt)) {}

    [[nodiscard]] at::Tensor of(const at::Tensor& tensor) const {
        const at::Tensor bits = words(tensor);
        const std::int64_t count = bits.numel(), rows = count / kRow, rest = count % kRow;
        at::Tensor sum = at::zeros({}, m_options);
        if (rows > 0 && !bits.is_cpu()) {
            const at::Tensor products = at::mul(bits.narrow(0, 0, rows * kRow).view({rows, kRow}), m_narrow);
            sum = products.sum({1}, false, at::kLong).mul_(multipliers(rows, m_options)).sum();
        } else if (rows > 0) {
            // Rows are summed one after the other: the products need room for one row only.
            const at::Tensor sums = at::empty({rows}, m_options);
            for (std::int64_t row = 0; row < rows; ++row)
                sums[row].copy_(at::mul(bits.narrow(0, row * kRow, kRow), m_narrow).sum(at::kLong));
            sum = sums.mul_(multipliers(rows, m_options)).sum();
        }
        if (rest > 0)
            sum = sum + at::mul(bits.narrow(0, rows * kRow, rest), m_narrow.narrow(0, 0, rest)).sum(at::kLong) *
                            (2 * rows + 1);
        return sum;
    }

    // The tensor's memory as 32-bit words, in its own order; narrower types are widened.
    static at::Tensor words(const at::Tensor& tensor) {
        at::Tensor flat = tensor.detach();
        flat = flat.is_non_overlapping_and_dense() ? flat.as_strided({flat.numel()}, {1}) : flat.reshape({-1});
        switch (flat.element_size()) {
        case 8:
        case 4:
            return flat.view(at::kInt);
        case 2:
            return flat.view(at::kShort).to(at::kInt);
        default:
            return flat.view(at::kByte).to(at::kInt);
        }
    }

private:
    at::TensorOptions m_options;
    at::Tensor m_narrow;
};

} // namespace

std::vector<std::int64_t> fingerprints(const std::vector<NamedTensor>& tensors) {
    if (tensors.empty())
        return {};
    const torch::NoGradGuard noGrad;
    const Fingerprint fingerprint(tensors.front().tensor.device());
    std::vector<at::Tensor> sums;
    sums.reserve(tensors.size());
    for (const NamedTensor& entry : tensors)
        sums.push_back(entry.tensor.numel() > 0
                           ? fingerprint.of(entry.tensor)
                           : at::zeros({}, at::TensorOptions(at::kLong).device(tensors.front().tensor.device())));
    const at::Tensor all = at::stack(sums).cpu();
    const auto* data = all.const_data_ptr<std::int64_t>();
    return {data, data + all.numel()};
}

std::int64_t fingerprintOfAll(const std::vector<NamedTensor>& tensors) {
    if (tensors.empty())
        return 0;
    const torch::NoGradGuard noGrad;
    const Fingerprint fingerprint(tensors.front().tensor.device());
    std::vector<at::Tensor> sums, group;
    std::int64_t size = 0;
    const auto close = [&] {
        if (!group.empty())
            sums.push_back(fingerprint.of(at::cat(group)));
        group.clear();
        size = 0;
    };
    for (const NamedTensor& entry : tensors) {
        const at::Tensor words = Fingerprint::words(entry.tensor);
        if (size + words.numel() > kGroup)
            close();
        group.push_back(words);
        size += words.numel();
    }
    close();
    // Groups that change places give another number as well.
    return (at::stack(sums) * multipliers(std::ssize(sums), sums.front().options())).sum().item<std::int64_t>();
}

void FrozenProof::watch(std::vector<NamedTensor> tensors, std::int64_t step) {
    m_tensors = std::move(tensors);
    const std::vector<std::int64_t> now = fingerprints(m_tensors);
    std::map<std::string, std::int64_t> begun;
    bool asBegun = true;
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        const auto before = m_begun.find(m_tensors[i].name);
        const std::int64_t then = before == m_begun.end() ? now[i] : before->second;
        asBegun = asBegun && then == now[i];
        begun.emplace(m_tensors[i].name, then);
    }
    if (m_begun.empty())
        m_verified = step;
    m_begun = std::move(begun);
    m_all.reset();
    if (asBegun)
        rememberAll();
}

void FrozenProof::rememberAll() {
    if (!m_tensors.empty() && !m_tensors.front().tensor.is_cpu())
        m_all = fingerprintOfAll(m_tensors);
}

std::vector<std::string> FrozenProof::changed(std::int64_t step) {
    m_verified = step;
    if (m_all && fingerprintOfAll(m_tensors) == *m_all)
        return {};
    const std::vector<std::int64_t> now = fingerprints(m_tensors);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < m_tensors.size(); ++i) {
        std::int64_t& begun = m_begun[m_tensors[i].name];
        if (begun != now[i])
            names.push_back(m_tensors[i].name);
        begun = now[i];
    }
    rememberAll();
    return names;
}

} // namespace engine
