// Every product of a list, a block a tile [M, N] and every warp of it a fourth of the steps along k: a step of few rows fills few multiprocessors, and what a warp waits for
// (copies, fragments, the sums before) another hides. At the end the four sums are added in the warps' order.
// FLOPs: 2·rows·columns·k a term. Bytes: a is read once a column of tiles, b once a row of tiles, y written once.
#include "numbers.cuh"
#include "products.hpp"

#include <algorithm>

namespace seal::cuda {

namespace {

template <typename T>
__device__ __forceinline__ void store_sum(const Product<T>& p, int32_t row, int32_t column, float v)
{
    const int64_t at = row * p.ldy + column;
    switch (p.store) {
    case Store::activations:
        v *= p.scale;
        p.y.put(at, narrow<T>(p.bias ? v + p.bias.get(column) : v));
        break;
    case Store::f32:
        p.wide.put(at, v);
        break;
    case Store::add_f32:
        p.wide.put(at, (planted(Mistake::stale_accumulator) ? 0.0f : p.wide.get(at)) + v);
        break;
    case Store::softmax_gradient:
        v = exponential(v - p.lse.get(row)) - (p.first_column + column == p.targets.get(row) ? 1.0f : 0.0f);
        p.y.put(at, narrow<T>(p.weights.get(row) * v));
        break;
    }
}

// The product that a tile is of: the last whose tiles have begun there. A warp looks at 32 at once, since every look is a wait for memory.
template <typename T>
__device__ __forceinline__ int32_t last_begun(Global<const Product<T>> products, int32_t count, int32_t tile)
{
    int32_t begun = 0;
    for (int32_t first = 0; first < count; first += 32) {
        const int32_t mine = first + lane_number();
        begun += __popc(__ballot_sync(all_lanes, mine < count && products.get(mine < count ? mine : first).first_tile <= tile));
    }
    return begun - 1;
}

template <typename T, int32_t M, int32_t N>
struct ProductKernel {
    Global<const Product<T>> products;
    int32_t count;
    Global<const Term<T>> terms;

    using WaitsByItself = void;  // the pipeline does

    __device__ __forceinline__ void operator()() const
    {
        const auto tile = static_cast<int32_t>(blockIdx.x);
        const Product<T> p = products.get(last_begun(products, count, tile));
        const int32_t m0 = (tile - p.first_tile) / p.tiles_across * M, n0 = (tile - p.first_tile) % p.tiles_across * N;
        SharedMemory memory;
        Pipeline<T, M, N> pipeline(memory, warp_number(), block_warps);
        WarpTile<T, M, N> sums;
        clear(sums);
        pipeline.run(sums, terms, p.first_term, p.terms, m0, n0, p.columns);
        for_each_joined(sums, [&](int32_t row, int32_t column, float v) {
            if (m0 + row < p.rows && n0 + column < p.columns)
                store_sum(p, m0 + row, n0 + column, v);
        });
    }
};

// Rounds of blocks, two to each of as many multiprocessors as an A100 has, times what a tile costs: its products, and its operands at a sixteenth of their elements' weight.
int64_t cost(int64_t tiles, int64_t m, int64_t n)
{
    constexpr int64_t blocks = 2 * 108;
    return divided_up(tiles, blocks) * (m * n + 16 * (m + n));
}

}  // namespace

template <typename T>
template <int32_t M, int32_t N>
int64_t Products<T>::number_tiles()
{
    int64_t tiles = 0;
    for (Product<T>& p : products_) {
        p.first_tile = static_cast<int32_t>(tiles);
        p.tiles_across = static_cast<int32_t>(divided_up(p.columns, N));
        tiles += divided_up(p.rows, M) * p.tiles_across;
    }
    return tiles;
}

template <typename T>
template <int32_t M, int32_t N>
void Products<T>::launch(SealEngine& engine, const char* name)
{
    const int64_t tiles = number_tiles<M, N>();
    if (tiles == 0)
        return;
    engine.launch(name, {tiles, 1, 1}, pipeline_bytes<T, M, N>, ProductKernel<T, M, N>{engine.tables.of(products_),
        static_cast<int32_t>(products_.size()), engine.tables.of(terms_)});
}

template <typename T>
void Products<T>::run(SealEngine& engine, const char* name)
{
    // Of equal cost the lower leaves more multiprocessors with work.
    if (cost(number_tiles<16, 32>(), 16, 32) <= cost(number_tiles<32, 32>(), 32, 32))
        launch<16, 32>(engine, name);
    else
        launch<32, 32>(engine, name);
    products_.clear();
    terms_.clear();
}

template void Products<float>::run(SealEngine&, const char*);
template void Products<Bf16>::run(SealEngine&, const char*);

}  // namespace seal::cuda
