#include "products.hpp"

#include "dtype.hpp"
#include "engine.hpp"

namespace seal {

namespace {

int64_t tiles_of(const SealEngine& engine, const Product& p)
{
    const int64_t rows = engine.kernels.tile_rows;
    return (p.rows + rows - 1) / rows * panels_of(engine, p.columns);
}

// Tiles that a thread takes at once: a panel's, or enough to make the taking cheap. A panel that is packed on the way is packed by one.
int64_t grain_of(const SealEngine& engine, const Product& p)
{
    const int64_t row_tiles = (p.rows + engine.kernels.tile_rows - 1) / engine.kernels.tile_rows;
    const bool packs = p.term_count > 0 && p.terms[0].panel_stride == 0;
    return packs || row_tiles < 8 ? row_tiles : 8;
}

// What a tile costs in steps of k: those of its terms, its adapter's left out, and about as much for its stores.
int64_t cost_of(const Product& p)
{
    int64_t k = 32;
    for (int32_t i = 0; i < p.term_count; i++)
        k += p.terms[i].k;
    return k;
}

// Deals the list, cut into grains, to the threads, each a contiguous share of about the same cost:
// visit(thread, item, first, last) over the parts of each item.
template <typename Item, typename Parts, typename Grain, typename Cost, typename Visit>
void deal(SealEngine& engine, const std::vector<Item>& items, Parts&& parts, Grain&& grain, Cost&& cost, Visit&& visit)
{
    const auto units_of = [&](const Item& item) { return (parts(item) + grain(item) - 1) / grain(item); };
    const auto unit_cost = [&](const Item& item) { return grain(item) * cost(item); };
    int64_t total = 0;
    for (const Item& item : items)
        total += units_of(item) * unit_cost(item);
    const int32_t threads = engine.pool.threads();
    uint32_t unit = 0;  // the unit where the next thread's share begins
    int64_t cost_before = 0;
    int32_t thread = 0;
    uint32_t share_start = 0;
    for (const Item& item : items) {
        const int64_t each = unit_cost(item), count = units_of(item);
        while (thread < threads - 1 && total * (thread + 1) / threads < cost_before + each * count) {
            const int64_t within = (total * (thread + 1) / threads - cost_before + each / 2) / each;
            const uint32_t end = unit + static_cast<uint32_t>(within);
            engine.shares.give(thread++, share_start, end);
            share_start = end;
        }
        unit += static_cast<uint32_t>(count);
        cost_before += each * count;
    }
    for (; thread < threads; thread++) {
        engine.shares.give(thread, share_start, unit);
        share_start = unit;
    }
    engine.pool.parallel_for(threads, [&](int64_t me) {
        uint32_t mine;
        while (engine.shares.take(static_cast<int32_t>(me), mine)) {
            int64_t within = mine;
            const Item* item = items.data();
            for (; within >= units_of(*item); item++)
                within -= units_of(*item);
            const int64_t first = within * grain(*item), last = first + grain(*item), count = parts(*item);
            visit(me, *item, first, last < count ? last : count);
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
    deal(engine, packings, [&](const Packing& p) { return panels_of(engine, p.columns); }, [](const Packing&) { return 1; },
        [](const Packing& p) { return int64_t{p.k}; },
        [&](int64_t, const Packing& p, int64_t first, int64_t last) {
            for (int64_t panel = first; panel < last; panel++)
                engine.kernels.pack(type, p.transposed, p.source, p.ld, p.k, p.columns, panel, p.packed);
        });
}

void run_products(SealEngine& engine, const std::vector<Product>& products, std::byte* scratch, int64_t panel_bytes)
{
    deal(engine, products, [&](const Product& p) { return tiles_of(engine, p); }, [&](const Product& p) { return grain_of(engine, p); }, cost_of,
        [&](int64_t thread, const Product& p, int64_t first, int64_t last) {
            engine.kernels.product(p, first, last, scratch == nullptr ? nullptr : scratch + thread * panel_bytes);
        });
}

}  // namespace seal
