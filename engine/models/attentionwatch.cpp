#include "engine/models/attentionwatch.h"

#include <cmath>

namespace engine {
namespace {

thread_local std::vector<at::Tensor>* t_watched = nullptr; // of the watch that lives

} // namespace

AttentionWatch::AttentionWatch() { t_watched = &m_blocks; }
AttentionWatch::~AttentionWatch() { t_watched = nullptr; }

void AttentionWatch::see(const at::Tensor& queries, const at::Tensor& keys) {
    if (t_watched == nullptr)
        return;
    const at::Tensor looking = queries[0].detach().to(at::kFloat), seen = keys[0].detach().to(at::kFloat);
    const at::Tensor scores = at::matmul(looking, seen.transpose(-2, -1)) / std::sqrt(double(looking.size(-1)));
    t_watched->push_back(at::softmax(scores, -1));
}

} // namespace engine
