#include "rope.hpp"

#include "engine.hpp"
#include "shape.hpp"

SealStatus seal_rope(
    SealEngine* engine, SealDType type, void* x, int64_t rows, int64_t columns, int64_t head_dim, const int32_t* positions,
    const float* cos_sin, int64_t table_rows, int32_t inverse) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::activation_type(type);
        if (head_dim < 2 || head_dim % 2 != 0 || columns % head_dim != 0)
            throw seal::Error(SEAL_BAD_ARGUMENT, "head_dim is " + std::to_string(head_dim) + ", expected an even divisor of the " +
                std::to_string(columns) + " columns");
        seal::elements(table_rows, head_dim, "cos_sin");
        if (seal::elements(rows, columns, "x") == 0)
            return;
        seal::required_memory(x, "x");
        seal::required_memory(positions, "positions");
        seal::required_memory(cos_sin, "cos_sin");
        seal::indices_within(positions, rows, 0, table_rows, "positions");
        const seal::Rope rope{type, columns, head_dim, x, positions, cos_sin, inverse != 0};
        e.pool.parallel_shares(rows, 1 + 8192 / columns, [&](int64_t first, int64_t last) { e.kernels.rope(rope, first, last); });
    });
}

SealStatus seal_rope_pair(
    SealEngine* engine, SealDType type, void* q, int64_t q_columns, void* k, int64_t k_columns, int64_t rows, int64_t head_dim,
    const int32_t* positions, const float* cos_sin, int64_t table_rows, int32_t inverse) noexcept
{
    const SealStatus status = seal_rope(engine, type, q, rows, q_columns, head_dim, positions, cos_sin, table_rows, inverse);
    return status != SEAL_OK ? status : seal_rope(engine, type, k, rows, k_columns, head_dim, positions, cos_sin, table_rows, inverse);
}
