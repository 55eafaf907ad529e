// Cached rows of bf16 under dot products of pairs: heads of whole registers, 32 to 128 elements. The same sums in the same order as for any other head.
#pragma once

#include "kernels/decode_rows.hpp"
#include "kernels/unroll.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

#if defined(__AVX512BF16__)

// Of heads with Lines·32 elements. The rows mixed are kept with the even elements of each 32 before the odd ones, as widening leaves them.
template <int Lines>
struct PairRows {
    // scores[head][j] = scale·q·k_j of `heads` query heads and one key head, for `rows` rows of keys.
    static void score(const Bf16* queries, int64_t heads, const Bf16* keys, int64_t stride, int64_t rows, float scale, float* scores, RowsAhead<Bf16>& ahead)
    {
        for (int64_t head = 0; head < heads; head++, queries += Lines * 32, scores += key_block) {
            __m512bh query[Lines];
            SEAL_UNROLL
            for (int i = 0; i < Lines; i++)
                query[i] = pairs(queries + i * 32);
            int64_t j = 0;
            for (; j + 16 <= rows; j += 16) {
                ahead.turn();
                store(scores + j, sixteen(query, keys + j * stride, [&](int k) { return k * stride; }) * broadcast(scale));
            }
            const int64_t left = rows - j;
            if (left <= 0)
                continue;
            ahead.turn();
            store(scores + j, sixteen(query, keys + j * stride, [&](int k) { return k < left ? k * stride : 0; }) * broadcast(scale), left);
        }
    }

    // mixed [heads, width] += weights·values over `rows` rows of one value head.
    static void mix(const float* weights, int64_t heads, const Bf16* values, int64_t stride, int64_t rows, float* mixed, int64_t width, RowsAhead<Bf16>& ahead)
    {
        for (; heads >= 4; heads -= 4, weights += 4 * key_block, mixed += 4 * width)
            mix_lines<4>(weights, values, stride, rows, mixed, width, ahead);
        if (heads == 3)
            mix_lines<3>(weights, values, stride, rows, mixed, width, ahead);
        else if (heads == 2)
            mix_lines<2>(weights, values, stride, rows, mixed, width, ahead);
        else if (heads == 1)
            mix_lines<1>(weights, values, stride, rows, mixed, width, ahead);
    }

    // A head's mixed rows over the sum of its weights.
    static void finish(const float* mixed, float sum, Bf16* y)
    {
        const __m512i in_turn = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
        for (int i = 0; i < Lines; i++, mixed += 32, y += 32) {
            const F32 even = load(mixed) / broadcast(sum), odd = load(mixed + 16) / broadcast(sum);
            _mm512_storeu_si512(y, _mm512_permutexvar_epi16(in_turn, __builtin_bit_cast(__m512i, _mm512_cvtne2ps_pbh(odd.v, even.v))));
        }
    }

private:
    [[gnu::always_inline]] static __m512bh pairs(const Bf16* p) { return __builtin_bit_cast(__m512bh, _mm512_loadu_si512(p)); }

    // One query against the 16 rows at keys + offset(k).
    template <typename Offset>
    [[gnu::always_inline]] static F32 sixteen(const __m512bh (&query)[Lines], const Bf16* keys, Offset offset)
    {
        F32 totals[16];
        SEAL_UNROLL
        for (int k = 0; k < 16; k++) {
            const Bf16* key = keys + offset(k);
            __m512 total = _mm512_setzero_ps();
            SEAL_UNROLL
            for (int i = 0; i < Lines; i++)
                total = _mm512_dpbf16_ps(total, query[i], pairs(key + i * 32));
            totals[k].v = total;
        }
        return sum_each(totals);
    }

    template <int Heads>
    static void mix_lines(const float* weights, const Bf16* values, int64_t stride, int64_t rows, float* mixed, int64_t width, RowsAhead<Bf16>& ahead)
    {
        int i = 0;
        for (; i + 2 <= Lines; i += 2)
            mix_tile<Heads, 2>(weights, values + i * 32, stride, rows, mixed + i * 32, width, ahead);
        if (i < Lines)
            mix_tile<Heads, 1>(weights, values + i * 32, stride, rows, mixed + i * 32, width, ahead);
    }

    template <int Heads, int Some>
    static void mix_tile(const float* weights, const Bf16* values, int64_t stride, int64_t rows, float* mixed, int64_t width, RowsAhead<Bf16>& ahead)
    {
        constexpr int registers = 2 * Some;
        F32 sums[Heads][registers];
        SEAL_UNROLL
        for (int head = 0; head < Heads; head++)
            SEAL_UNROLL
            for (int i = 0; i < registers; i++)
                sums[head][i] = load(mixed + head * width + i * 16);
        for (int64_t row = 0; row < rows; row++, values += stride) {
            ahead.turn();
            F32 value[registers];
            SEAL_UNROLL
            for (int i = 0; i < Some; i++)
                load_pairs(values + i * 32, value[2 * i], value[2 * i + 1]);
            SEAL_UNROLL
            for (int head = 0; head < Heads; head++) {
                const F32 weight = broadcast(weights[head * key_block + row]);
                SEAL_UNROLL
                for (int i = 0; i < registers; i++)
                    sums[head][i] = fma(weight, value[i], sums[head][i]);
            }
        }
        SEAL_UNROLL
        for (int head = 0; head < Heads; head++)
            SEAL_UNROLL
            for (int i = 0; i < registers; i++)
                store(mixed + head * width + i * 16, sums[head][i]);
    }
};

#endif

}  // namespace seal::SEAL_ISA_NAMESPACE
