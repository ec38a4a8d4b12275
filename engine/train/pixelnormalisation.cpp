#include "engine/train/pixelnormalisation.h"

#include "engine/api/error.h"
#include "engine/ops/ops.h"

#include <algorithm>

namespace engine {

PixelNormalisation::PixelNormalisation(const Preprocess& preprocess, at::Device device)
    : m_table(at::empty({3, 256}, at::kFloat)) {
    const NormalisationTable table(preprocess);
    auto* value = m_table.mutable_data_ptr<float>();
    for (const auto& channel : table.values())
        value = std::ranges::copy(channel, value).out;
    m_table = m_table.to(device);
}

Signal PixelNormalisation::operator()(const Signal& input) const {
    if (input.value.scalar_type() != at::kByte)
        return input;
    if (!m_table.defined())
        throw Error(ErrorKind::Internal, "Pictures came as bytes where nobody normalises them.");
    return {ops::normalizeU8(input.value.permute({0, 2, 3, 1}), m_table, at::kFloat), input.mask};
}

} // namespace engine
