// Cached rows under heads of any width d.
#pragma once

#include "kernels/attention_rows.hpp"
#include "kernels/prefetch.hpp"
#include "kernels/sum_lanes.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

// What will be read next from a cache, line by line. Asked for a little at a time: many at once keep the processor waiting, and then memory while it computes.
template <typename T>
class RowsAhead {
public:
    RowsAhead() = default;

    // Elements column .. column + width of rows from .. from + rows of a sequence, so many turns a row.
    RowsAhead(const DecodeAttention& a, const DecodeSequence& sequence, const void* cache, int64_t from, int64_t rows, int64_t column, int64_t width, float turns)
        : cache_(static_cast<const T*>(cache) + column), pages_(sequence.pages + from / a.page_size), in_page_(from % a.page_size), page_size_(a.page_size),
          stride_(a.shape.kv_heads * a.shape.head_dim), width_(width), rows_(rows), pace_(1 + static_cast<int64_t>(static_cast<float>((width + line - 1) / line) / turns))
    {
        if (rows_ > 0)
            start_row();
    }

    [[gnu::always_inline]] void turn()
    {
        for (int64_t i = 0; i < pace_ && rows_ > 0; i++) {
            prefetch(at_);
            at_ += line;
            if (at_ >= end_)
                next_row();
        }
    }

private:
    static constexpr int64_t line = 64 / static_cast<int64_t>(sizeof(T));

    void start_row()
    {
        at_ = cache_ + (*pages_ * page_size_ + in_page_) * stride_;
        end_ = at_ + width_;
    }

    void next_row()
    {
        if (--rows_ == 0)
            return;
        if (++in_page_ == page_size_) {
            in_page_ = 0;
            pages_++;
        }
        start_row();
    }

    const T *cache_ = nullptr, *at_ = nullptr, *end_ = nullptr;
    const int32_t* pages_ = nullptr;
    int64_t in_page_ = 0, page_size_ = 0, stride_ = 0, width_ = 0, rows_ = 0, pace_ = 0;
};

// q·k over d elements, still to be summed over the lanes.
template <typename T>
inline F32 dot(const T* q, const T* k, int64_t d)
{
    F32 total = zero();
    for (int64_t i = 0; i < d; i += F32::lanes)
        total = fma(load_part(q + i, d - i), load_part(k + i, d - i), total);
    return total;
}

#if defined(__AVX512BF16__)

inline F32 dot(const Bf16* q, const Bf16* k, int64_t d)
{
    __m512 total = _mm512_setzero_ps();
    for (int64_t i = 0; i < d; i += 32) {
        const __mmask32 there = d - i >= 32 ? ~__mmask32{0} : (__mmask32{1} << (d - i)) - 1;
        const auto pairs = [&](const Bf16* p) { return __builtin_bit_cast(__m512bh, _mm512_maskz_loadu_epi16(there, p + i)); };
        total = _mm512_dpbf16_ps(total, pairs(q), pairs(k));
    }
    return {total};
}

#endif

// mixed [Heads, width] += weights·values over a piece's rows, Registers registers of each head from `left` columns of storage on.
template <int Heads, int Registers, typename T>
void mix_tile(const float* weights, const T* values, int64_t stride, int64_t rows, int64_t left, float* mixed, int64_t width, RowsAhead<T>& ahead)
{
    F32 sums[Heads][Registers];
#pragma GCC unroll 4
    for (int head = 0; head < Heads; head++)
#pragma GCC unroll 4
        for (int i = 0; i < Registers; i++)
            sums[head][i] = load(mixed + head * width + i * F32::lanes);
    for (int64_t row = 0; row < rows; row++, values += stride) {
        ahead.turn();
        F32 value[Registers];
#pragma GCC unroll 4
        for (int i = 0; i < Registers; i++)
            value[i] = i + 1 < Registers ? load(values + i * F32::lanes) : load_part(values + i * F32::lanes, left - i * F32::lanes);
#pragma GCC unroll 4
        for (int head = 0; head < Heads; head++)
#pragma GCC unroll 4
            for (int i = 0; i < Registers; i++)
                sums[head][i] = fma(broadcast(weights[head * key_block + row]), value[i], sums[head][i]);
    }
#pragma GCC unroll 4
    for (int head = 0; head < Heads; head++)
#pragma GCC unroll 4
        for (int i = 0; i < Registers; i++)
            store(mixed + head * width + i * F32::lanes, sums[head][i]);
}

constexpr int mix_registers = F32::lanes == 16 ? 4 : 2, mix_together = 4;

template <int Heads, int Registers, typename T>
void mix_columns(const float* weights, const T* values, int64_t stride, int64_t rows, int64_t d, float* mixed, int64_t width, RowsAhead<T>& ahead)
{
    constexpr int64_t step = Registers * F32::lanes;
    for (; d > step - F32::lanes; d -= step, values += step, mixed += step)
        mix_tile<Heads, Registers>(weights, values, stride, rows, d, mixed, width, ahead);
    if constexpr (Registers > 1)
        if (d > 0)
            mix_columns<Heads, Registers - 1>(weights, values, stride, rows, d, mixed, width, ahead);
}

template <typename T, int Heads = mix_together>
void mix_heads(const float* weights, const T* values, int64_t stride, int64_t rows, int64_t d, float* mixed, int64_t width, int64_t heads, RowsAhead<T>& ahead)
{
    for (; heads >= Heads; heads -= Heads, weights += Heads * key_block, mixed += Heads * width)
        mix_columns<Heads, mix_registers>(weights, values, stride, rows, d, mixed, width, ahead);
    if constexpr (Heads > 1)
        if (heads > 0)
            mix_heads<T, Heads - 1>(weights, values, stride, rows, d, mixed, width, heads, ahead);
}

template <typename T>
struct DecodeRows {
    int64_t d;

    // scores[head][j] = scale·q·k_j of `heads` query heads and one key head, for `rows` rows of keys.
    void score(const T* queries, int64_t heads, const T* keys, int64_t stride, int64_t rows, float scale, float* scores, RowsAhead<T>& ahead) const
    {
        for (int64_t head = 0; head < heads; head++, queries += d, scores += key_block)
            for (int64_t j = 0; j < rows; j += F32::lanes) {
                ahead.turn();
                F32 totals[F32::lanes];
                for (int64_t k = 0; k < F32::lanes; k++)
                    totals[k] = j + k < rows ? dot(queries, keys + (j + k) * stride, d) : zero();
                store_part(scores + j, sum_each(totals) * broadcast(scale), rows - j);
            }
    }

    // mixed [heads, width] += weights·values over `rows` rows of one value head.
    void mix(const float* weights, int64_t heads, const T* values, int64_t stride, int64_t rows, float* mixed, int64_t width, RowsAhead<T>& ahead) const
    {
        mix_heads<T>(weights, values, stride, rows, d, mixed, width, heads, ahead);
    }

    // A head's mixed rows over the sum of its weights.
    void finish(const float* mixed, float sum, T* y) const
    {
        for (int64_t i = 0; i < d; i += F32::lanes)
            store_part(y + i, load(mixed + i) / broadcast(sum), d - i);
    }
};

}  // namespace seal::SEAL_ISA_NAMESPACE
