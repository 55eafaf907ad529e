// Rows of a matrix in blocks: all of them to f32, or those of tokens to activations. A warp a row and turn; bytes: the blocks once.
#include "quantized.hpp"

#include <memory>

namespace seal::cuda {

namespace {

// y[i] = row rows[i] of the matrix, or its row i where no rows are named.
template <typename T>
struct UnpackRowsKernel {
    SealBlockType type;
    Global<const uint8_t> blocks;
    int64_t columns;
    Global<const int32_t> rows;
    int64_t count;
    Global<T> y;

    __device__ __forceinline__ void operator()() const
    {
        const int64_t i = static_cast<int64_t>(blockIdx.x) * block_warps + warp_number();
        if (i >= count)
            return;
        const int64_t row = rows ? rows.get(i) : i, row_blocks = columns / block_length;
        for (int64_t b = 0; b < row_blocks; b++)
            y.put(i * columns + b * block_length + lane_number(),
                narrow<T>(weight_of_block(type, blocks, (row * row_blocks + b) * block_bytes(type), lane_number())));
    }
};

}  // namespace

}  // namespace seal::cuda

SealStatus seal_quantized_weight_create(
    SealBlockType type, const void* blocks, int64_t bytes, int32_t rows, int32_t columns, SealQuantizedWeight** weight) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealQuantizedWeight*& result = seal::required(weight, "weight");
        result = nullptr;
        if (type != SEAL_Q4_0 && type != SEAL_Q4_1 && type != SEAL_Q8_0)
            throw seal::Error(SEAL_BAD_ARGUMENT, "block type is " + std::to_string(type) + ", expected 0 (Q4_0), 1 (Q4_1) or 2 (Q8_0)");
        seal::required_memory(blocks, "blocks");
        if (seal::at_least(1, columns, "columns") % block_length != 0)
            throw seal::Error(SEAL_BAD_ARGUMENT, "columns is " + std::to_string(columns) + ", expected whole blocks of 32");
        seal::element_count(int64_t{seal::at_least(1, rows, "rows")} * columns, "rows * columns");
        const int64_t wanted = int64_t{rows} * (columns / block_length) * block_bytes(type);
        if (bytes != wanted)
            throw seal::Error(SEAL_BAD_ARGUMENT, "bytes is " + std::to_string(bytes) + ", expected " + std::to_string(wanted) + " for " +
                std::to_string(rows) + " x " + std::to_string(columns));
        std::unique_ptr<SealQuantizedWeight> made(new SealQuantizedWeight{type, rows, columns, DeviceMemory(bytes)});
        copy_to_device(made->memory.data(), blocks, bytes);
        result = made.release();
    });
}

void seal_quantized_weight_destroy(SealQuantizedWeight* weight) noexcept
{
    delete weight;
}

// To the host: no engine is asked, so the launch is this function's own.
SealStatus seal_quantized_weight_unpack(const SealQuantizedWeight* weight, float* values) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        const SealQuantizedWeight& w = seal::required(weight, "weight");
        seal::required_memory(values, "values");
        const int64_t count = int64_t{w.rows} * w.columns;
        const DeviceMemory unpacked(4 * count);
        launch_kernel("quantized_weight_unpack", {divided_up(w.rows, block_warps), 1, 1}, 0, UnpackRowsKernel<float>{w.type, w.blocks(), int64_t{w.columns},
            Global<const int32_t>(), int64_t{w.rows}, out<float>(unpacked.data(), count)});
        copy_to_host(values, unpacked.data(), 4 * count);
    });
}

SealStatus seal_quantized_embed(
    SealEngine* engine, SealDType type, const SealQuantizedWeight* table, const int32_t* tokens, int64_t n, void* y) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealQuantizedWeight& w = seal::required(table, "table");
        seal::activation_type(type);
        const int64_t count = seal::elements(n, w.columns, "y");
        if (count == 0)
            return;
        seal::required_memory(tokens, "tokens");
        seal::required_memory(y, "y");
        seal::indices_within(tokens, n, 0, w.rows, "tokens");
        with_type(type, [&]<typename T>(T) {
            e.launch("quantized_embed", {divided_up(n, block_warps), 1, 1}, 0, UnpackRowsKernel<T>{w.type, w.blocks(), int64_t{w.columns},
                e.tables.of(tokens, n), n, out<T>(y, count)});
        });
    });
}
