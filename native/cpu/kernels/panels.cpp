#include "panels.hpp"

#include "kernels.hpp"
#include "tail.hpp"
#include "streaming.hpp"
#include "transpose.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

int64_t width_of(int64_t n)
{
    return (n + F32::lanes - 1) / F32::lanes * F32::lanes;
}

uint32_t pair(Bf16 low, Bf16 high)
{
    return low.bits | static_cast<uint32_t>(high.bits) << 16;
}

// words[i][column] = word i of the source's row `column`: a turned matrix of 32-bit words, block by block in registers. Weights and
// factors are turned, which are read long after: they go past the caches, which need not fetch the lines that are written whole.
void turn(const void* source, int64_t ld_bytes, int64_t count, int64_t n, uint32_t* words, int64_t width)
{
    constexpr int side = F32::lanes;
    const auto row = [=](int64_t column) { return static_cast<const char*>(source) + column * ld_bytes; };
    for (int64_t first = 0; first < width; first += side) {
        int64_t start = 0;
        for (; start + side <= count; start += side) {
            F32 block[side];
            for (int i = 0; i < side; i++)
                block[i] = first + i < n ? load_words(row(first + i) + 4 * start) : zero();
            transpose(block);
            for (int i = 0; i < side; i++)
                stream_words(words + (start + i) * width + first, block[i]);
        }
        for (int64_t column = first; column < first + side && start < count; column++)
            for (int64_t i = start; i < count; i++) {
                words[i * width + column] = 0;
                if (column < n)
                    __builtin_memcpy(words + i * width + column, row(column) + 4 * i, 4);
            }
    }
    streamed();
}

// One panel from bᵀ [n, k] row-major.
void pack_rows(const float* source, int64_t ld, int64_t k, int64_t n, float* panel)
{
    turn(source, 4 * ld, k, n, reinterpret_cast<uint32_t*>(panel), width_of(n));
}

void pack_rows(const Bf16* source, int64_t ld, int64_t k, int64_t n, Bf16* panel)
{
    const int64_t width = width_of(n), whole = k / 2;
    uint32_t* pairs = reinterpret_cast<uint32_t*>(panel);
    turn(source, 2 * ld, whole, n, pairs, width);
    if (k % 2 != 0)
        for (int64_t column = 0; column < width; column++)
            pairs[whole * width + column] = column < n ? pair(source[column * ld + k - 1], Bf16{0}) : 0;
}

// One panel from b [k, n] row-major: rows two by two.
template <bool Late>
void pair_columns(const Bf16* source, int64_t ld, int64_t k, int64_t n, Bf16* panel)
{
    const int64_t width = width_of(n);
    uint32_t* pairs = reinterpret_cast<uint32_t*>(panel);
    for (int64_t i = 0; i < k; i += 2, pairs += width, source += 2 * ld)
        for (int64_t column = 0; column < width; column += F32::lanes) {
            const F32 even = load_part(source + column, n - column), odd = i + 1 < k ? load_part(source + ld + column, n - column) : zero();
            Late ? stream_words(pairs + column, join_pairs(even, odd)) : store_words(pairs + column, join_pairs(even, odd));
        }
    if constexpr (Late)
        streamed();
}

template <typename T>
void unpack_row_typed(const T* packed, int64_t columns, int64_t k, int64_t column, T* y)
{
    const int64_t index = column / panel_columns, width = vectors_of(columns, index) * F32::lanes;
    const T* at = packed + index * panel_columns * padded<T>(k) + (column - index * panel_columns) * depth<T>;
    for (int64_t i = 0; i < k; i++)
        y[i] = at[i / depth<T> * depth<T> * width + i % depth<T>];
}

}  // namespace

void pack_columns(const float* source, int64_t ld, int64_t k, int64_t n, float* panel)
{
    const int64_t width = width_of(n);
    for (int64_t i = 0; i < k; i++, panel += width, source += ld) {
        for (int64_t column = 0; column < n; column++)
            panel[column] = source[column];
        for (int64_t column = n; column < width; column++)
            panel[column] = 0;
    }
}

void pack_columns(const Bf16* source, int64_t ld, int64_t k, int64_t n, Bf16* panel)
{
    pair_columns<false>(source, ld, k, n, panel);
}

void pack_panel(SealDType type, bool transposed, bool late, const void* source, int64_t ld, int64_t k, int64_t n, void* panel)
{
    if (type == SEAL_F32) {
        const float* from = static_cast<const float*>(source);
        return transposed ? pack_rows(from, ld, k, n, static_cast<float*>(panel)) : pack_columns(from, ld, k, n, static_cast<float*>(panel));
    }
    const Bf16* from = static_cast<const Bf16*>(source);
    Bf16* to = static_cast<Bf16*>(panel);
    if (transposed)
        return pack_rows(from, ld, k, n, to);
    late ? pair_columns<true>(from, ld, k, n, to) : pair_columns<false>(from, ld, k, n, to);
}

void unpack_row(SealDType type, const void* packed, int64_t columns, int64_t k, int64_t column, void* y)
{
    if (type == SEAL_BF16)
        unpack_row_typed(static_cast<const Bf16*>(packed), columns, k, column, static_cast<Bf16*>(y));
    else
        unpack_row_typed(static_cast<const float*>(packed), columns, k, column, static_cast<float*>(y));
}

void narrow_weights(const float* source, void* y, int64_t n)
{
    Bf16* out = static_cast<Bf16*>(y);
    int64_t i = 0;
    for (; i + F32::lanes <= n; i += F32::lanes)
        store(out + i, load(source + i));
    if (i < n)
        store(out + i, load(source + i, n - i), n - i);
}

// yᵀ[column][row] = x[row][column], block by block; bf16 widens and narrows again without loss.
void transpose(SealDType type, const void* x, int64_t ldx, int64_t rows, int64_t columns, void* y, int64_t ldy)
{
    constexpr int64_t side = F32::lanes;
    const auto part = [](int64_t n) { return n < side ? n : side; };
    const auto move = [=](const auto* from, auto* to) {
        for (int64_t row = 0; row < rows; row += side)
            for (int64_t column = 0; column < columns; column += side) {
                const int64_t high = part(rows - row), wide = part(columns - column);
                F32 block[side];
                for (int64_t i = 0; i < side; i++)
                    block[i] = i < high ? load(from + (row + i) * ldx + column, wide) : zero();
                transpose(block);
                for (int64_t i = 0; i < wide; i++)
                    store(to + (column + i) * ldy + row, block[i], high);
            }
    };
    if (type == SEAL_BF16)
        move(static_cast<const Bf16*>(x), static_cast<Bf16*>(y));
    else
        move(static_cast<const float*>(x), static_cast<float*>(y));
}

}  // namespace seal::SEAL_ISA_NAMESPACE
