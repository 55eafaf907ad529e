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

template <typename T, int32_t M, int32_t N>
constexpr int64_t stage_bytes = sizeof(T) * (operand_elements<T, M> + operand_elements<T, N>);

// As many stages as 72 KiB hold, six for tiles of 16 rows: a step of few rows waits for memory alone, and its multiprocessors, of which it fills
// few, reach as much bandwidth as they have bytes on their way. Three such blocks share a multiprocessor of an H100, two that of an A100, and one that of an L4.
template <typename T, int32_t M, int32_t N>
constexpr int32_t stages = static_cast<int32_t>(72 * 1024 / stage_bytes<T, M, N>);

template <typename T, int32_t M, int32_t N>
constexpr int64_t pipeline_bytes = stages<T, M, N> * stage_bytes<T, M, N>;

// The terms that a tile's rows have, one after the other. Terms that have nothing for the tile's rows are passed over, 32 at a look: a list
// has one for each adapter, and every look is a wait for memory.
template <typename T, int32_t M>
class Terms {
public:
    __device__ __forceinline__ Terms(Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0) : terms_(terms), next_(first), end_(first + count), m0_(m0) {}

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
    __device__ __forceinline__ bool serves(const Term<T>& term) const { return term.k > 0 && term.first < m0_ + M && m0_ < term.first + term.rows; }

    Global<const Term<T>> terms_;
    int32_t next_, end_, m0_;
};

// The main loop: tiles of both operands for the steps ahead on their way, one barrier a step.
template <typename T, int32_t M, int32_t N>
class Pipeline {
public:
    __device__ __forceinline__ explicit Pipeline(SharedMemory& memory)
        : a_(memory.take<T>(ahead * operand_elements<T, M>)), b_(memory.take<T>(ahead * operand_elements<T, N>)) {}

    // sums += the terms' products, of which the table alone is read before earlier kernels have ended, on the tile at row m0, column n0 of a
    // product with so many columns.
    __device__ __forceinline__ void run(Accumulator<T, M, N>& sums, Global<const Term<T>> terms, int32_t first, int32_t count, int32_t m0, int32_t n0, int32_t columns)
    {
        const int32_t edge = planted(Mistake::tile_edge) ? columns + 1 : columns;
        Terms<T, M> coming(terms, first, count, m0);
        Loads loads;
        loads.begin(coming, m0, n0, edge);
        wait_for_earlier_kernels();
        int32_t left = 0;    // steps loaded and not yet added
        uint32_t forms = 0;  // of the stages, two bits each
        const auto load = [&](int32_t stage) {
            if (loads.depth > 0) {
                loads.a.load(a_.from(stage * operand_elements<T, M>));
                loads.b.load(b_.from(stage * operand_elements<T, N>));
                forms = (forms & ~(3u << 2 * stage)) | static_cast<uint32_t>(loads.form) << 2 * stage;
                left++;
                loads.depth -= step_depth<T>;
                if (loads.depth <= 0)
                    loads.begin(coming, m0, n0, edge);
            }
            commit_copies();
        };
        // The first ahead - 1 steps are loaded without one to add.
        for (int32_t turn = 1 - ahead, stage = 0, last = 0; turn < 0 || left > 0; turn++) {
            if (turn >= 0) {
                wait_for_copies<ahead - 2>();
                if (!planted(Mistake::missing_barrier))
                    __syncthreads();
            }
            load(last);
            last = last + 1 < ahead ? last + 1 : 0;
            if (turn < 0)
                continue;
            add(sums, stage, static_cast<Form>(forms >> 2 * stage & 3));
            stage = stage + 1 < ahead ? stage + 1 : 0;
            left--;
        }
        wait_for_copies<0>();
        __syncthreads();
    }

private:
    static constexpr int32_t ahead = stages<T, M, N>;

    // Both operands of the term that is being loaded, and how deep it still is; not deeper than 0 behind the last term.
    struct Loads {
        Operand<T, M> a;
        Operand<T, N> b;
        Form form = Form::nt;
        int32_t depth = 0;

        __device__ __forceinline__ void begin(Terms<T, M>& coming, int32_t m0, int32_t n0, int32_t columns)
        {
            Term<T> t;
            depth = 0;
            if (!coming.next(t))
                return;
            a.start(t.a, t.lda, t.form == Form::tn, t.wide_a, m0, t.first, t.first + t.rows, t.k);
            b.start(t.b, t.ldb, t.form != Form::nt, t.wide_b, n0, 0, columns, t.k);
            form = t.form;
            depth = t.k;
        }
    };

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
