#include "engine/train/batchsource.h"

#include "engine/train/batchtensor.h"

namespace engine {

bool PictureSource::next(ModelBatch& batch) {
    if (!m_loader.next(m_batch))
        return false;
    batch = {.input = pixelTensor(m_batch), .indices = m_batch.ids, .count = m_batch.count};
    if (m_targets)
        batch.targets = m_targets->at(m_batch.ids);
    return true;
}

} // namespace engine
