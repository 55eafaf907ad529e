// log softmax(h·Eᵀ) at the targets, and dh, without logits in memory. One launch sweeps the vocabulary in stripes and keeps of each row its
// running maximum, the sum of exponentials and the target's logit; one joins the stripes. For dh the vocabulary goes by in chunks of
// 8192: p = weight·(softmax - onehot) of a chunk in the activation type, then dh += p·E of the chunk in f32.
// FLOPs: 2·rows·hidden·vocabulary for the loss, three times that with dh (the logits are computed twice: a stored p of the first sweep
// would need the sums that only its end gives). Bytes: E once a row of tiles and pass, p written and read once.
#include "numbers.cuh"
#include "products.hpp"

#include <algorithm>

namespace seal::cuda {

namespace {

constexpr int32_t tile_rows = 16, tile_columns = 32;
constexpr int32_t stripe_columns = 1024;  // of one block: enough tiles for each warp, enough blocks to fill a GPU
constexpr int64_t chunk_columns = 8192;

template <typename T>
constexpr int64_t sweep_bytes = pipeline_bytes<T, tile_rows, tile_columns>;

// Of a row: the largest logit so far, the sum of exp(logit - largest), the target's logit (0 before it was met).
struct RowSum {
    float largest, sum, chosen;

    __device__ __forceinline__ void join(const RowSum& other)
    {
        const float most = other.largest > largest ? other.largest : largest;
        sum = sum * exponential(largest - most) + other.sum * exponential(other.largest - most);
        largest = most;
        chosen += other.chosen;
    }
};

// Each warp has every fourth tile of a stripe. Of each row and stripe a RowSum: [rows, stripes, 3].
template <typename T>
struct SweepKernel {
    using Tile = WarpTile<T, tile_rows, tile_columns>;

    Global<const Term<T>> terms;
    Global<const int32_t> targets;
    int32_t rows, vocabulary;
    Global<float> parts;

    __device__ __forceinline__ void operator()() const
    {
        SharedMemory memory;
        Pipeline<T, tile_rows, tile_columns> pipeline(memory, 0, 1);
        const int32_t m0 = static_cast<int32_t>(blockIdx.x) * tile_rows, first = static_cast<int32_t>(blockIdx.y) * stripe_columns;
        const int32_t end = first + stripe_columns < vocabulary ? first + stripe_columns : vocabulary;
        RowSum so_far[Tile::lane_rows];
        int32_t target[Tile::lane_rows];
#pragma unroll
        for (int32_t i = 0; i < Tile::lane_rows; i++) {
            so_far[i] = {-__builtin_inff(), 0.0f, 0.0f};
            const int32_t row = m0 + Tile::row(i);
            target[i] = row < rows ? targets.get(row) : -1;
        }
        for (int32_t n0 = first + warp_number() * tile_columns; n0 < end; n0 += block_warps * tile_columns) {
            Tile logits;
            clear(logits);
            pipeline.run(logits, terms, 0, 1, m0, n0, vocabulary);
#pragma unroll
            for (int32_t i = 0; i < Tile::lane_rows; i++)
                so_far[i].join(summed(logits, i, end - n0, target[i] - n0));
        }
        store(so_far, m0);
    }

private:
    // Over the columns below `columns` of the lanes that share row i of theirs.
    __device__ __forceinline__ static RowSum summed(Tile& logits, int32_t i, int32_t columns, int32_t target)
    {
        RowSum row{-__builtin_inff(), 0.0f, 0.0f};
#pragma unroll
        for (int32_t j = 0; j < Tile::lane_columns; j++)
            if (Tile::column(j) < columns && logits.at(i, j) > row.largest)
                row.largest = logits.at(i, j);
        row.largest = largest_of_lanes<Tile::row_lanes>(row.largest);
#pragma unroll
        for (int32_t j = 0; j < Tile::lane_columns; j++) {
            row.sum += Tile::column(j) < columns ? exponential(logits.at(i, j) - row.largest) : 0.0f;
            row.chosen += Tile::column(j) == target ? logits.at(i, j) : 0.0f;
        }
        row.sum = sum_of_lanes<Tile::row_lanes>(row.sum);
        row.chosen = sum_of_lanes<Tile::row_lanes>(row.chosen);
        return row;
    }

    // The warps' sums of each row joined in their order.
    __device__ __forceinline__ void store(const RowSum (&so_far)[Tile::lane_rows], int32_t m0) const
    {
        SharedMemory memory;  // what the pipelines had
        const Shared<float> sums = memory.take<float>(block_warps * tile_rows * 3);
        __syncthreads();
#pragma unroll
        for (int32_t i = 0; i < Tile::lane_rows; i++) {
            const int32_t at = (warp_number() * tile_rows + Tile::row(i)) * 3;
            if (lane_number() % Tile::row_lanes == 0) {
                sums.put(at, so_far[i].largest);
                sums.put(at + 1, so_far[i].sum);
                sums.put(at + 2, so_far[i].chosen);
            }
        }
        __syncthreads();
        const int32_t row = thread_number();
        if (row >= tile_rows || m0 + row >= rows)
            return;
        RowSum all{-__builtin_inff(), 0.0f, 0.0f};
        for (int32_t w = 0; w < block_warps; w++) {
            const int32_t at = (w * tile_rows + row) * 3;
            all.join({sums.get(at), sums.get(at + 1), sums.get(at + 2)});
        }
        const int64_t at = (static_cast<int64_t>(m0 + row) * ((vocabulary + stripe_columns - 1) / stripe_columns) + blockIdx.y) * 3;
        parts.put(at, all.largest);
        parts.put(at + 1, all.sum);
        parts.put(at + 2, all.chosen);
    }
};

// A thread a row, its stripes in their order.
struct JoinKernel {
    Global<const float> parts;
    int32_t rows, stripes;
    Global<float> lse, log_probabilities;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t row = static_cast<int64_t>(blockIdx.x) * block_threads + thread_number();
        if (row >= rows)
            return;
        float most = -__builtin_inff();
        for (int32_t s = 0; s < stripes; s++) {
            const float maximum = parts.get((row * stripes + s) * 3);
            most = maximum > most ? maximum : most;
        }
        float sum = 0, logit = 0;
        for (int32_t s = 0; s < stripes; s++) {
            const int64_t at = (row * stripes + s) * 3;
            sum += parts.get(at + 1) * exponential(parts.get(at) - most);
            logit += parts.get(at + 2);
        }
        const float log_sum = logarithm(sum);
        lse.put(row, most + log_sum);
        log_probabilities.put(row, (logit - most) - log_sum);
    }
};

template <typename T>
class CrossEntropy {
public:
    CrossEntropy(SealEngine& e, const void* h, int32_t rows, const SealWeight& head, const int32_t* targets)
        : e_(e), h_(in<T>(h, int64_t{rows} * head.columns)), rows_(rows), vocabulary_(head.rows), hidden_(head.columns), table_(head.values<T>()),
          targets_(e.tables.of(targets, rows)), lse_(e.scratch.take<float>(rows))
    {
    }

    void loss(float* log_probabilities)
    {
        const int64_t stripes = divided_up(vocabulary_, stripe_columns);
        const auto parts = e_.scratch.take<float>(rows_ * stripes * 3);
        Term<T> term{};
        term.a = h_;
        term.b = table_;
        term.lda = term.ldb = hidden_;
        term.k = static_cast<int32_t>(hidden_);
        term.rows = static_cast<int32_t>(rows_);
        term.form = Form::nt;
        term.wide_a = aligned(16, h_) && hidden_ * sizeof(T) % 16 == 0;
        term.wide_b = aligned(16, table_) && hidden_ * sizeof(T) % 16 == 0;
        e_.launch("cross_entropy sweep", {divided_up(rows_, tile_rows), stripes, 1}, sweep_bytes<T>,
            SweepKernel<T>{e_.tables.of(&term, 1), targets_, static_cast<int32_t>(rows_), static_cast<int32_t>(vocabulary_), parts});
        e_.launch("cross_entropy join", {divided_up(rows_, block_threads), 1, 1}, 0, JoinKernel{parts, static_cast<int32_t>(rows_),
            static_cast<int32_t>(stripes), lse_, out<float>(log_probabilities, rows_)});
    }

    void gradient(const float* weights, void* dh)
    {
        const int64_t widest = std::min(chunk_columns, divided_up(vocabulary_, 8) * 8);
        const Global<T> p = e_.scratch.take<T>(rows_ * widest);
        const Global<float> sums = e_.scratch.take<float>(rows_ * hidden_);
        for (int64_t first = 0; first < vocabulary_; first += chunk_columns)
            add_chunk(first, std::min(chunk_columns, vocabulary_ - first), widest, p, sums, e_.tables.of(weights, rows_), out<T>(dh, rows_ * hidden_));
    }

private:
    void add_chunk(int64_t first, int64_t columns, int64_t widest, Global<T> p, Global<float> sums, Global<const float> weights, Global<T> dh)
    {
        Products<T> list;
        const Global<const T> rows_of_table = table_.from(first * hidden_);
        Product<T>& probabilities = list.add(rows_, columns, Store::softmax_gradient);
        probabilities.y = p;
        probabilities.ldy = widest;
        probabilities.lse = lse_;
        probabilities.weights = weights;
        probabilities.targets = targets_;
        probabilities.first_column = static_cast<int32_t>(first);
        list.add_term(Form::nt, h_, hidden_, rows_of_table, hidden_, hidden_);
        list.run(e_, "cross_entropy p");
        // The first chunk starts the sums, the last rounds them.
        const bool starts = first == 0, ends = first + columns == vocabulary_;
        Product<T>& gradient = list.add(rows_, hidden_, starts && ends ? Store::activations : starts ? Store::f32 : Store::add_f32);
        gradient.y = dh;
        gradient.wide = sums;
        gradient.ldy = hidden_;
        list.add_term(Form::nn, p, widest, rows_of_table, hidden_, columns);
        list.run(e_, "cross_entropy dh");
        if (ends && !starts)
            round(sums, dh);
    }

    void round(Global<float> sums, Global<T> dh)
    {
        const SealStatus status = seal_cast(&e_, SEAL_F32, sums.data(), sizeof(T) == 2 ? SEAL_BF16 : SEAL_F32, dh.data(), rows_ * hidden_);
        if (status != SEAL_OK)
            throw Error(status, "dh could not be rounded");
    }

    SealEngine& e_;
    Global<const T> h_;
    int64_t rows_, vocabulary_, hidden_;
    Global<const T> table_;
    Global<const int32_t> targets_;
    Global<float> lse_;
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_linear_cross_entropy(SealEngine* engine, SealDType type, const void* h, int32_t rows, const SealWeight* head,
    const int32_t* targets, const float* weights, float* log_probabilities, void* dh) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealWeight& w = usable_weight(seal::activation_type(type), head, "head");
        if (seal::at_least(0, rows, "rows") == 0)
            return;
        seal::required_memory(h, "h");
        seal::required_memory(targets, "targets");
        seal::required_memory(weights, "weights");
        seal::required_memory(log_probabilities, "log_probabilities");
        seal::indices_within(targets, rows, 0, w.rows, "targets");
        e.scratch.begin();
        with_type(type, [&]<typename T>(T) {
            CrossEntropy<T> loss(e, h, rows, w, targets);
            loss.loss(log_probabilities);
            if (dh != nullptr)
                loss.gradient(weights, dh);
        });
    });
}
