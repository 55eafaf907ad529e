#include "quantized_product.hpp"

#include "kernels.hpp"
#include "panels.hpp"
#include "quantized_blocks.hpp"
#include "tail.hpp"

#define SEAL_UNROLL _Pragma("GCC unroll 16")

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// Rows of one pass over a strip: their sums stay in registers. A tile has one of these heights; rows that are missing are zeros.
#if defined(__AVX512F__)
constexpr int heights[] = {1, 2, 3, 4, 6, 8, 12, 16};
#elif defined(__AVX2__)
constexpr int heights[] = {1, 2, 4, 6};
#else
constexpr int heights[] = {1, 2, 4};
#endif
constexpr int height_count = sizeof(heights) / sizeof(heights[0]), tallest = heights[height_count - 1];
static_assert(tallest <= F32::lanes);

// Strips of one pass: with few rows it takes several to keep enough sums going at once.
constexpr int strips_together(int height)
{
#if defined(__AVX512F__)
    return height <= 2 ? 4 : height <= 8 ? 2 : 1;
#elif defined(__AVX2__)
    return height <= 1 ? 4 : height <= 2 ? 2 : 1;
#else
    return height > 0 ? 1 : 0;
#endif
}

int height_index(int64_t rows)
{
    int i = 0;
    while (i + 1 < height_count && heights[i] < rows)
        i++;
    return i;
}

// What stands in x of a tile: f32 [k][height], or pairs of bf16 [k/2][height] where the processor multiplies those.
#if defined(__AVX512BF16__)
using Pair = uint32_t;
constexpr bool multiplies_pairs = true;
#else
constexpr bool multiplies_pairs = false;
#endif

template <SealBlockType B, int R, int S>
[[gnu::always_inline]] inline void add_block(F32 (&t)[S][R][strip_vectors], const uint8_t* const (&weights)[S], const float* x)
{
    for (int group = 0; group < block_length; group += 8)
        SEAL_UNROLL
        for (int i = 0; i < 8; i++) {
            F32 w[S][strip_vectors];
            SEAL_UNROLL
            for (int s = 0; s < S; s++)
                SEAL_UNROLL
                for (int v = 0; v < strip_vectors; v++)
                    w[s][v] = weights_of<B>(weights[s] + group * (B == SEAL_Q8_0 ? strip_rows : strip_rows / 2), i, v);
            SEAL_UNROLL
            for (int r = 0; r < R; r++) {
                const F32 value = broadcast(x[(group + i) * R + r]);
                SEAL_UNROLL
                for (int s = 0; s < S; s++)
                    SEAL_UNROLL
                    for (int v = 0; v < strip_vectors; v++)
                        t[s][r][v] = fma(value, w[s][v], t[s][r][v]);
            }
        }
}

#if defined(__AVX512BF16__)

template <SealBlockType B, int R, int S>
[[gnu::always_inline]] inline void add_block(F32 (&t)[S][R][1], const uint8_t* const (&weights)[S], const Pair* x)
{
    for (int group = 0; group < block_length / 2; group += 4)
        SEAL_UNROLL
        for (int i = 0; i < 4; i++) {
            __m512bh w[S];
            SEAL_UNROLL
            for (int s = 0; s < S; s++)
                w[s] = weight_pairs<B>(weights[s] + group * (B == SEAL_Q8_0 ? 2 * strip_rows : strip_rows), i);
            SEAL_UNROLL
            for (int r = 0; r < R; r++) {
                const __m512bh value = __builtin_bit_cast(__m512bh, _mm512_set1_epi32(static_cast<int>(x[(group + i) * R + r])));
                SEAL_UNROLL
                for (int s = 0; s < S; s++)
                    t[s][r][0].v = _mm512_dpbf16_ps(t[s][r][0].v, value, w[s]);
            }
        }
}

#endif

// One tile of rows and S strips; ahead: bytes to what is needed after these strips, fetched on the way.
template <SealBlockType B, typename X, int R, int S>
void tile(const QuantizedProduct& p, int64_t strip, const X* x, const float* sums, int64_t ahead, float* values)
{
    constexpr int per_pair = __is_same(X, float) ? 1 : 2;
    const uint8_t* at[S];
    F32 total[S][R][strip_vectors];
    SEAL_UNROLL
    for (int s = 0; s < S; s++) {
        at[s] = p.strips + (strip + s) * p.strip_bytes;
        SEAL_UNROLL
        for (int v = 0; v < strip_vectors; v++) {
            const int64_t column = (strip + s) * strip_rows + v * F32::lanes, left = p.columns - column;
            const F32 start = p.bias == nullptr || left <= 0 ? zero() : load_part(p.bias + column, left);
            SEAL_UNROLL
            for (int r = 0; r < R; r++)
                total[s][r][v] = start;
        }
    }
    for (int32_t k = 0; k < p.k; k += block_length, x += block_length / per_pair * R, sums += R) {
        F32 t[S][R][strip_vectors] = {};
        const uint8_t* weights[S];
        SEAL_UNROLL
        for (int s = 0; s < S; s++) {
            SEAL_UNROLL
            for (int line = 0; line < strip_rows * block_bytes[B]; line += 64)
                __builtin_prefetch(at[s] + ahead + line, 0, 2);
            weights[s] = at[s] + strip_rows * scale_bytes[B];
        }
        add_block<B, R, S>(t, weights, x);
        SEAL_UNROLL
        for (int s = 0; s < S; s++) {
            SEAL_UNROLL
            for (int v = 0; v < strip_vectors; v++) {
                const F32 d = halves(at[s] + v * 2 * F32::lanes);
                SEAL_UNROLL
                for (int r = 0; r < R; r++)
                    total[s][r][v] = fma(d, t[s][r][v], total[s][r][v]);
                if constexpr (B == SEAL_Q4_1) {
                    const F32 m = fma(broadcast(8), d, halves(at[s] + 2 * strip_rows + v * 2 * F32::lanes));
                    SEAL_UNROLL
                    for (int r = 0; r < R; r++)
                        total[s][r][v] = fma(m, broadcast(sums[r]), total[s][r][v]);
                }
            }
            at[s] += strip_rows * block_bytes[B];
        }
    }
    SEAL_UNROLL
    for (int s = 0; s < S; s++)
        SEAL_UNROLL
        for (int r = 0; r < R; r++)
            SEAL_UNROLL
            for (int v = 0; v < strip_vectors; v++)
                store(values + (s * R + r) * strip_rows + v * F32::lanes, total[s][r][v]);
}

// Column `column` of a Bᵀ in panels, or zeros, into a column of the scratch.
template <typename T>
void take_column(const T* panels, const LowRankRows& own, int64_t columns, int64_t column, bool there, float* to)
{
    const int64_t panel = column / panel_columns, width = there ? vectors_of(columns, panel) * F32::lanes : 0;
    const T* from = panels + panel * own.panel_stride + (column - panel * panel_columns) * depth<T>;
    for (int64_t j = 0; j < own.rank; j++)
        to[j * strip_rows] = there ? widen(from[j / depth<T> * depth<T> * width + j % depth<T>]) : 0;
}

// values [rows from first on][16 columns] += z·Bᵀ of those rows that have an adapter; scratch holds 16 columns of Bᵀ.
template <typename T>
void add_low_rank(const QuantizedProduct& p, int64_t strip, int64_t first, int64_t rows, float* values, float* scratch)
{
    const int64_t column = strip * strip_rows, columns = p.columns - column < strip_rows ? p.columns - column : strip_rows;
    for (int32_t i = 0; i < p.own_count; i++) {
        const LowRankRows& own = p.own[i];
        const int64_t begin = own.start > first ? own.start : first, stop = first + rows, after = own.start + own.count, end = after < stop ? after : stop;
        if (begin >= end || own.rank == 0)
            continue;
        for (int64_t c = 0; c < strip_rows; c++)
            take_column(static_cast<const T*>(own.b), own, p.columns, column + c, c < columns, scratch + c);
        for (int64_t row = begin; row < end; row++) {
            const T* z = static_cast<const T*>(own.z) + row * own.ldz;
            float* y = values + (row - first) * strip_rows;
            for (int v = 0; v < strip_vectors; v++) {
                F32 total = load(y + v * F32::lanes);
                for (int64_t j = 0; j < own.rank; j++)
                    total = fma(broadcast(widen(z[j])), load(scratch + j * strip_rows + v * F32::lanes), total);
                store(y + v * F32::lanes, total);
            }
        }
    }
}

template <typename T>
void store_rows(const QuantizedProduct& p, int64_t strip, int64_t first, int64_t rows, const float* values)
{
    for (int64_t row = 0; row < rows; row++)
        for (int v = 0; v < strip_vectors; v++) {
            const int64_t column = strip * strip_rows + v * F32::lanes, left = p.columns - column;
            if (left > 0)
                store_part(static_cast<T*>(p.y) + (first + row) * p.columns + column, load(values + row * strip_rows + v * F32::lanes), left);
        }
}

void finish(const QuantizedProduct& p, int64_t strip, int64_t first, int64_t rows, float* values, float* scratch)
{
    if (p.own_count > 0)
        p.type == SEAL_BF16 ? add_low_rank<Bf16>(p, strip, first, rows, values, scratch) : add_low_rank<float>(p, strip, first, rows, values, scratch);
    p.y_type == SEAL_BF16 ? store_rows<Bf16>(p, strip, first, rows, values) : store_rows<float>(p, strip, first, rows, values);
}

template <typename X>
struct Tile {
    void (*many)(const QuantizedProduct&, int64_t, const X*, const float*, int64_t, float*);
    void (*one)(const QuantizedProduct&, int64_t, const X*, const float*, int64_t, float*);
    int together;
};

template <SealBlockType B, typename X, int I = 0>
Tile<X> tile_of(int index)
{
    constexpr int height = heights[I], together = strips_together(height);
    if constexpr (I + 1 == height_count)
        return {tile<B, X, height, together>, tile<B, X, height, 1>, together};
    else
        return index == I ? Tile<X>{tile<B, X, height, together>, tile<B, X, height, 1>, together} : tile_of<B, X, I + 1>(index);
}

template <SealBlockType B, typename X>
void strips(const QuantizedProduct& p, int64_t first, int64_t last, float* scratch)
{
    constexpr int per_pair = __is_same(X, float) ? 1 : 2;
    alignas(64) float values[4 * tallest * strip_rows];
    // Rows by rows within the strips: their weights come from memory once.
    const int64_t group = p.rows <= tallest ? tile_of<B, X>(height_index(p.rows)).together : 1;
    for (int64_t strip = first; strip < last; strip += group) {
        const int64_t count = last - strip < group ? last - strip : group;
        for (int64_t row = 0; row < p.rows; row += tallest) {
            const int64_t rows = p.rows - row < tallest ? p.rows - row : tallest;
            const int index = height_index(rows), height = heights[index];
            const Tile<X> of = tile_of<B, X>(index);
            const X* x = static_cast<const X*>(p.x) + row * p.k / per_pair;
            const float* sums = p.sums + row * (p.k / block_length);
            const int64_t step = count == of.together ? of.together : 1;
            for (int64_t s = 0; s < count; s += step) {
                (step > 1 ? of.many : of.one)(p, strip + s, x, sums, row == 0 ? group * p.strip_bytes : 0, values);
                for (int64_t each = 0; each < step; each++)
                    finish(p, strip + s + each, row, rows, values + each * height * strip_rows, scratch);
            }
        }
    }
}

template <typename X>
void strips(const QuantizedProduct& p, int64_t first, int64_t last, float* scratch)
{
    switch (p.blocks) {
    case SEAL_Q4_0:
        return strips<SEAL_Q4_0, X>(p, first, last, scratch);
    case SEAL_Q4_1:
        return strips<SEAL_Q4_1, X>(p, first, last, scratch);
    default:
        return strips<SEAL_Q8_0, X>(p, first, last, scratch);
    }
}

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

// lanes[i][r] = lanes[r][i] of 32 bits.
void transpose(__m512i (&lanes)[16])
{
    __m512i quarters[16];
    for (int i = 0; i < 16; i += 4) {
        const __m512i a = _mm512_unpacklo_epi32(lanes[i], lanes[i + 1]), b = _mm512_unpackhi_epi32(lanes[i], lanes[i + 1]);
        const __m512i c = _mm512_unpacklo_epi32(lanes[i + 2], lanes[i + 3]), d = _mm512_unpackhi_epi32(lanes[i + 2], lanes[i + 3]);
        quarters[i] = _mm512_unpacklo_epi64(a, c);
        quarters[i + 1] = _mm512_unpackhi_epi64(a, c);
        quarters[i + 2] = _mm512_unpacklo_epi64(b, d);
        quarters[i + 3] = _mm512_unpackhi_epi64(b, d);
    }
    // quarters[4·j + i] holds rows 4·j .. 4·j + 3 of columns i, i + 4, i + 8, i + 12.
    for (int i = 0; i < 4; i++) {
        const __m512i a = _mm512_shuffle_i32x4(quarters[i], quarters[i + 4], 0x44), b = _mm512_shuffle_i32x4(quarters[i + 8], quarters[i + 12], 0x44);
        const __m512i c = _mm512_shuffle_i32x4(quarters[i], quarters[i + 4], 0xee), d = _mm512_shuffle_i32x4(quarters[i + 8], quarters[i + 12], 0xee);
        lanes[i] = _mm512_shuffle_i32x4(a, b, 0x88);
        lanes[i + 4] = _mm512_shuffle_i32x4(a, b, 0xdd);
        lanes[i + 8] = _mm512_shuffle_i32x4(c, d, 0x88);
        lanes[i + 12] = _mm512_shuffle_i32x4(c, d, 0xdd);
    }
}

inline __m512i sixteen(const float* x) { return _mm512_loadu_si512(x); }
inline __m512i sixteen(const Bf16* x) { return _mm512_castps_si512(load(x).v); }
inline __m512i sixteen(const uint32_t* x) { return _mm512_loadu_si512(x); }

// packed [n][height] of 32 bits from rows of n, a multiple of 16.
template <typename From>
void interleave(const From* x, int64_t n, int64_t rows, int height, void* packed)
{
    auto* to = static_cast<uint32_t*>(packed);
    const auto mask = static_cast<__mmask16>((1u << height) - 1);
    for (int64_t i = 0; i < n; i += 16) {
        __m512i lanes[16];
        if (height == 1) {
            _mm512_storeu_si512(to + i, sixteen(x + i));
            continue;
        }
        for (int64_t row = 0; row < 16; row++)
            lanes[row] = row < rows ? sixteen(x + row * n + i) : _mm512_setzero_si512();
        transpose(lanes);
        for (int64_t j = 0; j < 16; j++)
            _mm512_mask_storeu_epi32(to + (i + j) * height, mask, lanes[j]);
    }
}

#else

template <typename From>
void interleave(const From* x, int64_t n, int64_t rows, int height, void* packed)
{
    auto* to = static_cast<float*>(packed);
    for (int64_t i = 0; i < n; i++)
        for (int64_t row = 0; row < height; row++)
            to[i * height + row] = row < rows ? widen(x[row * n + i]) : 0;
}

#endif

#if defined(__AVX512BF16__)

void sum_blocks(const Pair* x, int64_t k, int height, float* sums)
{
    const auto ones = __builtin_bit_cast(__m512bh, _mm512_set1_epi32(0x3f803f80));
    const auto mask = static_cast<__mmask16>((1u << height) - 1);
    for (int64_t block = 0; block < k / 2; block += block_length / 2, sums += height) {
        __m512 total = _mm512_setzero_ps();
        for (int64_t i = 0; i < block_length / 2; i++)
            total = _mm512_dpbf16_ps(total, __builtin_bit_cast(__m512bh, _mm512_maskz_loadu_epi32(mask, x + (block + i) * height)), ones);
        _mm512_mask_storeu_ps(sums, mask, total);
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
    if (type == SEAL_F32) {
        interleave(static_cast<const float*>(x) + first * k, k, rows, height, to);
        return sum_blocks(to, k, height, sums);
    }
#if defined(__AVX512BF16__)
    auto* pairs = static_cast<Pair*>(packed) + first * k / 2;
    interleave(static_cast<const uint32_t*>(x) + first * k / 2, k / 2, rows, height, pairs);
    sum_blocks(pairs, k, height, sums);
#else
    interleave(static_cast<const Bf16*>(x) + first * k, k, rows, height, to);
    sum_blocks(to, k, height, sums);
#endif
}

void quantized_product(const QuantizedProduct& p, int64_t first, int64_t last, float* scratch)
{
#if defined(__AVX512BF16__)
    if (p.type == SEAL_BF16)
        return strips<Pair>(p, first, last, scratch);
#endif
    strips<float>(p, first, last, scratch);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
