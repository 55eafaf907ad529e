// Softmax, loss and gradient of some rows in one sweep over the vocabulary, like attention with keys and values E (Dao et al., arXiv
// 2205.14135): a chunk's logits, their exponentials under the running maximum, and these times E, while the chunk of E is in the cache.
// The vocabulary is swept in stripes, so that few rows keep all threads busy and each byte of E is read once; their sums are joined
// in order. FLOPs: 4·rows·vocabulary·hidden; bytes: both packed copies of E once a block of rows.
//
// The target's own column stays out of the sum: dh = weight·(Σ_others e_j·E_j − (Σ_others e_j)·E_target) / total, so a sure row's small
// gradient is not the difference of two large ones.
#include "cross_entropy.hpp"

#include "kernels.hpp"
#include "panels.hpp"
#include "kernels/tail.hpp"
#include "product.hpp"

namespace seal::SEAL_ISA_NAMESPACE {

void product(const Product& p, int64_t first, int64_t last, const Ahead& ahead, void* scratch);
void unpack_row(SealDType type, const void* packed, int64_t columns, int64_t k, int64_t column, void* y);

namespace {

constexpr int chunk = CrossEntropy::chunk, block = CrossEntropy::block;
static_assert(chunk % panel_columns == 0, "a chunk is whole panels");

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
void take_chunk(const Row<T>& row, int64_t n, int64_t target, int64_t hidden, RowStatistics& s)
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

// One stripe of the vocabulary for a block of rows.
template <typename T>
class Sweep {
public:
    // memory: CrossEntropy::scratch_bytes.
    Sweep(const CrossEntropy& c, const CrossEntropyPart& part, int64_t first, int32_t rows, void* memory) : c_(c), part_(part), first_(first), rows_(rows),
        logits_(static_cast<float*>(memory)), p_(reinterpret_cast<T*>(logits_ + block * chunk))
    {
    }

    void run(int64_t start, int64_t end)
    {
        for (int32_t i = 0; i < rows_; i++)
            part_.rows[i] = {-__builtin_inff(), 0, -__builtin_inff()};
        if (c_.dh != nullptr)
            for (int64_t i = 0; i < rows_ * c_.hidden; i++)
                part_.dh[i] = 0;
        for (; start < end; start += chunk)
            sweep(start, static_cast<int32_t>(end - start < chunk ? end - start : chunk));
    }

private:
    void sweep(int64_t start, int32_t n)
    {
        const Term to_logits = logits_term(start), to_hidden{p_, chunk, c_.backward, padded<T>(c_.vocabulary) * panel_columns, 0, start, n};
        const bool gradient = c_.dh != nullptr;
        const Ahead next_chunk = panel_of(logits_term(start + chunk));
        multiply(to_logits, n, Store::f32, logits_, chunk, gradient ? panel_of(to_hidden) : next_chunk);
        for (int32_t i = 0; i < rows_; i++) {
            const Row<T> row{logits_ + i * chunk, p_ + i * chunk, gradient ? part_.dh + i * c_.hidden : nullptr};
            take_chunk(row, n, c_.targets[first_ + i] - start, c_.hidden, part_.rows[i]);
        }
        if (gradient)
            multiply(to_hidden, static_cast<int32_t>(c_.hidden), Store::add, part_.dh, c_.hidden, next_chunk);
    }

    Term logits_term(int64_t start) const
    {
        return {static_cast<const T*>(c_.h) + first_ * c_.hidden, c_.hidden, static_cast<const T*>(c_.forward) + start * padded<T>(c_.hidden),
            padded<T>(c_.hidden) * panel_columns, 0, 0, static_cast<int32_t>(c_.hidden)};
    }

    // A term's first panel, to be fetched.
    static Ahead panel_of(const Term& term)
    {
        return {static_cast<const T*>(term.b) + term.k_start * panel_columns, static_cast<int64_t>(sizeof(T)) * term.k * panel_columns, false};
    }

    // Panel by panel; `then` is what is wanted after the last one.
    void multiply(const Term& term, int32_t columns, Store how, float* y, int64_t ldy, const Ahead& then)
    {
        Product product_of{};
        product_of.type = c_.type;
        product_of.rows = rows_;
        product_of.columns = columns;
        product_of.terms = &term;
        product_of.term_count = 1;
        product_of.scale = 1;
        product_of.store = how;
        product_of.y = y;
        product_of.ldy = ldy;
        const int64_t tiles = (rows_ + tile_rows - 1) / tile_rows, panels = (columns + panel_columns - 1) / panel_columns;
        for (int64_t panel = 0; panel < panels; panel++)
            product(product_of, panel * tiles, (panel + 1) * tiles, panel + 1 < panels ? Ahead{nullptr, 0, true} : then, nullptr);
    }

    const CrossEntropy& c_;
    const CrossEntropyPart part_;
    const int64_t first_;
    const int32_t rows_;
    float* logits_;
    T* p_;
};

// Row `row`, which is row `i` of every part: the stripes joined under the largest of their maxima. e_target: [hidden].
template <typename T>
void finish_row(const CrossEntropy& c, const CrossEntropyPart* parts, int64_t row, int64_t i, T* e_target)
{
    const int64_t stripes = c.stripe_count();
    float maximum = -__builtin_inff(), target = maximum, factors[CrossEntropy::stripes];
    for (int64_t s = 0; s < stripes; s++) {
        const RowStatistics& r = parts[s].rows[i];
        maximum = r.maximum > maximum || r.maximum != r.maximum ? r.maximum : maximum;
        target = r.target > target || r.target != r.target ? r.target : target;
    }
    float others = 0;
    for (int64_t s = 0; s < stripes; s++) {
        factors[s] = exp_of(parts[s].rows[i].maximum - maximum);
        others += parts[s].rows[i].others * factors[s];
    }
    const float total = others + exp_of(target - maximum);
    c.log_probabilities[row] = (target - maximum) - log(total);
    if (c.dh == nullptr)
        return;
    unpack_row(c.type, c.forward, c.vocabulary, c.hidden, c.targets[row], e_target);
    const F32 factor = broadcast(c.weights[row] / total), own = broadcast(others);
    T* dh = static_cast<T*>(c.dh) + row * c.hidden;
    for (int64_t j = 0; j < c.hidden; j += F32::lanes) {
        const int64_t n = c.hidden - j;
        F32 sum = zero();
        for (int64_t s = 0; s < stripes; s++)
            sum = fma(load_part(parts[s].dh + i * c.hidden + j, n), broadcast(factors[s]), sum);
        store_part(dh + j, factor * (sum - own * load_part(e_target + j, n)), n);
    }
}

}  // namespace

void cross_entropy(const CrossEntropy& c, const CrossEntropyPart& part, int64_t first, int64_t last, int64_t stripe, void* scratch)
{
    const auto rows = static_cast<int32_t>(last - first);
    const int64_t start = c.stripe_start(stripe), end = c.stripe_start(stripe + 1);
    if (c.type == SEAL_BF16)
        Sweep<Bf16>(c, part, first, rows, scratch).run(start, end);
    else
        Sweep<float>(c, part, first, rows, scratch).run(start, end);
}

void cross_entropy_rows(const CrossEntropy& c, const CrossEntropyPart* parts, int64_t first, int64_t last, void* scratch)
{
    for (int64_t row = first; row < last; row++)
        if (c.type == SEAL_BF16)
            finish_row(c, parts, row, row - first, static_cast<Bf16*>(scratch));
        else
            finish_row(c, parts, row, row - first, static_cast<float*>(scratch));
}

}  // namespace seal::SEAL_ISA_NAMESPACE
