#include "quantized_product.hpp"

#include "kernels.hpp"
#include "panels.hpp"
#include "prefetch.hpp"
#include "quantized_blocks.hpp"
#include "quantized_tiles.hpp"
#include "tail.hpp"
#include "unroll.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// Rows whose sums stay in registers, of a tile of that height: of bytes there are two sums a row, so a tall tile takes two passes,
// the second over weights that the first has brought near.
template <typename X>
constexpr int rows_together(int height)
{
    return !__is_same(X, float) && height > 8 ? height / 2 : height;
}

// Strips of one pass: with few rows it takes several to keep enough sums going at once.
template <typename X>
constexpr int strips_together(int height)
{
#if defined(__AVX512F__)
    return height <= 2 ? 4 : height <= (__is_same(X, float) ? 8 : 4) ? 2 : 1;
#elif defined(__AVX2__)
    return height <= 1 ? 4 : height <= 2 ? 2 : 1;
#else
    return height > 0 ? 1 : 0;
#endif
}

// t = Σ(q·x) over a block; x is its part of a tile of height H.
template <SealBlockType B, int R, int S, int H>
[[gnu::always_inline]] inline void multiply_block(F32 (&t)[S][R][strip_vectors], const uint8_t* const (&weights)[S], const float* x)
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
                const F32 value = broadcast(x[(group + i) * H + r]);
                SEAL_UNROLL
                for (int s = 0; s < S; s++)
                    SEAL_UNROLL
                    for (int v = 0; v < strip_vectors; v++)
                        t[s][r][v] = fma(value, w[s][v], t[s][r][v]);
            }
        }
}

#if defined(__AVX512VNNI__)

// sums += four unsigned bytes of each lane of w times four signed ones at x. As an intrinsic, GCC 12 moves every sum to the stack.
[[gnu::always_inline]] inline void add_dot(__m512i& sums, __m512i w, const uint32_t* x)
{
    __asm__("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sums) : "v"(w), "m"(*x));
}

template <SealBlockType B, int R, int S, int H>
[[gnu::always_inline]] inline void multiply_block(F32 (&t)[S][R][1], const uint8_t* const (&weights)[S], const Bytes* x)
{
    SEAL_UNROLL
    for (int group = 0; group < block_length / group_length; group++, x += group_words * H) {
        __m512i low[S], high[S], sums[S][R];
        SEAL_UNROLL
        for (int s = 0; s < S; s++)
            weight_bytes<B>(weights[s], group, low[s], high[s]);
        SEAL_UNROLL
        for (int r = 0; r < R; r++) {
            const __m512i start = _mm512_set1_epi32(static_cast<int>(x[3 * H + r]));
            SEAL_UNROLL
            for (int s = 0; s < S; s++) {
                sums[s][r] = weight_offset<B> == 8 ? start : _mm512_slli_epi32(start, 4);
                add_dot(sums[s][r], low[s], x + r);
            }
        }
        SEAL_UNROLL
        for (int r = 0; r < R; r++) {
            const __m512 scale = _mm512_set1_ps(__builtin_bit_cast(float, x[2 * H + r]));
            SEAL_UNROLL
            for (int s = 0; s < S; s++) {
                add_dot(sums[s][r], high[s], x + H + r);
                t[s][r][0].v = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sums[s][r]), scale, t[s][r][0].v);
            }
        }
    }
}

#endif

// What is needed after some strips: others, so many bytes apart. Null: nothing.
struct Beyond {
    const uint8_t* strips;
    int64_t strip_bytes;
};

// R rows of a tile of height H, and S strips. Weights are fetched so many blocks ahead, of those beyond where these strips end: a few for one row, which waits for memory
// alone, a strip for many.
template <SealBlockType B, typename X, int R, int S, int H>
void tile(const QuantizedProduct& p, int64_t strip, const X* x, const float* sums, Beyond beyond, float* values)
{
    constexpr int64_t bytes = strip_rows * block_bytes[B];
    const int64_t blocks = p.k / block_length, ahead = H <= 4 && blocks > 8 ? 8 : blocks;
    constexpr int per_word = __is_same(X, float) ? 1 : 2;
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
    for (int64_t block = 0; block < blocks; block++, x += block_length / per_word * H, sums += H) {
        F32 t[S][R][strip_vectors] = {};
        const uint8_t* weights[S];
        const int64_t over = block + ahead - blocks;
        SEAL_UNROLL
        for (int s = 0; s < S; s++) {
            if (beyond.strips != nullptr) {
                const uint8_t* const wanted = over < 0 ? at[s] + ahead * bytes : beyond.strips + s * beyond.strip_bytes + over * bytes;
                SEAL_UNROLL
                for (int line = 0; line < bytes; line += 64)
                    prefetch(wanted + line);
            }
            weights[s] = at[s] + strip_rows * scale_bytes[B];
        }
        multiply_block<B, R, S, H>(t, weights, x);
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
            at[s] += bytes;
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
                store_part(static_cast<T*>(p.y) + (first + row) * p.ldy + column - p.first_column, load(values + row * strip_rows + v * F32::lanes), left);
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
    void (*many)(const QuantizedProduct&, int64_t, const X*, const float*, Beyond, float*);
    void (*one)(const QuantizedProduct&, int64_t, const X*, const float*, Beyond, float*);
    int strips, rows;
};

template <SealBlockType B, typename X, int I = 0>
Tile<X> tile_of(int index)
{
    if constexpr (I + 1 < height_count)
        if (index != I)
            return tile_of<B, X, I + 1>(index);
    constexpr int height = heights[I], rows = rows_together<X>(height), together = strips_together<X>(height);
    return {tile<B, X, rows, together, height>, tile<B, X, rows, 1, height>, together, rows};
}

template <SealBlockType B, typename X>
void strips(const QuantizedProduct& p, int64_t first, int64_t last, float* scratch)
{
    constexpr int per_word = __is_same(X, float) ? 1 : 2;
    alignas(64) float values[4 * tallest * strip_rows];
    // Rows by rows within the strips: their weights come from memory once.
    const int64_t group = p.rows <= tallest ? tile_of<B, X>(height_index(p.rows)).strips : 1;
    for (int64_t strip = first; strip < last; strip += group) {
        const int64_t count = last - strip < group ? last - strip : group;
        const Beyond beyond = strip + count < last ? Beyond{p.strips + (strip + count) * p.strip_bytes, p.strip_bytes} : Beyond{p.beyond, p.beyond_strip_bytes};
        for (int64_t row = 0; row < p.rows; row += tallest) {
            const int64_t rows = p.rows - row < tallest ? p.rows - row : tallest;
            const int index = height_index(rows), height = heights[index];
            const Tile<X> of = tile_of<B, X>(index);
            const X* x = static_cast<const X*>(p.x) + row * p.k / per_word;
            const float* sums = p.sums + row * (p.k / block_length);
            const int64_t step = count == of.strips ? of.strips : 1;
            for (int64_t s = 0; s < count; s += step) {
                for (int part = 0; part < height; part += of.rows)
                    (step > 1 ? of.many : of.one)(p, strip + s, x + part, sums + part, row + part == 0 ? beyond : Beyond{}, values + part * strip_rows);
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

}  // namespace

void quantized_product(const QuantizedProduct& p, int64_t first, int64_t last, float* scratch)
{
#if defined(__AVX512VNNI__)
    if (p.type == SEAL_BF16)
        return strips<Bytes>(p, first, last, scratch);
#endif
    strips<float>(p, first, last, scratch);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
