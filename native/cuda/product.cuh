// Products of matrices as lists: each a sum of terms a·b, computed tile by tile in one main loop that runs from term to term. A base
// product and the low-rank parts of every adapter on its rows are terms of one product: "the longer K".
#pragma once

#include "operand.cuh"

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

// Every warp of a block has its own steps, and room for as many of them on their way as 99 KiB hold for all warps: what an L4 gives a block. Two such blocks share a
// multiprocessor of an H100.
template <typename T, int32_t M, int32_t N>
constexpr int64_t stage_bytes = sizeof(T) * (operand_elements<T, M> + operand_elements<T, N>);

template <typename T, int32_t M, int32_t N>
constexpr int32_t stages = static_cast<int32_t>(99 * 1024 / block_warps / stage_bytes<T, M, N>);

template <typename T, int32_t M, int32_t N>
constexpr int64_t warp_pipeline_bytes = stages<T, M, N> * stage_bytes<T, M, N>;

template <typename T, int32_t M, int32_t N>
constexpr int64_t pipeline_bytes = block_warps * warp_pipeline_bytes<T, M, N>;

// The terms that a tile's rows have and that have a step for this part of their steps, one after the other. Others are passed over, 32 at a look: a list has one for
// each adapter, and every look is a wait for memory.
template <typename T, int32_t M>
class Terms {
public:
    __device__ __forceinline__ Terms(Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0, int32_t part)
        : terms_(terms), next_(first), end_(first + count), m0_(m0), before_(part * step_depth<T>)
    {
    }

    // Whether there was another one.
    __device__ __forceinline__ bool next(Term<T>& term)
    {
        for (; next_ < end_; next_ += 32) {
            const int32_t mine = next_ + lane_number();
            const uint32_t serving = __ballot_sync(all_lanes, mine < end_ && serves(terms_.get(mine < end_ ? mine : next_)));
            if (serving == 0)
                continue;
            next_ += __ffs(static_cast<int32_t>(serving));
            term = terms_.get(next_ - 1);
            return true;
        }
        return false;
    }

private:
    __device__ __forceinline__ bool serves(const Term<T>& term) const { return term.k > before_ && term.first < m0_ + M && m0_ < term.first + term.rows; }

    Global<const Term<T>> terms_;
    int32_t next_, end_, m0_;
    int32_t before_;
};

// The main loop of one warp: tiles of both operands for the steps ahead on their way, none shared with other warps, so that no warp waits for another. It takes every
// `parts`-th step of each term, from step `part` on; which those are depends on the term alone, and so do the bits of a sum over all parts.
template <typename T, int32_t M, int32_t N>
class Pipeline {
public:
    __device__ __forceinline__ Pipeline(SharedMemory& memory, int32_t part, int32_t parts) : part_(part), parts_(parts)
    {
        constexpr int64_t operands = block_warps * ahead, warp = ahead;
        a_ = memory.take<T>(operands * operand_elements<T, M>).from(warp_number() * warp * operand_elements<T, M>);
        b_ = memory.take<T>(operands * operand_elements<T, N>).from(warp_number() * warp * operand_elements<T, N>);
    }

    // sums += the terms' products, of which the table alone is read before earlier kernels have ended, on the tile at row m0, column n0 of a product with so many columns.
    __device__ __forceinline__ void run(WarpTile<T, M, N>& sums, Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0, int32_t n0, int32_t columns)
    {
        Loads loads(terms, first, count, m0, n0, planted(Mistake::tile_edge) ? columns + 1 : columns, part_, parts_);
        wait_for_earlier_kernels();
        int32_t left = 0;    // steps loaded and not yet added
        uint32_t forms = 0;  // of the stages, two bits each
        // The first ahead - 1 steps are loaded without one to add.
        for (int32_t turn = 1 - ahead, stage = 0, last = 0; turn < 0 || left > 0; turn++) {
            if (turn >= 0) {
                wait_for_copies<ahead - 2>();
                __syncwarp();
            }
            if (!loads.done()) {
                forms = (forms & ~(3u << 2 * last)) | static_cast<uint32_t>(loads.form()) << 2 * last;
                loads.load(a_.from(last * operand_elements<T, M>), b_.from(last * operand_elements<T, N>));
                left++;
            }
            commit_copies();
            last = last + 1 < ahead ? last + 1 : 0;
            if (turn < 0)
                continue;
            add(sums, stage, static_cast<Form>(forms >> 2 * stage & 3));
            stage = stage + 1 < ahead ? stage + 1 : 0;
            left--;
        }
        wait_for_copies<0>();
        __syncwarp();
    }

private:
    static constexpr int32_t ahead = stages<T, M, N>;
    static_assert(ahead >= 2);

    // The terms' steps for one part, one after the other.
    class Loads {
    public:
        __device__ __forceinline__ Loads(Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0, int32_t n0, int32_t columns, int32_t part, int32_t parts)
            : coming_(terms, first, count, m0, part), m0_(m0), n0_(n0), columns_(columns), part_(part), parts_(parts)
        {
            begin();
        }

        __device__ __forceinline__ bool done() const { return depth_ <= 0; }
        __device__ __forceinline__ Form form() const { return form_; }

        __device__ __forceinline__ void load(Shared<T> a, Shared<T> b)
        {
            in_a_.load(a);
            in_b_.load(b);
            depth_ -= parts_ * step_depth<T>;
            if (depth_ <= 0)
                begin();
        }

    private:
        __device__ __forceinline__ void begin()
        {
            Term<T> t;
            depth_ = 0;
            if (!coming_.next(t))
                return;
            in_a_.start(t.a, t.lda, t.form == Form::tn, t.wide_a, m0_, t.first, t.first + t.rows, t.k, part_, parts_);
            in_b_.start(t.b, t.ldb, t.form != Form::nt, t.wide_b, n0_, 0, columns_, t.k, part_, parts_);
            form_ = t.form;
            depth_ = t.k - part_ * step_depth<T>;
        }

        Terms<T, M> coming_;
        Operand<T, M> in_a_;
        Operand<T, N> in_b_;
        int32_t m0_, n0_, columns_, part_, parts_;
        Form form_ = Form::nt;
        int32_t depth_ = 0;  // of the term, from its next step for this part on
    };

    __device__ __forceinline__ void add(WarpTile<T, M, N>& sums, int32_t stage, Form form)
    {
        const Shared<T> a = a_.from(stage * operand_elements<T, M>), b = b_.from(stage * operand_elements<T, N>);
        const Swizzled<T, M> in_a;
        const Swizzled<T, N> in_b;
        if (form == Form::nt)
            sums.template add<Form::nt, step_depth<T>>(a, in_a, 0, b, in_b, 0);
        else if (form == Form::nn)
            sums.template add<Form::nn, step_depth<T>>(a, in_a, 0, b, in_b, 0);
        else
            sums.template add<Form::tn, step_depth<T>>(a, in_a, 0, b, in_b, 0);
    }

    Shared<T> a_, b_;
    int32_t part_, parts_;
};

// The sums of a block's warps, each over its part of the steps, as those of the product. visit(row, column, sum) of this thread's part of the tile, whose neighbours have the
// columns beside it.
template <typename T, int32_t M, int32_t N, typename Visit>
__device__ __forceinline__ void for_each_joined(WarpTile<T, M, N>& own, Visit visit)
{
    SharedMemory memory;  // what the pipelines had
    const Shared<float> sums = memory.take<float>(block_warps * M * N);
    __syncthreads();
    const Shared<float> part = sums.from(warp_number() * M * N);
    for_each_sum(own, [&](int32_t row, int32_t column, float& sum) { part.put(row * N + column, sum); });
    if (!planted(Mistake::missing_barrier))
        __syncthreads();
#pragma unroll
    for (int32_t i = 0; i < M * N / block_threads; i++) {
        const int32_t c = thread_number() + i * block_threads;
        float sum = sums.get(c);
#pragma unroll
        for (int32_t w = 1; w < block_warps; w++)
            sum += sums.get(w * M * N + c);
        visit(c / N, c % N, sum);
    }
}

}  // namespace seal::cuda
