// Activations on their way into quantized_product: rows side by side, and where the processor multiplies bytes, as bytes.
#include "kernels.hpp"
#include "quantized_layout.hpp"
#include "quantized_tiles.hpp"
#include "transpose.hpp"
#include "unroll.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// The sums of each block of a packed tile, row by row in the lanes of a vector.
void sum_blocks(const float* x, int64_t k, int height, float* sums)
{
    for (int64_t block = 0; block < k; block += block_length, sums += height) {
        F32 total = zero();
        for (int64_t i = 0; i < block_length; i++)
            total = total + load(x + (block + i) * height, height);
        store(sums, total, height);
    }
}

#if defined(__AVX512F__)

// The next 16 words of each row, row by row and 0 where there is none, turned: word by word, rows in the lanes.
template <typename From>
[[gnu::always_inline]] inline void take_turned(const From* x, int64_t n, int64_t rows, F32 (&lanes)[16])
{
    SEAL_UNROLL
    for (int64_t row = 0; row < 16; row++)
        lanes[row] = row < rows ? load(x + row * n) : zero();
    transpose(lanes);
}

// packed f32 [n][height] from rows of n, a multiple of 16.
template <typename From>
void interleave(const From* x, int64_t n, int64_t rows, int height, float* packed)
{
    for (int64_t i = 0; i < n; i += 16) {
        F32 lanes[16];
        if (height == 1) {
            store(packed + i, load(x + i));
            continue;
        }
        take_turned(x + i, n, rows, lanes);
        for (int64_t j = 0; j < 16; j++)
            store(packed + (i + j) * height, lanes[j], height);
    }
}

#else

template <typename From>
void interleave(const From* x, int64_t n, int64_t rows, int height, float* packed)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t row = 0; row < height; row++)
            packed[i * height + row] = row < rows ? widen(x[row * n + i]) : 0;
}

#endif

#if defined(__AVX512VNNI__)

// c = largest / 127 and what x is multiplied with to become p. Below 2^-100 a group counts as zeros, for 127 / largest would overflow;
// NaN and infinity make c so, and with it every element that they enter.
struct Scale {
    __m512 c, inverse;

    explicit Scale(__m512 largest)
    {
        const __mmask16 kept = _mm512_cmp_ps_mask(largest, _mm512_set1_ps(0x1p-100f), _CMP_NLT_UQ);
        c = _mm512_maskz_mul_ps(kept, largest, _mm512_set1_ps(1.0f / 127));
        inverse = _mm512_maskz_div_ps(kept, _mm512_set1_ps(127), largest);
    }
};

// The even and the odd elements of pairs of bf16, as p in words of 32 bits.
inline void round_pairs(__m512i pairs, __m512 inverse, __m512i& even, __m512i& odd)
{
    const __m512 low = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
    const __m512 high = _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32(static_cast<int>(0xffff0000u))));
    even = _mm512_cvt_roundps_epi32(_mm512_mul_ps(low, inverse), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    odd = _mm512_cvt_roundps_epi32(_mm512_mul_ps(high, inverse), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

// Below bit `shift` of a word what a has there, from there on b moved up to it.
template <int Shift>
inline __m512i joined(__m512i a, __m512i b)
{
    constexpr int a_where_mask = 0xca;  // mask ? a : b
    return _mm512_ternarylogic_epi32(_mm512_set1_epi32((1 << Shift) - 1), a, _mm512_slli_epi32(b, Shift), a_where_mask);
}

// The larger magnitude of each pair of bf16, in the low half of its word.
inline __m512i magnitudes(__m512i pairs)
{
    const __m512i both = _mm512_and_si512(pairs, _mm512_set1_epi32(0x7fff7fff));
    return _mm512_max_epu16(both, _mm512_srli_epi32(both, 16));
}

// Σp of each word's four bytes, added to `sums`.
inline __m512i add_bytes(__m512i sums, __m512i p) { return _mm512_dpbusd_epi32(sums, _mm512_set1_epi8(1), p); }

inline __m512i minus_eight_times(__m512i x) { return _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_slli_epi32(x, 3)); }

// A tile of several rows: rows in the lanes.
void round_rows(const Bf16* x, int64_t k, int64_t rows, int height, Bytes* to, float* sums)
{
    const __mmask16 mask = first(height);
    for (int64_t i = 0; i < k; i += block_length, sums += height) {
        F32 turned[block_length / 2];
        take_turned(reinterpret_cast<const float*>(x + i), k / 2, rows, turned);
        __m512i pairs[block_length / 2];
        SEAL_UNROLL
        for (int j = 0; j < block_length / 2; j++)
            pairs[j] = _mm512_castps_si512(turned[j].v);
        __m512 total = _mm512_setzero_ps();
        SEAL_UNROLL
        for (int group = 0; group < block_length / group_length; group++, to += group_words * height) {
            const __m512i* const of = pairs + group * group_length / 2;
            const __m512i largest = _mm512_max_epu16(_mm512_max_epu16(magnitudes(of[0]), magnitudes(of[1])), _mm512_max_epu16(magnitudes(of[2]), magnitudes(of[3])));
            const Scale scale(_mm512_castsi512_ps(_mm512_slli_epi32(largest, 16)));
            __m512i sum = _mm512_setzero_si512();
            SEAL_UNROLL
            for (int half = 0; half < 2; half++) {
                __m512i p[4];
                round_pairs(of[2 * half], scale.inverse, p[0], p[1]);
                round_pairs(of[2 * half + 1], scale.inverse, p[2], p[3]);
                const __m512i bytes = joined<16>(joined<8>(p[0], p[1]), joined<8>(p[2], p[3]));
                sum = add_bytes(sum, bytes);
                _mm512_mask_storeu_epi32(to + half * height, mask, bytes);
            }
            _mm512_mask_storeu_ps(to + 2 * height, mask, scale.c);
            _mm512_mask_storeu_epi32(to + 3 * height, mask, minus_eight_times(sum));
            total = _mm512_fmadd_ps(scale.c, _mm512_cvtepi32_ps(sum), total);
        }
        _mm512_mask_storeu_ps(sums, mask, total);
    }
}

// The same for one row alone: a quarter of a register is a group.
void round_row(const Bf16* x, int64_t k, Bytes* to, float* sums)
{
    const __m512i words = _mm512_setr_epi32(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
    for (int64_t i = 0; i < k; i += block_length, to += block_length / 2) {
        const __m512i pairs = _mm512_loadu_si512(x + i);
        __m512i largest = magnitudes(pairs);
        largest = _mm512_max_epu16(largest, _mm512_shuffle_epi32(largest, _MM_PERM_BADC));
        largest = _mm512_max_epu16(largest, _mm512_shuffle_epi32(largest, _MM_PERM_CDAB));
        const Scale scale(_mm512_castsi512_ps(_mm512_slli_epi32(largest, 16)));
        __m512i even, odd;
        round_pairs(pairs, scale.inverse, even, odd);
        // Two bytes in each word; the pairs' halves come together in words 0 and 1 of a group.
        const __m512i two = joined<8>(even, odd);
        const __m512i bytes = joined<16>(_mm512_shuffle_epi32(two, _MM_PERM_DDCA), _mm512_shuffle_epi32(two, _MM_PERM_DDDB));
        const __m512i halves = add_bytes(_mm512_setzero_si512(), bytes);
        const __m512i sum = _mm512_add_epi32(halves, _mm512_shuffle_epi32(halves, _MM_PERM_CDAB));
        // A group's record: bytes, bytes, c, -8·Σp.
        __m512i record = _mm512_mask_mov_epi32(bytes, 0x4444, _mm512_castps_si512(scale.c));
        record = _mm512_mask_mov_epi32(record, 0x8888, _mm512_shuffle_epi32(minus_eight_times(sum), _MM_PERM_AAAA));
        _mm512_storeu_si512(to, record);
        // Groups upwards, as rows in lanes have it.
        const __m128 c = _mm512_castps512_ps128(_mm512_permutexvar_ps(words, scale.c));
        const __m128 p = _mm_cvtepi32_ps(_mm512_castsi512_si128(_mm512_permutexvar_epi32(words, sum)));
        __m128 total = _mm_mul_ss(c, p);
        total = _mm_fmadd_ss(_mm_shuffle_ps(c, c, 0x55), _mm_shuffle_ps(p, p, 0x55), total);
        total = _mm_fmadd_ss(_mm_shuffle_ps(c, c, 0xaa), _mm_shuffle_ps(p, p, 0xaa), total);
        total = _mm_fmadd_ss(_mm_shuffle_ps(c, c, 0xff), _mm_shuffle_ps(p, p, 0xff), total);
        _mm_store_ss(sums + i / block_length, total);
    }
}

#endif

}  // namespace

int64_t quantized_tile_rows()
{
    return tallest;
}

void pack_activations(SealDType type, const void* x, int64_t k, int64_t rows, int64_t first, void* packed, float* sums)
{
    const int height = heights[height_index(rows)];
    auto* to = static_cast<float*>(packed) + first * k;
    sums += first * (k / block_length);
#if defined(__AVX512VNNI__)
    if (type == SEAL_BF16) {
        const Bf16* from = static_cast<const Bf16*>(x) + first * k;
        Bytes* bytes = static_cast<Bytes*>(packed) + first * k / 2;
        return height == 1 ? round_row(from, k, bytes, sums) : round_rows(from, k, rows, height, bytes, sums);
    }
#endif
    type == SEAL_BF16 ? interleave(static_cast<const Bf16*>(x) + first * k, k, rows, height, to) : interleave(static_cast<const float*>(x) + first * k, k, rows, height, to);
    sum_blocks(to, k, height, sums);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
