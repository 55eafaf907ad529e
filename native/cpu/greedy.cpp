#include "engine.hpp"
#include "shape.hpp"

SealStatus seal_greedy(SealEngine* engine, const float* logits, int64_t rows, int64_t columns, int32_t* tokens) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        seal::at_least<int64_t>(1, columns, "columns");
        if (columns > INT32_MAX)
            throw seal::Error(SEAL_BAD_ARGUMENT, "columns is " + std::to_string(columns) + ", expected what fits a token");
        if (seal::elements(rows, columns, "logits") == 0)
            return;
        seal::required_memory(logits, "logits");
        seal::required_memory(tokens, "tokens");
        e.pool.parallel_for(rows, [&](int64_t row) { tokens[row] = e.kernels.greedy(logits + row * columns, columns); });
    });
}
