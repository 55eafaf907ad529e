#include "weight.hpp"

#include "dtype.hpp"

#include <memory>

SealStatus seal_weight_create(SealEngine* engine, SealDType type, const float* values, int32_t rows, int32_t columns, SealWeight** weight) noexcept
{
    return seal::guarded([&] {
        SealWeight*& result = seal::required(weight, "weight");
        result = nullptr;
        SealEngine& e = seal::required(engine, "engine");
        const int64_t size = seal::size_of(seal::activation_type(type));
        seal::required_memory(values, "values");
        seal::at_least(1, rows, "rows");
        seal::at_least(1, columns, "columns");
        auto made = std::make_unique<SealWeight>();
        made->type = type;
        made->isa = e.isa;
        made->rows = rows;
        made->columns = columns;

        const int64_t elements = seal::element_count(int64_t{rows} * columns, "rows * columns");
        void* forward = made->forward.block(seal::packed_elements(e, type, columns, rows) * size);
        void* backward = made->backward.block(seal::packed_elements(e, type, rows, columns) * size);
        // Not the engine's scratch, which would keep the largest weight's bytes for good, and taken last: freed, it leaves no hole between weights.
        seal::Scratch rounded;
        const void* source = values;
        if (type == SEAL_BF16) {
            std::byte* narrow = rounded.block(elements * size);
            e.pool.parallel_blocks(elements, 65536, [&](int64_t first, int64_t last) {
                e.kernels.narrow_weights(values + first, narrow + first * size, last - first);
            });
            source = narrow;
        }
        e.work.clear();
        e.work.packings.push_back({true, source, columns, columns, rows, forward});
        e.work.packings.push_back({false, source, columns, rows, columns, backward});
        seal::run_work(e, type);
        made->forward_panels = forward;
        made->backward_panels = backward;
        result = made.release();
    });
}

void seal_weight_destroy(SealWeight* weight) noexcept
{
    delete weight;
}
