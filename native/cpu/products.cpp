#include "products.hpp"

#include "dtype.hpp"
#include "engine.hpp"

#include <algorithm>

namespace seal {

namespace {

using Part = WorkList::Part;

constexpr int64_t transposed_rows = 64;  // of a transposition, at once

int64_t tiles_of(const SealEngine& engine, const Product& p)
{
    return seal::tiles_of(engine, p.rows, p.columns);
}

uint32_t units_of(int64_t items, int64_t grain)
{
    return static_cast<uint32_t>((items + grain - 1) / grain);
}

// Costs are steps of k over one tile, roughly.
Part part_of(const SealEngine& engine, const Product& p, uint32_t index)
{
    // A panel's tiles at once, or enough to make the taking cheap, and fewer where every thread would not get some; a panel that is packed
    // on the way is packed by one thread.
    const int64_t row_tiles = (p.rows + engine.kernels.tile_rows - 1) / engine.kernels.tile_rows, tiles = tiles_of(engine, p);
    const bool packs = p.term_count > 0 && p.terms[0].panel_stride == 0;
    const int64_t together = row_tiles < 8 ? row_tiles : 8;
    const int64_t grain = packs ? row_tiles : std::clamp<int64_t>(tiles / (4 * engine.pool.threads()), 1, together);
    int64_t k = 32;  // about what a tile's stores take
    for (int32_t i = 0; i < p.term_count; i++)
        k += p.terms[i].k;
    return {Part::Kind::product, index, units_of(tiles, grain), grain, grain * k};
}

Part part_of(const SealEngine& engine, const Packing& p, uint32_t index)
{
    return {Part::Kind::packing, index, static_cast<uint32_t>(panels_of(engine, p.columns)), 1, p.k};
}

Part part_of(const SealEngine&, const Transposition& t, uint32_t index)
{
    return {Part::Kind::transposition, index, units_of(t.rows, transposed_rows), transposed_rows, t.columns};
}

void list_parts(const SealEngine& engine, WorkList& work)
{
    work.parts.clear();
    const auto add = [&](const auto& items) {
        for (size_t i = 0; i < items.size(); i++)
            work.parts.push_back(part_of(engine, items[i], static_cast<uint32_t>(i)));
    };
    add(work.packings);
    add(work.transpositions);
    add(work.products);
}

// To every thread a run of neighbouring units of about the same cost.
void give_shares(SealEngine& engine)
{
    const std::vector<Part>& parts = engine.work.parts;
    int64_t total = 0;
    for (const Part& part : parts)
        total += part.units * part.cost;
    const int32_t threads = engine.pool.threads();
    int32_t thread = 0;
    uint32_t share_start = 0, unit = 0;
    int64_t cost_before = 0;
    for (const Part& part : parts) {
        for (; thread < threads - 1 && total * (thread + 1) / threads < cost_before + part.units * part.cost; thread++) {
            const int64_t within = std::max<int64_t>(0, (total * (thread + 1) / threads - cost_before + part.cost / 2) / part.cost);
            const uint32_t end = unit + static_cast<uint32_t>(within);
            engine.shares.give(thread, share_start, end);
            share_start = end;
        }
        unit += part.units;
        cost_before += part.units * part.cost;
    }
    for (; thread < threads; thread++) {
        engine.shares.give(thread, share_start, unit);
        share_start = unit;
    }
}

// A unit of the list within its part.
struct Unit {
    const Part* part;
    int64_t index;

    int64_t first() const { return index * part->grain; }
};

Unit unit_of(const WorkList& work, uint32_t unit)
{
    const Part* part = work.parts.data();
    for (; unit >= part->units; part++)
        unit -= part->units;
    return {part, unit};
}

int64_t panel_at(const SealEngine& engine, const Product& p, int64_t tile)
{
    return place_of_tile(p.rows, p.columns, tile, engine.kernels.tile_rows, engine.kernels.panel_columns).panel;
}

// The packed weights that a unit begins with, if it does.
Ahead start_of(const SealEngine& engine, SealDType type, const Unit& unit)
{
    if (unit.part->kind != Part::Kind::product)
        return {};
    const Product& p = engine.work.products[unit.part->index];
    if (p.term_count == 0 || p.terms[0].panel_stride == 0)
        return {};
    const Term& term = p.terms[0];
    const int64_t size = size_of(type), first = panel_at(engine, p, unit.first()) * term.panel_stride + term.k_start * engine.kernels.panel_columns;
    return {static_cast<const std::byte*>(term.b) + first * size, term.panel_stride * size, false};
}

// Where the threads will begin after this work, as far as the last time tells; null: it does not.
const std::vector<Ahead>* following(SealEngine& engine, SealDType type)
{
    WorkList& work = engine.work;
    work.starts.clear();
    for (int32_t thread = 0; thread < engine.pool.threads(); thread++) {
        uint32_t unit;
        work.starts.push_back(engine.shares.next(thread, unit) ? start_of(engine, type, unit_of(work, unit)) : Ahead{});
    }
    for (const Product& p : work.products)
        if (p.term_count > 0 && p.terms[0].panel_stride != 0)
            return engine.successors.begin(p.terms[0].b, work.starts);
    return nullptr;
}

class Worker {
public:
    // then: what to fetch when nothing is left to do.
    Worker(SealEngine& engine, SealDType type, void* panel, const Ahead& then) : e_(engine), type_(type), panel_(panel), then_(then) {}

    // next: the unit after this one, or null.
    void run(const Unit& unit, const Unit* next) const
    {
        const Part& part = *unit.part;
        const int64_t first = unit.first();
        switch (part.kind) {
        case Part::Kind::packing:
            return pack(e_.work.packings[part.index], unit.index);
        case Part::Kind::transposition:
            return transpose(e_.work.transpositions[part.index], first);
        case Part::Kind::product: {
            const Product& p = e_.work.products[part.index];
            return e_.kernels.product(p, first, std::min(first + part.grain, tiles_of(e_, p)), ahead_of(unit, next), panel_);
        }
        }
    }

private:
    // Weights come from memory: those of the next unit while this one is computed.
    Ahead ahead_of(const Unit& unit, const Unit* next) const
    {
        if (next == nullptr)
            return then_;
        if (next->part != unit.part)
            return start_of(e_, type_, *next);
        const Product& p = e_.work.products[unit.part->index];
        return {nullptr, 0, panel_at(e_, p, next->first()) == panel_at(e_, p, unit.first()) + 1};
    }

    void pack(const Packing& p, int64_t panel) const
    {
        const int64_t width = e_.kernels.panel_columns, first = panel * width, size = size_of(type_);
        const int64_t from = p.transposed ? first * p.ld : first;
        e_.kernels.pack_panel(type_, p.transposed, false, static_cast<const std::byte*>(p.source) + from * size, p.ld, p.k,
            std::min<int64_t>(width, p.columns - first), static_cast<std::byte*>(p.packed) + panel * panel_stride(e_, type_, p.k) * size);
    }

    void transpose(const Transposition& t, int64_t first) const
    {
        const int64_t size = size_of(type_);
        e_.kernels.transpose(type_, static_cast<const std::byte*>(t.x) + first * t.ldx * size, t.ldx, std::min(transposed_rows, t.rows - first),
            t.columns, static_cast<std::byte*>(t.y) + first * size, t.ldy);
    }

    SealEngine& e_;
    const SealDType type_;
    void* const panel_;
    const Ahead then_;
};

}  // namespace

void WorkList::clear()
{
    products.clear();
    packings.clear();
    transpositions.clear();
    terms.clear();
    runs.clear();
    run_of_row.clear();
    shared_x.clear();
}

int64_t panels_of(const SealEngine& engine, int32_t columns)
{
    const int64_t width = engine.kernels.panel_columns;
    return (columns + width - 1) / width;
}

int64_t tiles_of(const SealEngine& engine, int32_t rows, int32_t columns)
{
    const int64_t tile_rows = engine.kernels.tile_rows;
    return (rows + tile_rows - 1) / tile_rows * panels_of(engine, columns);
}

int64_t panel_stride(const SealEngine& engine, SealDType type, int32_t k)
{
    const int64_t deep = type == SEAL_BF16 ? (int64_t{k} + 1) / 2 * 2 : k;
    return deep * engine.kernels.panel_columns;
}

int64_t packed_elements(const SealEngine& engine, SealDType type, int32_t k, int32_t columns)
{
    const int64_t width = engine.kernels.panel_columns, lanes = engine.kernels.lanes, whole = columns / width;
    const int64_t deep = panel_stride(engine, type, k) / width;
    return deep * (whole * width + (columns - whole * width + lanes - 1) / lanes * lanes);
}

Term packed_term(const SealEngine& engine, SealDType type, const void* a, int64_t lda, const void* b, int32_t k)
{
    return {a, lda, b, panel_stride(engine, type, k), 0, 0, k};
}

void run_work(SealEngine& engine, SealDType type, std::byte* scratch, int64_t panel_bytes)
{
    WorkList& work = engine.work;
    list_parts(engine, work);
    give_shares(engine);
    const std::vector<Ahead>* then = following(engine, type);
    engine.pool.parallel_for(engine.pool.threads(), [&](int64_t thread) {
        const Worker worker(engine, type, scratch == nullptr ? nullptr : scratch + thread * panel_bytes, then == nullptr ? Ahead{} : (*then)[static_cast<size_t>(thread)]);
        uint32_t unit, next;
        while (engine.shares.take(static_cast<int32_t>(thread), unit)) {
            const bool more = engine.shares.next(static_cast<int32_t>(thread), next);
            const Unit following = more ? unit_of(work, next) : Unit{};
            worker.run(unit_of(work, unit), more ? &following : nullptr);
        }
    });
    work.products.clear();
    work.packings.clear();
    work.transpositions.clear();
}

}  // namespace seal
