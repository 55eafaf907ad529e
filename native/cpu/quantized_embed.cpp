#include "dtype.hpp"
#include "engine.hpp"
#include "quantized_weight.hpp"
#include "shape.hpp"

SealStatus seal_quantized_embed(
    SealEngine* engine, SealDType type, const SealQuantizedWeight* table, const int32_t* tokens, int64_t n, void* y) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealQuantizedWeight& w = seal::required(table, "table");
        const int64_t row_bytes = w.columns * seal::size_of(seal::activation_type(type));
        if (seal::elements(n, w.columns, "y") == 0)
            return;
        seal::required_memory(tokens, "tokens");
        seal::required_memory(y, "y");
        seal::indices_within(tokens, n, 0, w.rows, "tokens");
        constexpr int64_t grain = 16;
        auto* scratch = reinterpret_cast<float*>(e.scratch.block((n + grain - 1) / grain * w.columns * 4));
        e.pool.parallel_blocks(n, grain, [&](int64_t first, int64_t last) {
            float* row = scratch + first / grain * w.columns;
            for (int64_t i = first; i < last; i++) {
                w.unpack(tokens[i], row);
                e.kernels.cast(SEAL_F32, row, type, static_cast<std::byte*>(y) + i * row_bytes, w.columns);
            }
        });
    });
}
