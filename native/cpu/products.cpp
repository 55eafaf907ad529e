#include "products.hpp"

#include "dtype.hpp"
#include "engine.hpp"

#include <algorithm>

namespace seal {

namespace {

int64_t tiles_of(const SealEngine& engine, const Product& p)
{
    const int64_t rows = engine.kernels.tile_rows;
    return (p.rows + rows - 1) / rows * panels_of(engine, p.columns);
}

// What a tile costs, up to a factor: its k, those of its adapter left out.
int64_t cost_of(const Product& p)
{
    int64_t k = 1;
    for (int32_t i = 0; i < p.term_count; i++)
        k += p.terms[i].k;
    return k;
}

// Hands every thread its share of the list, in list order: visit(thread, item, first, last) over the parts of each item.
template <typename Item, typename Parts, typename Cost, typename Visit>
void divide(SealEngine& engine, const std::vector<Item>& items, Parts&& parts, Cost&& cost, Visit&& visit)
{
    int64_t total = 0;
    for (const Item& item : items)
        total += parts(item) * cost(item);
    const int64_t threads = engine.pool.threads();
    engine.pool.parallel_for(threads, [&](int64_t thread) {
        const int64_t low = total * thread / threads, high = total * (thread + 1) / threads;
        int64_t start = 0;
        for (const Item& item : items) {
            const int64_t each = cost(item), count = parts(item);
            const auto part_at = [&](int64_t point) { return std::clamp<int64_t>((point - start + each - 1) / each, 0, count); };
            const int64_t first = low <= start ? 0 : part_at(low), last = high <= start ? 0 : part_at(high);
            if (first < last)
                visit(thread, item, first, last);
            start += each * count;
        }
    });
}

}  // namespace

void WorkList::clear()
{
    products.clear();
    packings.clear();
    terms.clear();
    runs.clear();
    run_of_row.clear();
}

int64_t panels_of(const SealEngine& engine, int32_t columns)
{
    const int64_t width = engine.kernels.panel_columns;
    return (columns + width - 1) / width;
}

int64_t panel_stride(const SealEngine& engine, SealDType type, int32_t k)
{
    const int64_t deep = type == SEAL_BF16 ? (int64_t{k} + 1) / 2 * 2 : k;
    return deep * engine.kernels.panel_columns;
}

int64_t packed_elements(const SealEngine& engine, SealDType type, int32_t k, int32_t columns)
{
    return panel_stride(engine, type, k) * panels_of(engine, columns);
}

Term packed_term(const SealEngine& engine, SealDType type, const void* a, int64_t lda, const void* b, int32_t k)
{
    return {a, lda, b, panel_stride(engine, type, k), 0, 0, k};
}

void run_packings(SealEngine& engine, SealDType type, const std::vector<Packing>& packings)
{
    divide(engine, packings, [&](const Packing& p) { return panels_of(engine, p.columns); }, [](const Packing& p) { return int64_t{p.k}; },
        [&](int64_t, const Packing& p, int64_t first, int64_t last) {
            for (int64_t panel = first; panel < last; panel++)
                engine.kernels.pack(type, p.transposed, p.source, p.ld, p.k, p.columns, panel, p.packed);
        });
}

void run_products(SealEngine& engine, const std::vector<Product>& products, std::byte* scratch, int64_t panel_bytes)
{
    divide(engine, products, [&](const Product& p) { return tiles_of(engine, p); }, cost_of,
        [&](int64_t thread, const Product& p, int64_t first, int64_t last) {
            engine.kernels.product(p, first, last, scratch == nullptr ? nullptr : scratch + thread * panel_bytes);
        });
}

}  // namespace seal
