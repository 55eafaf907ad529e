#include "weight.hpp"

#include "dtype.hpp"
#include "large_memory.hpp"

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
        made->forward_panels = seal::piece_of_large_memory(seal::packed_elements(e, type, columns, rows) * size);
        made->backward_panels = seal::piece_of_large_memory(seal::packed_elements(e, type, rows, columns) * size);
        // Neither the engine's scratch, which would keep the largest weight's bytes for good, nor a piece of what weights share.
        std::unique_ptr<std::byte[]> rounded;
        const void* source = values;
        if (type == SEAL_BF16) {
            rounded = std::make_unique_for_overwrite<std::byte[]>(static_cast<size_t>(elements * size));
            std::byte* narrow = rounded.get();
            e.pool.parallel_blocks(elements, 65536, [&](int64_t first, int64_t last) {
                e.kernels.narrow_weights(values + first, narrow + first * size, last - first);
            });
            source = narrow;
        }
        e.work.clear();
        e.work.packings.push_back({true, source, columns, columns, rows, made->forward_panels.get()});
        e.work.packings.push_back({false, source, columns, rows, columns, made->backward_panels.get()});
        seal::run_work(e, type);
        result = made.release();
    });
}

void seal_weight_destroy(SealWeight* weight) noexcept
{
    delete weight;
}
