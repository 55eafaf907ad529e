// Softmax, loss and gradient of some rows in one sweep over the vocabulary, like attention with keys and values E (Dao et al., arXiv
// 2205.14135): a chunk's logits, their exponentials under the running maximum, and these times E, while the chunk of E is in the cache.
//
// The target's own column stays out of the sum: dh = weight·(Σ_others e_j·E_j − (Σ_others e_j)·E_target) / total, so a sure row's small
// gradient is not the difference of two large ones.
#include "cross_entropy.hpp"

#include "kernels.hpp"
#include "panels.hpp"
#include "product.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

void product(const Product& p, int64_t first, int64_t last, void* scratch);
void unpack_row(SealDType type, const void* packed, int64_t columns, int64_t k, int64_t column, void* y);

namespace {

constexpr int chunk = CrossEntropy::chunk, block = CrossEntropy::block;
static_assert(chunk % panel_columns == 0, "a chunk is whole panels");

struct Statistics {
    float maximum, others, target;  // of the logits; Σ e^(l − maximum) without the target's; the target's logit
};

float exp_of(float x)
{
    float lanes[F32::lanes];
    store(lanes, exp(broadcast(x)));
    return lanes[0];
}

// One row's part of the block's memory.
template <typename T>
struct Row {
    float* logits;  // [chunk]
    T* p;           // [chunk]
    float* dh;      // [hidden], or null
};

void scale_row(float* x, int64_t n, float factor)
{
    int64_t i = 0;
    for (; i + F32::lanes <= n; i += F32::lanes)
        store(x + i, load(x + i) * broadcast(factor));
    if (i < n)
        store(x + i, load(x + i, n - i) * broadcast(factor), n - i);
}

template <typename T>
void take_chunk(const Row<T>& row, int64_t n, int64_t target, int64_t hidden, Statistics& s)
{
    constexpr float least = -__builtin_inff();
    const int64_t padded = (n + F32::lanes - 1) / F32::lanes * F32::lanes;
    for (int64_t i = n; i < padded; i++)
        row.logits[i] = least;
    F32 most = broadcast(least);
    for (int64_t i = 0; i < padded; i += F32::lanes)
        most = max(most, load(row.logits + i));
    const float maximum = largest(most);
    if (maximum > s.maximum) {
        const float factor = exp_of(s.maximum - maximum);
        s.others *= factor;
        if (row.dh != nullptr)
            scale_row(row.dh, hidden, factor);
        s.maximum = maximum;
    }
    if (target >= 0 && target < n) {
        s.target = row.logits[target];
        row.logits[target] = least;
    }
    F32 total = zero();
    for (int64_t i = 0; i < padded; i += F32::lanes) {
        const F32 e = exp(load(row.logits + i) - broadcast(s.maximum));
        total = total + e;
        store(row.p + i, e);
    }
    s.others += sum(total);
}

template <typename T>
void finish_row(const CrossEntropy& c, int64_t row, const Statistics& s, const float* sums, T* target_row)
{
    const float own = exp_of(s.target - s.maximum), total = s.others + own;
    c.log_probabilities[row] = (s.target - s.maximum) - log(total);
    if (c.dh == nullptr)
        return;
    unpack_row(c.type, c.forward, c.vocabulary, c.hidden, c.targets[row], target_row);
    const F32 factor = broadcast(c.weights[row] / total), others = broadcast(s.others);
    T* dh = static_cast<T*>(c.dh) + row * c.hidden;
    int64_t i = 0;
    for (; i + F32::lanes <= c.hidden; i += F32::lanes)
        store(dh + i, factor * (load(sums + i) - others * load(target_row + i)));
    if (const int64_t n = c.hidden - i; n > 0)
        store(dh + i, factor * (load(sums + i, n) - others * load(target_row + i, n)), n);
}

int64_t tiles_of(const Product& p)
{
    return (p.rows + tile_rows - 1) / tile_rows * ((p.columns + panel_columns - 1) / panel_columns);
}

template <typename T>
class Block {
public:
    // memory: CrossEntropy::scratch_bytes.
    Block(const CrossEntropy& c, void* memory) : c_(c), dh_(static_cast<float*>(memory)), logits_(dh_ + int64_t{block} * c.hidden),
        p_(reinterpret_cast<T*>(logits_ + block * chunk)), target_row_(p_ + block * chunk)
    {
    }

    void run(int64_t first, int32_t rows)
    {
        for (int32_t i = 0; i < rows; i++)
            statistics_[i] = {-__builtin_inff(), 0, -__builtin_inff()};
        if (c_.dh != nullptr)
            for (int64_t i = 0; i < rows * c_.hidden; i++)
                dh_[i] = 0;
        for (int64_t start = 0; start < c_.vocabulary; start += chunk)
            sweep(first, rows, start, static_cast<int32_t>(c_.vocabulary - start < chunk ? c_.vocabulary - start : chunk));
        for (int32_t i = 0; i < rows; i++)
            finish_row(c_, first + i, statistics_[i], dh_ + i * c_.hidden, target_row_);
    }

private:
    void sweep(int64_t first, int32_t rows, int64_t start, int32_t n)
    {
        const Term to_logits{static_cast<const T*>(c_.h) + first * c_.hidden, c_.hidden,
            static_cast<const T*>(c_.forward) + start * padded<T>(c_.hidden), padded<T>(c_.hidden) * panel_columns, 0, 0, static_cast<int32_t>(c_.hidden)};
        multiply(to_logits, rows, n, Store::f32, logits_, chunk);
        for (int32_t i = 0; i < rows; i++) {
            const Row<T> row{logits_ + i * chunk, p_ + i * chunk, c_.dh == nullptr ? nullptr : dh_ + i * c_.hidden};
            take_chunk(row, n, c_.targets[first + i] - start, c_.hidden, statistics_[i]);
        }
        if (c_.dh == nullptr)
            return;
        const Term to_hidden{p_, chunk, c_.backward, padded<T>(c_.vocabulary) * panel_columns, 0, start, n};
        multiply(to_hidden, rows, static_cast<int32_t>(c_.hidden), Store::add, dh_, c_.hidden);
    }

    void multiply(const Term& term, int32_t rows, int32_t columns, Store how, float* y, int64_t ldy)
    {
        Product product_of{};
        product_of.type = c_.type;
        product_of.rows = rows;
        product_of.columns = columns;
        product_of.terms = &term;
        product_of.term_count = 1;
        product_of.scale = 1;
        product_of.store = how;
        product_of.y = y;
        product_of.ldy = ldy;
        product(product_of, 0, tiles_of(product_of), nullptr);
    }

    const CrossEntropy& c_;
    float* dh_;
    float* logits_;
    T* p_;
    T* target_row_;
    Statistics statistics_[block];
};

template <typename T>
void rows_typed(const CrossEntropy& c, int64_t first, int64_t last, void* scratch)
{
    Block<T> work(c, scratch);
    for (int64_t row = first; row < last; row += block)
        work.run(row, static_cast<int32_t>(last - row < block ? last - row : block));
}

}  // namespace

void cross_entropy(const CrossEntropy& c, int64_t first, int64_t last, void* scratch)
{
    if (c.type == SEAL_BF16)
        rows_typed<Bf16>(c, first, last, scratch);
    else
        rows_typed<float>(c, first, last, scratch);
}

}  // namespace seal::SEAL_ISA_NAMESPACE
