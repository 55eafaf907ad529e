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

// Geometry of the tiles of one step of the main loop: 64 bytes deep.
template <typename T>
constexpr int32_t step_depth = 64 / sizeof(T);

template <typename T>
constexpr int32_t pitch_along = step_depth<T> + row_padding<T>;

template <typename T, int32_t Rows>
constexpr int32_t pitch_across = Rows + row_padding<T>;

template <typename T, int32_t Rows>
constexpr int32_t operand_elements = Rows * pitch_along<T> > step_depth<T> * pitch_across<T, Rows> ? Rows * pitch_along<T> : step_depth<T> * pitch_across<T, Rows>;

constexpr int32_t stages = 3;

template <typename T, int32_t M, int32_t N>
constexpr int64_t pipeline_bytes = stages * sizeof(T) * (operand_elements<T, M> + operand_elements<T, N>);

// Elements i0 .. and k0 .. of an operand to a tile; zeros outside of rows first .. end and from k on.
template <typename T, int32_t Rows>
__device__ __forceinline__ void load_operand(
    Shared<T> tile, Global<const T> source, int64_t ld, bool across, bool wide, int32_t i0, int32_t first, int32_t end, int32_t k0, int32_t k)
{
    constexpr int32_t unit = 16 / sizeof(T);
    const int32_t inner = across ? Rows : step_depth<T>, pitch = across ? pitch_across<T, Rows> : pitch_along<T>;
    const int32_t outer_at = across ? k0 : i0, inner_at = across ? i0 : k0;
    const int32_t outer_first = across ? 0 : first, outer_end = across ? k : end, inner_first = across ? first : 0, inner_end = across ? end : k;
    if (wide) {
        for (int32_t c = thread_number(); c < Rows * step_depth<T> / unit; c += block_threads) {
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

// Where the main loop stands: at depth k0 of a term. Terms that have nothing for the tile's rows are passed over.
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
        for (; next_ < end_; next_++) {
            term_ = terms_.get(next_);
            if (term_.k > 0 && term_.first < m0_ + M && m0_ < term_.first + term_.rows) {
                next_++;
                return;
            }
        }
        done_ = true;
    }

    Global<const Term<T>> terms_;
    int32_t next_, end_, m0_, k0_ = 0;
    bool done_ = false;
    Term<T> term_{};
};

// The main loop: `stages` tiles of both operands on their way, one barrier a step.
template <typename T, int32_t M, int32_t N>
class Pipeline {
public:
    __device__ __forceinline__ explicit Pipeline(SharedMemory& memory)
        : a_(memory.take<T>(stages * operand_elements<T, M>)), b_(memory.take<T>(stages * operand_elements<T, N>)) {}

    // sums += the terms' products on the tile at row m0, column n0 of a product with so many columns.
    __device__ __forceinline__ void run(Accumulator<T, M, N>& sums, Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0, int32_t n0, int32_t columns)
    {
        Steps<T, M> coming(terms, first, count, m0), now(terms, first, count, m0);
        for (int32_t s = 0; s < stages - 1; s++)
            load(s, coming, m0, n0, columns);
        for (int32_t stage = 0; !now.done(); stage = (stage + 1) % stages) {
            wait_for_copies<stages - 2>();
            if (!planted(Mistake::missing_barrier))
                __syncthreads();
            load((stage + stages - 1) % stages, coming, m0, n0, columns);
            add(sums, stage, now.term().form);
            now.advance();
        }
        wait_for_copies<0>();
        __syncthreads();
    }

private:
    __device__ __forceinline__ void load(int32_t stage, Steps<T, M>& steps, int32_t m0, int32_t n0, int32_t columns)
    {
        if (!steps.done()) {
            const Term<T>& t = steps.term();
            const int32_t edge = planted(Mistake::tile_edge) ? columns + 1 : columns;
            load_operand<T, M>(a_.from(stage * operand_elements<T, M>), t.a, t.lda, t.form == Form::tn, t.wide_a, m0, t.first, t.first + t.rows, steps.k0(), t.k);
            load_operand<T, N>(b_.from(stage * operand_elements<T, N>), t.b, t.ldb, t.form != Form::nt, t.wide_b, n0, 0, edge, steps.k0(), t.k);
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
