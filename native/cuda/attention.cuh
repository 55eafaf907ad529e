// What the forward and the backward kernel of packed causal attention share: tiles of 32 rows of one head, counted from a sequence's first
// row, so that the order of every sum depends on the position within the sequence alone.
#pragma once

#include "accumulator.cuh"
#include "numbers.cuh"

namespace seal::cuda {

// Head h reads key/value head h / group. Strides are elements from row to row.
struct AttentionHeads {
    int32_t heads, kv_heads, head_dim;
    float scale;

    __device__ __forceinline__ int32_t group() const { return heads / kv_heads; }
    __device__ __forceinline__ int64_t query_stride() const { return static_cast<int64_t>(heads) * head_dim; }
    __device__ __forceinline__ int64_t kv_stride() const { return static_cast<int64_t>(kv_heads) * head_dim; }
};

constexpr int32_t attention_rows = 32;

// Where a row is one sum, four neighbouring lanes have it, each a quarter of its columns.
constexpr int32_t row_lanes = block_threads / attention_rows;

// A tile of scores or probabilities [32, 32], and a tile of rows of one head [32, Dim].
template <typename T>
constexpr int32_t score_pitch = attention_rows + row_padding<T>;

template <typename T, int32_t Dim>
constexpr int32_t head_pitch = Dim + row_padding<T>;

template <typename T, int32_t Dim>
constexpr int32_t head_tile = attention_rows * head_pitch<T, Dim>;

// Rows row0 .. row0 + count of one head, its elements from `column` on, as a tile; zeros beyond. To be committed, and waited for, with a barrier.
template <typename T, int32_t Dim>
__device__ __forceinline__ void load_head(
    Shared<T> tile, Global<const T> rows, int64_t row0, int32_t count, int64_t stride, int64_t column, int32_t head_dim, bool wide)
{
    constexpr int32_t unit = 16 / sizeof(T);
    if (wide) {
        for (int32_t c = thread_number(); c < attention_rows * (Dim / unit); c += block_threads) {
            const int32_t row = c / (Dim / unit), in = c % (Dim / unit) * unit;
            const int32_t valid = row < count && in < head_dim ? unit : 0;
            copy_async(tile, row * head_pitch<T, Dim> + in, rows, valid > 0 ? (row0 + row) * stride + column + in : 0, valid);
        }
    } else {
        for (int32_t c = thread_number(); c < attention_rows * Dim; c += block_threads) {
            const int32_t row = c / Dim, in = c % Dim;
            tile.put(row * head_pitch<T, Dim> + in, row < count && in < head_dim ? rows.get((row0 + row) * stride + column + in) : T{});
        }
    }
}

// block.use(tile, n) for n of 0 .. count, with barriers around it. Where there are two places, a tile is on its way while the one before it is used.
// block.load(tile, n) is one group of copies; what was not committed before it belongs to the first.
template <bool TwoPlaces, typename Block, typename Tile>
__device__ __forceinline__ void for_each_tile(Block& block, Tile now, Tile next, int32_t count)
{
    for (int32_t n = TwoPlaces ? -1 : 0; n < count; n++) {
        const bool more = TwoPlaces && n + 1 < count;
        if (!TwoPlaces || more) {
            block.load(TwoPlaces ? next : now, TwoPlaces ? n + 1 : n);
            commit_copies();
        }
        if (n >= 0) {
            if (more)
                wait_for_copies<1>();
            else
                wait_for_copies<0>();
            __syncthreads();
            block.use(now, n);
            __syncthreads();
        }
        if (TwoPlaces) {
            const Tile used = now;
            now = next;
            next = used;
        }
    }
}

// Rows are a sequence's: where it starts in the pack and how many it has.
struct Extent {
    int64_t start;
    int32_t rows;
};

__device__ __forceinline__ Extent extent_of(Global<const int32_t> cu_seqlens, int32_t sequence)
{
    const int32_t start = cu_seqlens.get(sequence);
    return {start, cu_seqlens.get(sequence + 1) - start};
}

// The smallest of the widths that kernels are made for that holds a head.
inline int32_t padded_head_dim(int64_t head_dim)
{
    return head_dim <= 32 ? 32 : head_dim <= 64 ? 64 : 128;
}

}  // namespace seal::cuda
