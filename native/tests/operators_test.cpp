// What the operators refuse: null pointers, negative and overflowing sizes, indices out of range. A status each, never a crash.
#include "check.hpp"
#include "each_isa.hpp"

#include <limits>
#include <vector>

using seal::check;

namespace {

constexpr int64_t huge = std::numeric_limits<int64_t>::max();
constexpr SealDType wrong_type = 9;

void refused(SealStatus status, const std::string& what)
{
    check(status == SEAL_BAD_ARGUMENT, what + " is refused");
    check(seal_last_error(nullptr, 0) > 0, what + " is told");
}

void elementwise(SealEngine* e, float* m)
{
    for (int64_t n : {int64_t{-1}, huge, huge / 2}) {
        refused(seal_cast(e, SEAL_F32, m, SEAL_BF16, m, n), "cast of a wrong count");
        refused(seal_swiglu(e, SEAL_F32, m, m, m, n), "swiglu of a wrong count");
        refused(seal_swiglu_backward(e, SEAL_F32, m, m, m, m, m, n), "swiglu_backward of a wrong count");
        refused(seal_rms_norm(e, SEAL_F32, m, nullptr, nullptr, m, 0, m, nullptr, n, 8), "rms_norm of wrong rows");
        refused(seal_rms_norm(e, SEAL_F32, m, nullptr, nullptr, m, 0, m, nullptr, 2, n), "rms_norm of wrong columns");
        refused(seal_rms_norm_backward(e, SEAL_F32, m, m, m, m, m, n, 8), "rms_norm_backward of wrong rows");
    }
    refused(seal_cast(nullptr, SEAL_F32, m, SEAL_BF16, m, 1), "cast without an engine");
    refused(seal_cast(e, wrong_type, m, SEAL_BF16, m, 1), "cast from a wrong type");
    refused(seal_cast(e, SEAL_F32, m, wrong_type, m, 1), "cast to a wrong type");
    refused(seal_cast(e, SEAL_F32, nullptr, SEAL_F32, m, 1), "cast from null");
    refused(seal_cast(e, SEAL_F32, m, SEAL_F32, nullptr, 1), "cast to null");
    refused(seal_swiglu(e, SEAL_F32, m, nullptr, m, 1), "swiglu of null");
    refused(seal_rms_norm(e, SEAL_F32, m, m, nullptr, m, 0, m, nullptr, 1, 1), "rms_norm with a delta and no sum");
    refused(seal_rms_norm_backward(e, SEAL_F32, m, m, m, nullptr, m, 1, 1), "rms_norm_backward without statistics");
    check(seal_cast(e, SEAL_F32, nullptr, SEAL_F32, nullptr, 0) == SEAL_OK, "nothing to cast");
    check(seal_rms_norm(e, SEAL_F32, nullptr, nullptr, nullptr, nullptr, 0, nullptr, nullptr, 0, 8) == SEAL_OK, "no rows to normalise");
}

void rows(SealEngine* e, float* m)
{
    const int32_t inside[] = {0, 1}, outside[] = {0, 2}, negative[] = {-1, 0}, below[] = {-2, 0};
    for (int64_t n : {int64_t{-1}, huge}) {
        refused(seal_gather_rows(e, SEAL_F32, m, 2, 4, inside, n, m), "gather of a wrong count");
        refused(seal_gather_rows(e, SEAL_F32, m, 2, n, inside, 2, m), "gather of wrong columns");
        refused(seal_scatter_rows(e, SEAL_F32, m, inside, n, 4, m, 2), "scatter of a wrong count");
        refused(seal_rope(e, SEAL_F32, m, n, 4, 2, inside, m, 2, 0), "rope of wrong rows");
        refused(seal_rope(e, SEAL_F32, m, 2, 4, n, inside, m, 2, 0), "rope of wrong heads");
        refused(seal_kv_append(e, SEAL_F32, m, m, inside, n, 4, m, m, 2), "append of wrong rows");
    }
    for (const int32_t* wrong : {outside, negative}) {
        refused(seal_gather_rows(e, SEAL_F32, m, 2, 4, wrong, 2, m), "gather out of range");
        refused(seal_scatter_rows(e, SEAL_F32, m, wrong, 2, 4, m, 2), "scatter out of range");
        refused(seal_rope(e, SEAL_F32, m, 2, 4, 2, wrong, m, 2, 0), "rope out of range");
    }
    refused(seal_kv_append(e, SEAL_F32, m, m, outside, 2, 4, m, m, 2), "append out of range");
    refused(seal_kv_append(e, SEAL_F32, m, m, below, 2, 4, m, m, 2), "append below -1");
    refused(seal_kv_append(e, SEAL_F32, m, m, nullptr, 2, 4, m, m, 2), "append nowhere");
    refused(seal_rope(e, SEAL_F32, m, 2, 6, 3, inside, m, 2, 0), "rope of odd heads");
    refused(seal_rope(e, SEAL_F32, m, 2, 6, 4, inside, m, 2, 0), "rope of heads that do not divide");
    refused(seal_rope(e, SEAL_F32, m, 2, 4, 0, inside, m, 2, 0), "rope of heads of 0");
    refused(seal_gather_rows(e, SEAL_F32, m, 2, 4, nullptr, 2, m), "gather by null");
}

void attention(SealEngine* e, float* m)
{
    const int32_t one[] = {0, 2}, falling[] = {0, 2, 1}, late[] = {1, 2}, zero[] = {0}, two[] = {2}, five[] = {5};
    const auto forward = [&](int64_t heads, int64_t kv, int64_t d, const int32_t* ends, int64_t sequences) {
        return seal_causal_attention(e, SEAL_F32, heads, kv, d, ends, sequences, m, m, m, m, nullptr);
    };
    const auto backward = [&](int64_t heads, int64_t kv, int64_t d, const int32_t* ends, int64_t sequences) {
        return seal_causal_attention_backward(e, SEAL_F32, heads, kv, d, ends, sequences, m, m, m, m, m, m, m, m, m);
    };
    for (int64_t n : {int64_t{-1}, int64_t{0}, huge}) {
        refused(forward(n, 1, 4, one, 1), "attention of wrong heads");
        refused(forward(2, n, 4, one, 1), "attention of wrong kv heads");
        refused(backward(2, 1, n, one, 1), "attention of a wrong head_dim");
    }
    refused(forward(3, 2, 4, one, 1), "heads that the kv heads do not divide");
    refused(forward(1, 1, 4, one, -1), "a negative number of sequences");
    refused(forward(1, 1, 4, one, huge), "too many sequences");
    refused(forward(1, 1, 4, nullptr, 1), "attention without a pack");
    refused(backward(1, 1, 4, falling, 2), "a pack that falls");
    refused(forward(1, 1, 4, late, 1), "a pack that starts late");
    refused(seal_causal_attention(e, SEAL_F32, 1, 1, 4, one, 1, nullptr, m, m, m, nullptr), "attention of null");
    refused(seal_causal_attention_backward(e, SEAL_F32, 1, 1, 4, one, 1, m, m, m, m, m, nullptr, m, m, m), "backward without log-sum-exp");
    check(forward(1, 1, 4, nullptr, 0) == SEAL_OK, "no sequences");

    const auto decode = [&](int64_t pages, const int32_t* row, const int32_t* length, const int32_t* starts, const int32_t* page) {
        return seal_decode_attention(e, SEAL_F32, 1, 1, 4, m, 1, m, m, 4, pages, row, length, starts, page, 1, m);
    };
    const int32_t starts[] = {0, 1};
    check(decode(1, zero, two, starts, zero) == SEAL_OK, "a whole decode");
    refused(decode(1, two, two, starts, zero), "a query row out of range");
    refused(decode(1, zero, five, starts, zero), "more rows than pages hold");
    refused(decode(1, zero, zero, starts, zero), "a sequence without rows");
    refused(decode(1, zero, two, starts, two), "a page out of range");
    refused(decode(huge, zero, two, starts, zero), "a cache too large");
    refused(decode(1, zero, two, starts, nullptr), "no pages");
}

void adamw(SealEngine* e, float* m)
{
    const SealAdamWRow good{0, 4, 0.1, 1, 0, 0.9, 0.999, 1e-8, 0, 1, 0};
    const auto step = [&](SealAdamWRow row, float* p = nullptr) { return seal_adamw(e, nullptr, &row, 1, p, p, p, p, 8, p, 1); };
    check(seal_adamw(e, nullptr, &good, 1, m, m + 8, m + 16, m + 24, 8, m + 32, 1) == SEAL_OK, "a whole step");
    refused(step(good), "adamw of null");
    for (int64_t n : {int64_t{-1}, int64_t{9}, huge}) {
        SealAdamWRow row = good;
        row.offset = n;
        refused(step(row, m), "an offset out of range");
        row = good;
        row.count = n;
        refused(step(row, m), "a count out of range");
    }
    SealAdamWRow row = good;
    row.slot = 1;
    refused(step(row, m), "a slot out of range");
    row = good;
    row.step = 0;
    refused(step(row, m), "step 0");
    row = good;
    row.norm_noted = 1;
    refused(step(row, m), "a norm that nobody noted");
    refused(seal_adamw(e, nullptr, nullptr, 1, m, m, m, m, 8, m, 1), "no table");
    refused(seal_adamw(e, nullptr, &good, -1, m, m, m, m, 8, m, 1), "a negative table");
}

void adapters(SealEngine* e, float* m)
{
    SealAdapters* made = nullptr;
    const auto create = [&](SealFactorShape shape, int64_t parameters) { return seal_adapters_create(e, SEAL_F32, &shape, 1, parameters, &made); };
    for (const SealFactorShape& wrong : {SealFactorShape{0, 3, 2, 0, 3}, {1, -3, 2, 0, 3}, {1, 3, 0, 0, 3}, {1, 3, 2, -1, 3}, {1, 3, 2, huge, 3},
             {1, 3, 2, 0, 2}, {1, 3, 2, 0, 4}, {1, 3, 2, 0, huge}, {INT32_MAX, INT32_MAX, INT32_MAX, 0, 3}})
        refused(create(wrong, 5), "factors outside the parameters");
    refused(create({1, 3, 2, 0, 3}, -1), "negative parameters");
    refused(seal_adapters_create(e, SEAL_F32, nullptr, 1, 5, &made), "no factors");
    refused(seal_adapters_create(e, wrong_type, nullptr, 0, 5, &made), "adapters of a wrong type");
    check(made == nullptr, "nothing is made of what is refused");
    check(create({1, 3, 2, 0, 3}, 5) == SEAL_OK, "adapters");
    refused(seal_adapters_publish(e, made, nullptr, 0, 5, 0), "publishing null");
    for (int64_t n : {int64_t{-1}, int64_t{6}, huge}) {
        refused(seal_adapters_publish(e, made, m, n, 1, 0), "publishing from a wrong element");
        refused(seal_adapters_publish(e, made, m, 0, n, 0), "publishing too many elements");
    }
    const SealAdamWRow noted{0, 5, 0.1, 1, 0, 0.9, 0.999, 1e-8, 0, 1, 1};
    refused(seal_adamw(e, made, &noted, 1, m, m, m, m, 5, m, 1), "a noted norm before training");
    check(seal_adapters_publish(e, made, m, 0, 5, 1) == SEAL_OK, "a whole set is published");
    const SealAdamWRow row{0, 4, 0.1, 1, 0, 0.9, 0.999, 1e-8, 0, 1, 0};
    refused(seal_adamw(e, made, &row, 1, m, m, m, m, 5, m, 1), "a row that ends within a factor");
    refused(seal_adamw(e, made, &row, 1, m, m, m, m, 8, m, 1), "adapters of fewer parameters");
    seal_adapters_destroy(made);
    seal_adapters_destroy(nullptr);
}

}  // namespace

int main()
{
    seal::each_isa([](SealEngine* engine, const std::string&) {
        std::vector<float> memory(4096, 0.5f);
        elementwise(engine, memory.data());
        rows(engine, memory.data());
        attention(engine, memory.data());
        adamw(engine, memory.data());
        adapters(engine, memory.data());
    });
    return seal::result();
}
