// After a step of its size an engine allocates nothing: every operator of a training step runs three times, and the third time operator
// new, which everything in this library allocates with, is never called. Under ThreadSanitizer this is also the test of how steps are shared.
#include "check.hpp"
#include "each_isa.hpp"

#include <atomic>
#include <cstdlib>
#include <new>
#include <numeric>
#include <vector>

namespace {

std::atomic<int64_t> allocations{0};

void* counted(std::size_t bytes, std::size_t alignment)
{
    allocations.fetch_add(1, std::memory_order_relaxed);
    void* memory = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

}  // namespace

void* operator new(std::size_t bytes)
{
    return counted(bytes, alignof(std::max_align_t));
}
void* operator new(std::size_t bytes, std::align_val_t alignment)
{
    return counted(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept
{
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept
{
    std::free(memory);
}

using seal::check;

namespace {

constexpr int32_t hidden = 64, width = 96, heads = 4, kv_heads = 2, head_dim = 16, vocabulary = 301, rank = 5, rows = 43, head_rows = 17;
constexpr int32_t kv_width = kv_heads * head_dim;

// One layer of a model, its adapter, and everything a step reads and writes.
class Step {
public:
    Step(SealEngine* engine, SealDType type) : engine_(engine), type_(type), bytes_(type == SEAL_BF16 ? 2 : 4)
    {
        embedding_ = weight(vocabulary, hidden);
        const int32_t outputs[] = {hidden, kv_width, kv_width};
        for (int i = 0; i < 3; i++)
            members_[i] = {weight(outputs[i], hidden), nullptr, buffer(rows * outputs[i])};
        int64_t at = 0;
        std::vector<SealFactorShape> shapes;
        for (int i = 0; i < 6; i++) {
            factors_[i] = {i == 4 ? -1 : static_cast<int32_t>(shapes.size()), 0.5f};
            if (i == 4)
                continue;
            shapes.push_back({rank, hidden, outputs[i % 3], at, at + rank * hidden});
            at += rank * (hidden + outputs[i % 3]);
        }
        parameters_ = at;
        for (auto* flat : {&masters_, &gradients_, &first_, &second_})
            flat->assign(static_cast<size_t>(at), 0.01f);
        const auto count = static_cast<int64_t>(shapes.size());
        check(seal_adapters_create(engine_, type_, shapes.data(), count, parameters_, &adapters_) == SEAL_OK, "adapters");
        check(seal_adapters_publish(engine_, adapters_, masters_.data(), 0, parameters_, 1) == SEAL_OK, "adapters are published");
        std::iota(positions_.begin(), positions_.end(), 0);
        for (int32_t i = 0; i < head_rows; i++)
            head_rows_[static_cast<size_t>(i)] = 2 * i;
    }

    ~Step()
    {
        seal_adapters_destroy(adapters_);
        for (SealWeight* w : weights_)
            seal_weight_destroy(w);
    }

    // The number of operators that fail.
    int run()
    {
        int failed = 0;
        const auto ok = [&](SealStatus status) { failed += status != SEAL_OK; };
        void *q = members_[0].y, *k = members_[1].y, *v = members_[2].y;
        SealLoraLinear group{type_, rows, hidden, 3, 2, 3 * rank, normed_, z_, members_, segments_, factors_, adapters_, gradients_.data(), dx_};
        const SealAdamWRow row{0, parameters_, 1e-3, 1, 0.1, 0.9, 0.999, 1e-8, 0, 1, 1};
        float *gain = gain_.data(), *inverse = inverse_.data(), *sums = sums_.data(), *losses = losses_.data(), *weights = loss_weights_.data();
        ok(seal_embed(engine_, type_, embedding_, positions_.data(), rows, x_));
        ok(seal_rms_norm(engine_, type_, x_, x_, stream_, gain, 1e-5, normed_, inverse, rows, hidden));
        ok(seal_lora_linear(engine_, &group));
        ok(seal_rope(engine_, type_, q, rows, hidden, head_dim, positions_.data(), table_.data(), rows, 0));
        ok(seal_causal_attention(engine_, type_, heads, kv_heads, head_dim, ends_, 3, q, k, v, y_, sums));
        ok(seal_swiglu(engine_, type_, wide_, wide_, gated_, rows * width));
        ok(seal_gather_rows(engine_, type_, y_, rows, hidden, head_rows_.data(), head_rows, picked_));
        ok(seal_linear_cross_entropy(engine_, type_, picked_, head_rows, embedding_, positions_.data(), weights, losses, dpicked_));
        ok(seal_logits(engine_, type_, picked_, 2, embedding_, logits_.data()));
        ok(seal_scatter_rows(engine_, type_, dpicked_, head_rows_.data(), head_rows, hidden, dy_, rows));
        ok(seal_swiglu_backward(engine_, type_, wide_, wide_, wide_, gated_, dwide_, rows * width));
        ok(seal_causal_attention_backward(engine_, type_, heads, kv_heads, head_dim, ends_, 3, dy_, q, k, v, y_, sums, dq_, dk_, dv_));
        ok(seal_rope(engine_, type_, dq_, rows, hidden, head_dim, positions_.data(), table_.data(), rows, 1));
        SealLinearMember backward[] = {{members_[0].weight, nullptr, dq_}, {members_[1].weight, nullptr, dk_}, {members_[2].weight, nullptr, dv_}};
        group.members = backward;
        ok(seal_lora_linear_backward(engine_, &group));
        ok(seal_rms_norm_backward(engine_, type_, dx_, stream_, gain, inverse, dy_, rows, hidden));
        ok(seal_add(engine_, type_, dx_, dy_, rows * hidden));
        ok(seal_adamw(engine_, adapters_, &row, 1, masters_.data(), gradients_.data(), first_.data(), second_.data(), parameters_, losses, 1));
        ok(seal_cast(engine_, SEAL_F32, gain, type_, picked_, hidden));
        return failed;
    }

private:
    const SealWeight* weight(int32_t outputs, int32_t inputs)
    {
        const std::vector<float> values(static_cast<size_t>(outputs * inputs), 0.02f);
        SealWeight* made = nullptr;
        check(seal_weight_create(engine_, type_, values.data(), outputs, inputs, &made) == SEAL_OK, "a weight");
        weights_.push_back(made);
        return made;
    }

    void* buffer(int64_t elements) { return memory_.emplace_back(static_cast<size_t>(elements * bytes_)).data(); }

    SealEngine* engine_;
    SealDType type_;
    int64_t bytes_;
    std::vector<SealWeight*> weights_;
    std::vector<std::vector<std::byte>> memory_;
    const SealWeight* embedding_ = nullptr;
    SealLinearMember members_[3]{};
    SealRowSegment segments_[2]{{0, 20}, {23, 20}};
    SealLoraFactors factors_[6]{};
    SealAdapters* adapters_ = nullptr;
    const int32_t ends_[4]{0, 20, 23, rows};
    int64_t parameters_ = 0;
    std::vector<float> masters_, gradients_, first_, second_;
    std::vector<float> gain_ = std::vector<float>(hidden, 1), inverse_ = std::vector<float>(rows), sums_ = std::vector<float>(rows * heads);
    std::vector<float> losses_ = std::vector<float>(head_rows), loss_weights_ = std::vector<float>(head_rows, 0.1f);
    std::vector<float> logits_ = std::vector<float>(2 * vocabulary), table_ = std::vector<float>(rows * head_dim, 0.7f);
    std::vector<int32_t> positions_ = std::vector<int32_t>(rows), head_rows_ = std::vector<int32_t>(head_rows);
    void *x_ = buffer(rows * hidden), *stream_ = buffer(rows * hidden), *normed_ = buffer(rows * hidden), *z_ = buffer(rows * 3 * rank);
    void *y_ = buffer(rows * hidden), *picked_ = buffer(head_rows * hidden), *dpicked_ = buffer(head_rows * hidden), *dy_ = buffer(rows * hidden);
    void *wide_ = buffer(rows * width), *gated_ = buffer(rows * width), *dwide_ = buffer(rows * width);
    void *dq_ = buffer(rows * hidden), *dk_ = buffer(rows * kv_width), *dv_ = buffer(rows * kv_width), *dx_ = buffer(rows * hidden);
};

}  // namespace

int main()
{
    seal::each_isa([](SealEngine* engine, const std::string& isa) {
        for (SealDType type : {SEAL_F32, SEAL_BF16}) {
            Step step(engine, type);
            check(step.run() == 0, isa + ": every operator of a step runs");
            step.run();
            const int64_t before = allocations.load();
            step.run();
            const int64_t made = allocations.load() - before;
            check(before > 0, "allocations are counted");
            check(made == 0, isa + (type == SEAL_BF16 ? " bf16" : " f32") + ": a step allocates " + std::to_string(made) + " times");
        }
    }, 3);
    return seal::result();
}
