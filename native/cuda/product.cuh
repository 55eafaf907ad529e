// Products of matrices as lists: each a sum of terms a·b, computed tile by tile in one main loop that runs from term to term. A base
// product and the low-rank parts of every adapter on its rows are terms of one product: "the longer K".
#pragma once

#include "accumulator.cuh"

namespace seal::cuda {

// Tables are found again by their bytes, so rows of them have none that mean nothing: bool and what ends a row are int32_t.

// a·b for rows first .. first + rows of the product, k values deep. Copies of 16 bytes where an operand's rows start on 16 bytes.
template <typename T>
struct Term {
    Global<const T> a, b;
    int64_t lda, ldb;
    int32_t k;
    int32_t first, rows;
    Form form;
    int32_t wide_a, wide_b;
};

// What becomes of the sums v of a product.
enum class Store : int32_t {
    activations,      // y = scale·v + bias
    f32,              // wide = v
    add_f32,          // wide += v
    softmax_gradient  // y = weight·(exp(v - lse) - [column is the target])
};

template <typename T>
struct Product {
    int32_t rows, columns;
    int32_t first_term, terms;
    int32_t first_tile, tiles_across;
    Store store;
    float scale;
    Global<const float> bias;
    Global<T> y;
    Global<float> wide;
    int64_t ldy;
    Global<const float> lse, weights;
    Global<const int32_t> targets;
    int32_t first_column;  // of y within the vocabulary
    int32_t unused;
};

static_assert(sizeof(Term<float>) == 2 * sizeof(Global<const float>) + 2 * 8 + 6 * 4);
static_assert(sizeof(Product<float>) == 6 * sizeof(Global<float>) + 8 + 10 * 4);

// Geometry of the tiles of one step of the main loop: 128 bytes deep.
template <typename T>
constexpr int32_t step_depth = 128 / sizeof(T);

template <typename T>
constexpr int32_t pitch_along = step_depth<T> + row_padding<T>;

template <typename T, int32_t Rows>
constexpr int32_t pitch_across = Rows + row_padding<T>;

template <typename T, int32_t Rows>
constexpr int32_t operand_elements = Rows * pitch_along<T> > step_depth<T> * pitch_across<T, Rows> ? Rows * pitch_along<T> : step_depth<T> * pitch_across<T, Rows>;

template <typename T, int32_t M, int32_t N>
constexpr int64_t stage_bytes = sizeof(T) * (operand_elements<T, M> + operand_elements<T, N>);

// As many stages as 72 KiB hold, six for tiles of 16 rows: a step of few rows waits for memory alone, and its multiprocessors, of which it fills
// few, reach as much bandwidth as they have bytes on their way. Three such blocks share a multiprocessor of an H100, two that of an A100, and one that of an L4.
template <typename T, int32_t M, int32_t N>
constexpr int32_t stages = static_cast<int32_t>(72 * 1024 / stage_bytes<T, M, N>);

template <typename T, int32_t M, int32_t N>
constexpr int64_t pipeline_bytes = stages<T, M, N> * stage_bytes<T, M, N>;

// Elements i0 .. and k0 .. of an operand to a tile; zeros outside of rows first .. end and from k on.
template <typename T, int32_t Rows, bool Across>
__device__ __forceinline__ void load_operand(
    Shared<T> tile, Global<const T> source, int64_t ld, bool wide, int32_t i0, int32_t first, int32_t end, int32_t k0, int32_t k)
{
    constexpr int32_t unit = 16 / sizeof(T);
    constexpr int32_t inner = Across ? Rows : step_depth<T>, pitch = Across ? pitch_across<T, Rows> : pitch_along<T>;
    const int32_t outer_at = Across ? k0 : i0, inner_at = Across ? i0 : k0;
    const int32_t outer_first = Across ? 0 : first, outer_end = Across ? k : end, inner_first = Across ? first : 0, inner_end = Across ? end : k;
    if (wide) {
        static_assert(Rows * step_depth<T> / unit % block_threads == 0);
#pragma unroll
        for (int32_t i = 0; i < Rows * step_depth<T> / unit / block_threads; i++) {
            const int32_t c = i * block_threads + thread_number();
            const int32_t o = c / (inner / unit), in = c % (inner / unit) * unit, at = outer_at + o, left = inner_end - inner_at - in;
            const int32_t valid = at < outer_first || at >= outer_end || left <= 0 ? 0 : left < unit ? left : unit;
            copy_async(tile, o * pitch + in, source, valid > 0 ? at * ld + inner_at + in : 0, valid);
        }
    } else {
        for (int32_t c = thread_number(); c < Rows * step_depth<T>; c += block_threads) {
            const int32_t o = c / inner, in = c % inner, at = outer_at + o, in_at = inner_at + in;
            const bool holds = at >= outer_first && at < outer_end && in_at >= inner_first && in_at < inner_end;
            tile.put(o * pitch + in, holds ? source.get(at * ld + in_at) : T{});
        }
    }
}

// Where the loads of the main loop stand: at depth k0 of a term. Terms that have nothing for the tile's rows are passed over, 32 at a look: a list
// has one for each adapter, and every look is a wait for memory.
template <typename T, int32_t M>
class Steps {
public:
    __device__ __forceinline__ Steps(Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0) : terms_(terms), next_(first), end_(first + count), m0_(m0) { enter(); }

    __device__ __forceinline__ bool done() const { return done_; }
    __device__ __forceinline__ const Term<T>& term() const { return term_; }
    __device__ __forceinline__ int32_t k0() const { return k0_; }

    __device__ __forceinline__ void advance()
    {
        k0_ += step_depth<T>;
        if (k0_ >= term_.k)
            enter();
    }

private:
    __device__ __forceinline__ void enter()
    {
        k0_ = 0;
        for (; next_ < end_; next_ += 32) {
            const int32_t mine = next_ + lane_number();
            const uint32_t serving = __ballot_sync(all_lanes, mine < end_ && serves(terms_.get(mine < end_ ? mine : next_)));
            if (serving == 0)
                continue;
            next_ += __ffs(static_cast<int32_t>(serving));
            term_ = terms_.get(next_ - 1);
            return;
        }
        done_ = true;
    }

    __device__ __forceinline__ bool serves(const Term<T>& term) const { return term.k > 0 && term.first < m0_ + M && m0_ < term.first + term.rows; }

    Global<const Term<T>> terms_;
    int32_t next_, end_, m0_, k0_ = 0;
    bool done_ = false;
    Term<T> term_{};
};

// The main loop: tiles of both operands for the steps ahead on their way, one barrier a step.
template <typename T, int32_t M, int32_t N>
class Pipeline {
public:
    __device__ __forceinline__ explicit Pipeline(SharedMemory& memory)
        : a_(memory.take<T>(ahead * operand_elements<T, M>)), b_(memory.take<T>(ahead * operand_elements<T, N>)) {}

    // sums += the terms' products, of which the table alone is read before earlier kernels have ended, on the tile at row m0, column n0 of a product with so many columns.
    __device__ __forceinline__ void run(Accumulator<T, M, N>& sums, Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0, int32_t n0, int32_t columns)
    {
        Steps<T, M> coming(terms, first, count, m0);
        wait_for_earlier_kernels();
        int32_t left = 0;    // steps loaded and not yet added
        uint32_t forms = 0;  // of the stages, two bits each
        for (int32_t stage = 0; stage < ahead - 1; stage++)
            load(stage, coming, m0, n0, columns, left, forms);
        for (int32_t stage = 0, last = ahead - 1; left > 0; left--) {
            wait_for_copies<ahead - 2>();
            if (!planted(Mistake::missing_barrier))
                __syncthreads();
            load(last, coming, m0, n0, columns, left, forms);
            add(sums, stage, static_cast<Form>(forms >> 2 * stage & 3));
            last = stage;
            stage = stage + 1 < ahead ? stage + 1 : 0;
        }
        wait_for_copies<0>();
        __syncthreads();
    }

private:
    static constexpr int32_t ahead = stages<T, M, N>;

    __device__ __forceinline__ void load(int32_t stage, Steps<T, M>& steps, int32_t m0, int32_t n0, int32_t columns, int32_t& left, uint32_t& forms)
    {
        if (!steps.done()) {
            const Term<T>& t = steps.term();
            const int32_t edge = planted(Mistake::tile_edge) ? columns + 1 : columns;
            const Shared<T> a = a_.from(stage * operand_elements<T, M>), b = b_.from(stage * operand_elements<T, N>);
            if (t.form == Form::tn)
                load_operand<T, M, true>(a, t.a, t.lda, t.wide_a, m0, t.first, t.first + t.rows, steps.k0(), t.k);
            else
                load_operand<T, M, false>(a, t.a, t.lda, t.wide_a, m0, t.first, t.first + t.rows, steps.k0(), t.k);
            if (t.form == Form::nt)
                load_operand<T, N, false>(b, t.b, t.ldb, t.wide_b, n0, 0, edge, steps.k0(), t.k);
            else
                load_operand<T, N, true>(b, t.b, t.ldb, t.wide_b, n0, 0, edge, steps.k0(), t.k);
            forms = (forms & ~(3u << 2 * stage)) | static_cast<uint32_t>(t.form) << 2 * stage;
            left++;
            steps.advance();
        }
        commit_copies();
    }

    __device__ __forceinline__ void add(Accumulator<T, M, N>& sums, int32_t stage, Form form)
    {
        const Shared<T> a = a_.from(stage * operand_elements<T, M>), b = b_.from(stage * operand_elements<T, N>);
        if (form == Form::nt)
            sums.template add<Form::nt>(a, pitch_along<T>, b, pitch_along<T>, step_depth<T>);
        else if (form == Form::nn)
            sums.template add<Form::nn>(a, pitch_along<T>, b, pitch_across<T, N>, step_depth<T>);
        else
            sums.template add<Form::tn>(a, pitch_across<T, M>, b, pitch_across<T, N>, step_depth<T>);
    }

    Shared<T> a_, b_;
};

}  // namespace seal::cuda
