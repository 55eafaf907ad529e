#include "dtype.hpp"
#include "weight.hpp"

SealStatus seal_embed(SealEngine* engine, SealDType type, const SealWeight* table, const int32_t* tokens, int64_t n, void* y) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealWeight& w = seal::usable_weight(e, seal::activation_type(type), table, "table");
        if (seal::element_count(n, "n") == 0)
            return;
        seal::required_memory(tokens, "tokens");
        seal::required_memory(y, "y");
        for (int64_t i = 0; i < n; i++)
            if (tokens[i] < 0 || tokens[i] >= w.rows)
                throw seal::Error(SEAL_BAD_ARGUMENT, "token " + std::to_string(i) + " is " + std::to_string(tokens[i]) +
                    ", expected 0 to " + std::to_string(w.rows - 1));
        e.pool.parallel_blocks(n, 16, [&](int64_t first, int64_t last) {
            for (int64_t i = first; i < last; i++)
                e.kernels.unpack_row(type, w.forward_panels.get(), w.rows, w.columns, tokens[i], static_cast<std::byte*>(y) + i * w.columns * seal::size_of(type));
        });
    });
}
