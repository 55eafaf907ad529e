#include "product.hpp"

#include "kernels.hpp"
#include "tile.hpp"
#include "streaming.hpp"
#include "transpose.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

namespace {

// Where a tile lies, and what to fetch while it is computed: its share of what is wanted next.
struct Place {
    int64_t row, panel;
    const void* packed;  // the panel of a term that is packed on the way, or null
    const Ahead* ahead;  // null: nothing
    int64_t part, parts;
    double* squares;     // where the sum of squares of what the tile stored goes, or null
};

template <typename T, int V>
const T* panel_of(const Term& term, const Place& at)
{
    if (term.panel_stride == 0)
        return static_cast<const T*>(at.packed);
    return static_cast<const T*>(term.b) + at.panel * term.panel_stride + term.k_start * V * F32::lanes;
}

// A tile's share of what is wanted, spread over the steps of a term: the first line, and whether one a step is too few.
struct Wanted {
    const char* lines;
    bool many;
};

template <typename T>
Wanted share_of(const void* lines, int64_t bytes, const Place& at, int32_t k)
{
    const int64_t from = bytes * at.part / at.parts / 64, to = bytes * (at.part + 1) / at.parts / 64, steps = (k + depth<T> - 1) / depth<T>;
    return {static_cast<const char*>(lines) + from * 64, to - from > steps + steps / 8};
}

// While term i is added; where nothing is wanted, what is there anyway.
template <typename T>
Wanted wanted(const Term& term, int32_t i, const T* b, const Place& at)
{
    if (at.ahead != nullptr && at.ahead->next_panel && term.panel_stride != 0)
        return share_of<T>(b + term.panel_stride, static_cast<int64_t>(sizeof(T)) * padded<T>(term.k) * panel_columns, at, term.k);
    if (at.ahead != nullptr && at.ahead->lines != nullptr && i == 0)
        return share_of<T>(at.ahead->lines, at.ahead->bytes, at, term.k);
    return {reinterpret_cast<const char*>(b), false};
}

template <typename T, int R, int V>
[[gnu::always_inline]] inline void add_terms(F32 (&acc)[R][V], const Term* terms, int32_t count, const Place& at, int64_t row)
{
    for (int32_t i = 0; i < count; i++) {
        const T* b = panel_of<T, V>(terms[i], at);
        const T* a = static_cast<const T*>(terms[i].a) + row * terms[i].lda;
        const Wanted next = wanted<T>(terms[i], i, b, at);
        if (next.many)
            accumulate<R, V>(acc, a, terms[i].lda, b, terms[i].k, Lines<V>{next.lines});
        else
            accumulate<R, V>(acc, a, terms[i].lda, b, terms[i].k, Lines<1>{next.lines});
    }
}

// Neighbouring rows under different adapters: each goes on by itself, from where the common terms left it.
template <typename T, int R, int V>
void add_runs_by_row(float* tile, const Product& p, const Place& at)
{
    for (int r = 0; r < R; r++) {
        const int32_t run = p.run_of_row[at.row + r];
        if (run < 0)
            continue;
        F32 acc[1][V];
        SEAL_UNROLL
        for (int v = 0; v < V; v++)
            acc[0][v] = load(tile + (r * V + v) * F32::lanes);
        const Place plain{at.row, at.panel, at.packed, nullptr, 0, 1, nullptr};
        add_terms<T, 1, V>(acc, p.runs[run].terms, p.runs[run].count, plain, at.row + r);
        SEAL_UNROLL
        for (int v = 0; v < V; v++)
            store(tile + (r * V + v) * F32::lanes, acc[0][v]);
    }
}

// put(row, column, x, n) for every vector of the tile, n of its lanes within the columns.
template <int R, int V, typename Put>
[[gnu::always_inline]] inline void each_vector(const Product& p, const Place& at, const float* values, Put put)
{
    const F32 scale = broadcast(p.scale);
    const int64_t first = at.panel * panel_columns;
    for (int r = 0; r < R; r++)
        SEAL_UNROLL
        for (int v = 0; v < V; v++) {
            const int64_t column = first + v * F32::lanes, left = p.columns - column;
            put(at.row + r, column, load(values + (r * V + v) * F32::lanes) * scale, left < F32::lanes ? left : F32::lanes);
        }
}

// put(column, row, x) for every column of the tile, x the R rows from `row` on.
template <int R, int V, typename Put>
[[gnu::always_inline]] inline void each_turned(const Product& p, const Place& at, const float* values, Put put)
{
    const F32 scale = broadcast(p.scale);
    for (int v = 0; v < V; v++) {
        F32 block[F32::lanes];
        SEAL_UNROLL
        for (int r = 0; r < F32::lanes; r++)
            block[r] = r < R ? load(values + (r * V + v) * F32::lanes) * scale : zero();
        transpose(block);
        const int64_t first = at.panel * panel_columns + v * F32::lanes, left = p.columns - first;
        for (int64_t i = 0; i < F32::lanes && i < left; i++)
            put(first + i, at.row, block[i]);
    }
}

template <typename T>
[[gnu::always_inline]] inline void store_lanes(T* y, F32 x, int64_t n)
{
    if (n == F32::lanes)
        store(y, x);
    else
        store(y, x, n);
}

template <typename T, int R, int V>
void store_tile(const Product& p, const Place& at, const float* values)
{
    T* narrow = static_cast<T*>(p.y);
    float* wide = static_cast<float*>(p.y);
    F32 squares = zero();
    switch (p.store) {
    case Store::activations:
        each_vector<R, V>(p, at, values, [=, ld = p.ldy](int64_t row, int64_t column, F32 x, int64_t n) { store_lanes(narrow + row * ld + column, x, n); });
        break;
    case Store::f32:
        each_vector<R, V>(p, at, values, [=, ld = p.ldy](int64_t row, int64_t column, F32 x, int64_t n) { store_lanes(wide + row * ld + column, x, n); });
        break;
    case Store::add:
        each_vector<R, V>(p, at, values, [=, &squares, ld = p.ldy](int64_t row, int64_t column, F32 x, int64_t n) {
            float* y = wide + row * ld + column;
            const F32 added = (n == F32::lanes ? load(y) : load(y, n)) + x;
            squares = fma(added, added, squares);  // beyond the columns both are zero
            store_lanes(y, added, n);
        });
        break;
    case Store::add_transposed:
        each_turned<R, V>(p, at, values, [=, &squares, ld = p.ldy](int64_t column, int64_t row, F32 x) {
            float* y = wide + column * ld + row;
            const F32 added = load(y, R) + x;
            squares = fma(added, added, squares);
            store(y, added, R);
        });
        break;
    }
    if (at.squares != nullptr)
        *at.squares = sum(squares);
    if (p.transposed != nullptr)
        each_turned<R, V>(p, at, values, [copy = static_cast<T*>(p.transposed), ld = p.ldt](int64_t column, int64_t row, F32 x) { store(copy + column * ld + row, x, R); });
}

// Activations go from the registers to their place: what most tiles are.
template <typename T, int R, int V>
[[gnu::always_inline]] inline void store_activations(const Product& p, const Place& at, const F32 (&acc)[R][V])
{
    const F32 scale = broadcast(p.scale);
    const int64_t column = at.panel * panel_columns, left = p.columns - column;
    T* y = static_cast<T*>(p.y) + at.row * p.ldy + column;
    if (left >= V * F32::lanes && p.streams) {
        SEAL_UNROLL
        for (int r = 0; r < R; r++)
            SEAL_UNROLL
            for (int v = 0; v < V; v++)
                stream_part(y + r * p.ldy + v * F32::lanes, acc[r][v] * scale, F32::lanes);
        return;
    }
    if (left >= V * F32::lanes) {
        SEAL_UNROLL
        for (int r = 0; r < R; r++)
            SEAL_UNROLL
            for (int v = 0; v < V; v++)
                store(y + r * p.ldy + v * F32::lanes, acc[r][v] * scale);
        return;
    }
    SEAL_UNROLL
    for (int r = 0; r < R; r++)
        SEAL_UNROLL
        for (int v = 0; v < V; v++)
            store_lanes(y + r * p.ldy + v * F32::lanes, acc[r][v] * scale, left - v * F32::lanes < F32::lanes ? left - v * F32::lanes : F32::lanes);
}

// Gradients lie in memory: what a tile will be added to comes while it is computed.
template <int R, int V>
[[gnu::always_inline]] inline void fetch_sums(const Product& p, const Place& at)
{
    const float* y = static_cast<const float*>(p.y);
    const int64_t first = at.panel * panel_columns, columns = p.columns - first < V * F32::lanes ? p.columns - first : V * F32::lanes;
    if (p.store == Store::add)
        for (int r = 0; r < R; r++)
            for (int64_t i = 0; i < columns; i += 16)
                prefetch(y + (at.row + r) * p.ldy + first + i);
    else if (p.store == Store::add_transposed)
        for (int64_t i = 0; i < columns; i++)
            prefetch(y + (first + i) * p.ldy + at.row);
}

template <typename T, int R, int V>
void tile(const Product& p, const Place& at)
{
    fetch_sums<R, V>(p, at);
    const int64_t column = at.panel * panel_columns;
    const auto columns_in = [&](int v) { return p.columns - column - v * F32::lanes < F32::lanes ? p.columns - column - v * F32::lanes : F32::lanes; };
    F32 acc[R][V];
    SEAL_UNROLL
    for (int v = 0; v < V; v++) {
        const F32 start = p.bias == nullptr ? zero() : load(p.bias + column + v * F32::lanes, columns_in(v));
        SEAL_UNROLL
        for (int r = 0; r < R; r++)
            acc[r][v] = start;
    }
    add_terms<T, R, V>(acc, p.terms, p.term_count, at, at.row);

    bool own = false, together = true;
    if (p.run_of_row != nullptr)
        for (int r = 0; r < R; r++) {
            own |= p.run_of_row[at.row + r] >= 0;
            together &= p.run_of_row[at.row + r] == p.run_of_row[at.row];
        }
    if (own && together) {
        const Run& run = p.runs[p.run_of_row[at.row]];
        add_terms<T, R, V>(acc, run.terms, run.count, Place{at.row, at.panel, at.packed, nullptr, 0, 1, nullptr}, at.row);
    }

    if (p.store == Store::activations && p.transposed == nullptr && (together || !own))
        return store_activations<T>(p, at, acc);
    alignas(64) float values[R * V * F32::lanes];
    SEAL_UNROLL
    for (int r = 0; r < R; r++)
        SEAL_UNROLL
        for (int v = 0; v < V; v++)
            store(values + (r * V + v) * F32::lanes, acc[r][v]);
    if (own && !together)
        add_runs_by_row<T, R, V>(values, p, at);
    store_tile<T, R, V>(p, at, values);
}

using TileFunction = void (*)(const Product&, const Place&);

template <typename T, int V, int R = tile_rows>
TileFunction tile_of(int rows)
{
    if constexpr (R == 1)
        return tile<T, 1, V>;
    else
        return rows == R ? tile<T, R, V> : tile_of<T, V, R - 1>(rows);
}

template <typename T, int V = tile_vectors>
TileFunction tile_of(int rows, int vectors)
{
    if constexpr (V == 1)
        return tile_of<T, 1, tile_rows>(rows);
    else
        return vectors == V ? tile_of<T, V, tile_rows>(rows) : tile_of<T, V - 1>(rows, vectors);
}

template <typename T>
void tiles(const Product& p, int64_t first, int64_t last, const Ahead& ahead, void* scratch)
{
    int64_t packed_panel = -1;
    for (int64_t index = first; index < last; index++) {
        const auto [row_tile, panel] = place_of_tile(p.rows, p.columns, index, tile_rows, panel_columns);
        if (p.term_count > 0 && p.terms[0].panel_stride == 0 && packed_panel != panel) {
            const int64_t column = panel * panel_columns, n = p.columns - column < panel_columns ? p.columns - column : panel_columns;
            pack_columns(static_cast<const T*>(p.terms[0].b) + column, p.terms[0].ldb, p.terms[0].k, n, static_cast<T*>(scratch));
            packed_panel = panel;
        }
        const int64_t row = row_tile * tile_rows;
        const int rows = static_cast<int>(p.rows - row < tile_rows ? p.rows - row : tile_rows);
        tile_of<T>(rows, vectors_of(p.columns, panel))(p, Place{row, panel, scratch, &ahead, index - first, last - first, p.squares == nullptr ? nullptr : p.squares + index});
    }
    if (p.streams)
        streamed();
}

}  // namespace

void product(const Product& p, int64_t first, int64_t last, const Ahead& ahead, void* scratch)
{
    if (p.type == SEAL_BF16)
        tiles<Bf16>(p, first, last, ahead, scratch);
    else
        tiles<float>(p, first, last, ahead, scratch);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
