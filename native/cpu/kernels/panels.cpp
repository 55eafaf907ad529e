#include "panels.hpp"

#include "kernels.hpp"

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

// One panel from bᵀ [n, k] row-major, a line of each column after the other: its rows lie far apart, the panel's lines are near.
constexpr int64_t line = 32;

void pack_rows(const float* source, int64_t ld, int64_t k, int64_t n, float* panel)
{
    const int64_t width = width_of(n);
    for (int64_t start = 0; start < k; start += line) {
        const int64_t end = k - start < line ? k : start + line;
        for (int64_t column = 0; column < n; column++)
            for (int64_t i = start; i < end; i++)
                panel[i * width + column] = source[column * ld + i];
        for (int64_t i = start; i < end; i++)
            for (int64_t column = n; column < width; column++)
                panel[i * width + column] = 0;
    }
}

void pack_rows(const Bf16* source, int64_t ld, int64_t k, int64_t n, Bf16* panel)
{
    const int64_t width = width_of(n), whole = k / 2;
    uint32_t* pairs = reinterpret_cast<uint32_t*>(panel);
    for (int64_t start = 0; start < whole; start += line / 2) {
        const int64_t end = whole - start < line / 2 ? whole : start + line / 2;
        for (int64_t column = 0; column < n; column++)
            for (int64_t i = start; i < end; i++)
                __builtin_memcpy(pairs + i * width + column, source + column * ld + 2 * i, 4);
    }
    if (k % 2 != 0)
        for (int64_t column = 0; column < n; column++)
            pairs[whole * width + column] = pair(source[column * ld + k - 1], Bf16{0});
    for (int64_t i = 0; i < (k + 1) / 2; i++)
        for (int64_t column = n; column < width; column++)
            pairs[i * width + column] = 0;
}

template <typename T>
void unpack_row_typed(const T* packed, int64_t columns, int64_t k, int64_t column, T* y)
{
    const int64_t index = column / panel_columns, width = vectors_of(columns, index) * F32::lanes;
    const T* at = packed + index * panel_columns * padded<T>(k) + (column - index * panel_columns) * depth<T>;
    for (int64_t i = 0; i < k; i++)
        y[i] = at[i / depth<T> * depth<T> * width + i % depth<T>];
}

template <typename T>
void pack_typed(bool transposed, const T* source, int64_t ld, int64_t k, int64_t columns, int64_t index, T* packed)
{
    const int64_t first = index * panel_columns, n = columns - first < panel_columns ? columns - first : panel_columns;
    T* panel = packed + first * padded<T>(k);
    if (transposed)
        pack_rows(source + first * ld, ld, k, n, panel);
    else
        pack_columns(source + first, ld, k, n, panel);
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
    const int64_t width = width_of(n);
    for (int64_t i = 0; i < k; i += 2, panel += 2 * width, source += 2 * ld) {
        uint32_t* pairs = reinterpret_cast<uint32_t*>(panel);
        const Bf16* next = source + ld;
        if (i + 1 < k)
            for (int64_t column = 0; column < n; column++)
                pairs[column] = pair(source[column], next[column]);
        else
            for (int64_t column = 0; column < n; column++)
                pairs[column] = pair(source[column], Bf16{0});
        for (int64_t column = n; column < width; column++)
            pairs[column] = 0;
    }
}

void pack(SealDType type, bool transposed, const void* source, int64_t ld, int64_t k, int64_t columns, int64_t index, void* packed)
{
    if (type == SEAL_BF16)
        pack_typed(transposed, static_cast<const Bf16*>(source), ld, k, columns, index, static_cast<Bf16*>(packed));
    else
        pack_typed(transposed, static_cast<const float*>(source), ld, k, columns, index, static_cast<float*>(packed));
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

// yᵀ[column][row] = x[row][column].
void transpose(SealDType type, const void* x, int64_t ldx, int64_t rows, int64_t columns, void* y, int64_t ldy)
{
    const auto move = [=](const auto* from, auto* to) {
        for (int64_t row = 0; row < rows; row++)
            for (int64_t column = 0; column < columns; column++)
                to[column * ldy + row] = from[row * ldx + column];
    };
    if (type == SEAL_BF16)
        move(static_cast<const Bf16*>(x), static_cast<Bf16*>(y));
    else
        move(static_cast<const float*>(x), static_cast<float*>(y));
}

}  // namespace seal::SEAL_ISA_NAMESPACE
