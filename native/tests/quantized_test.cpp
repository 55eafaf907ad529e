// Linears over weights in blocks against plain sums over the unpacked matrix in f64, on every instruction set: every block type, rows
// from 1 to beyond a tile, columns that fill no strip, adapters; a row's bits alone and beside others, with one thread and with three.
// Where the processor multiplies bytes, the sums are over activations rounded by the rule of quantized_product.hpp.
#include "check.hpp"
#include "each_isa.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

using seal::check;

namespace {

uint32_t random_bits(uint64_t seed)
{
    seed = (seed + 1) * 0x9e3779b97f4a7c15u;
    seed = (seed ^ seed >> 30) * 0xbf58476d1ce4e5b9u;
    return static_cast<uint32_t>((seed ^ seed >> 27) * 0x94d049bb133111ebu >> 32);
}

float uniform(uint64_t seed)
{
    return static_cast<float>(random_bits(seed)) / 0x1p31f - 1;
}

int64_t block_size(SealBlockType type)
{
    return type == SEAL_Q4_0 ? 18 : type == SEAL_Q4_1 ? 20 : 34;
}

// Random quants; scales and minima from 2^-6 on (f16 0x2400 + 10 random bits), minima negative.
std::vector<uint8_t> random_blocks(SealBlockType type, int64_t count)
{
    std::vector<uint8_t> blocks(static_cast<size_t>(count * block_size(type)));
    for (size_t i = 0; i < blocks.size(); i++)
        blocks[i] = static_cast<uint8_t>(random_bits(i));
    for (int64_t block = 0; block < count; block++)
        for (int64_t i = 0; i < (type == SEAL_Q4_1 ? 2 : 1); i++) {
            const auto half = static_cast<uint16_t>((i == 0 ? 0x2400 : 0xb000) + random_bits(static_cast<uint64_t>(1000000 + 2 * block + i)) % 1024);
            std::memcpy(blocks.data() + block * block_size(type) + 2 * i, &half, 2);
        }
    return blocks;
}

struct Values {
    Values(SealDType type, int64_t count, uint64_t seed, float spread = 1) : values(static_cast<size_t>(count)), stored(static_cast<size_t>(count * (type == SEAL_BF16 ? 2 : 4)))
    {
        for (size_t i = 0; i < values.size(); i++) {
            uint32_t bits;
            values[i] = uniform(seed + i) * spread;
            std::memcpy(&bits, &values[i], 4);
            if (type == SEAL_BF16)
                bits &= 0xffff0000u;
            std::memcpy(&values[i], &bits, 4);
            if (type == SEAL_BF16)
                bits >>= 16;
            std::memcpy(stored.data() + i * (type == SEAL_BF16 ? 2 : 4), &bits, type == SEAL_BF16 ? 2 : 4);
        }
    }

    std::vector<float> values;
    std::vector<std::byte> stored;
};

struct Case {
    SealBlockType blocks;
    SealDType type;
    int32_t rows, columns, k;
};

// Groups of 8 as p·c with c = max|x| / 127 and p whole; groups below 2^-100 are zeros.
std::vector<float> in_bytes(const std::vector<float>& x)
{
    std::vector<float> rounded(x.size());
    for (size_t group = 0; group < x.size(); group += 8) {
        float largest = 0;
        for (size_t i = group; i < group + 8; i++)
            largest = std::max(largest, std::abs(x[i]));
        const float inverse = largest < 0x1p-100f ? 0 : 127 / largest;
        for (size_t i = group; i < group + 8; i++)
            rounded[i] = std::nearbyint(x[i] * inverse) * (largest * (1.0f / 127));
    }
    return rounded;
}

float stored_z(SealDType type, const std::vector<std::byte>& z, size_t i)
{
    uint32_t bits = 0;
    std::memcpy(&bits, z.data() + i * (type == SEAL_BF16 ? 2 : 4), type == SEAL_BF16 ? 2 : 4);
    if (type == SEAL_BF16)
        bits <<= 16;
    float x;
    std::memcpy(&x, &bits, 4);
    return x;
}

void multiply(SealEngine* engine, SealEngine* alone, const std::string& isa, const Case& c)
{
    const std::string what = isa + " blocks " + std::to_string(c.blocks) + (c.type == SEAL_BF16 ? " bf16 " : " f32 ") + std::to_string(c.rows) + "x" +
        std::to_string(c.columns) + "x" + std::to_string(c.k);
    const std::vector<uint8_t> blocks = random_blocks(c.blocks, int64_t{c.columns} * c.k / 32);
    SealQuantizedWeight* weight = nullptr;
    check(seal_quantized_weight_create(c.blocks, blocks.data(), static_cast<int64_t>(blocks.size()), c.columns, c.k, &weight) == SEAL_OK, what + " is packed");
    std::vector<float> w(static_cast<size_t>(int64_t{c.columns} * c.k));
    check(seal_quantized_weight_unpack(weight, w.data()) == SEAL_OK, what + " is unpacked");

    constexpr int32_t rank = 5;
    const int64_t size = c.type == SEAL_BF16 ? 2 : 4;
    const Values x(c.type, int64_t{c.rows} * c.k, 7), factors(c.type, int64_t{rank} * (c.k + c.columns), 77, 0.25f);
    std::vector<float> bias(static_cast<size_t>(c.columns));
    for (size_t i = 0; i < bias.size(); i++)
        bias[i] = uniform(500 + i);
    // Rows 2 .. 5 of those that there are have an adapter.
    const SealRowSegment segment{2, std::min(4, c.rows - 2)};
    const SealLoraFactors own{0, 0.5f};
    const SealFactorShape shape{rank, c.k, c.columns, 0, int64_t{rank} * c.k};
    const auto parameters = static_cast<int64_t>(factors.values.size());
    SealAdapters* adapters = nullptr;
    check(seal_adapters_create(engine, c.type, &shape, 1, parameters, &adapters) == SEAL_OK, what + " has adapters");
    check(seal_adapters_publish(engine, adapters, factors.values.data(), 0, parameters, 0) == SEAL_OK, what + " publishes them");
    const auto run = [&](SealEngine* e, int32_t first, int32_t rows, const SealRowSegment* adapted, float* y, std::byte* z) {
        const SealQuantizedMember member{weight, bias.data(), y};
        const SealQuantizedLinear group{c.type, SEAL_F32, rows, c.k, 1, adapted == nullptr ? 0 : 1, rank, x.stored.data() + first * c.k * size, z, &member, adapted, &own, adapters, nullptr};
        return seal_quantized_linear(e, &group);
    };
    std::vector<float> y(static_cast<size_t>(c.rows * c.columns + 1), NAN);
    std::vector<std::byte> z(static_cast<size_t>(c.rows * rank * size));
    const bool adapted = c.rows > 2;
    check(run(engine, 0, c.rows, adapted ? &segment : nullptr, y.data(), z.data()) == SEAL_OK, what + " is multiplied");
    check(std::isnan(y.back()), what + " writes nothing behind the last element");

    const std::vector<float> read = c.type == SEAL_BF16 && engine->isa == SEAL_ISA_AVX512_BF16 ? in_bytes(x.values) : x.values;
    double worst = 0;
    for (int64_t row = 0; row < c.rows; row++) {
        const bool has = adapted && row >= segment.start && row < segment.start + segment.count;
        const auto at = static_cast<size_t>(row * c.k);
        double own_z[rank] = {};
        for (int64_t j = 0; has && j < rank; j++) {
            for (int64_t i = 0; i < c.k; i++)
                own_z[j] += 0.5 * x.values[at + static_cast<size_t>(i)] * factors.values[static_cast<size_t>(j * c.k + i)];
            const float found = stored_z(c.type, z, static_cast<size_t>(row * rank + j));
            check(std::abs(found - own_z[j]) < (c.type == SEAL_BF16 ? 0x1p-7 : 1e-5) * (1 + std::abs(own_z[j])), what + " projects");
            own_z[j] = found;
        }
        for (int64_t column = 0; column < c.columns; column++) {
            double sum = bias[static_cast<size_t>(column)], absolute = std::abs(sum);
            for (int64_t i = 0; i < c.k; i++) {
                const double term = static_cast<double>(read[at + static_cast<size_t>(i)]) * w[static_cast<size_t>(column * c.k + i)];
                sum += term;
                absolute += std::abs(term);
            }
            for (int64_t j = 0; has && j < rank; j++)
                sum += own_z[j] * factors.values[static_cast<size_t>(rank * c.k + column * rank + j)];
            worst = std::max(worst, std::abs(y[static_cast<size_t>(row * c.columns + column)] - sum) / absolute);
        }
    }
    // Rounding of sums over k in f32, of which at most a few units do not cancel.
    check(worst < 4e-6, what + ": " + std::to_string(worst) + " of the sum of magnitudes");

    std::vector<float> one(static_cast<size_t>(c.columns)), again(y.size());
    for (int32_t row = 0; row < c.rows; row++) {
        const bool has = adapted && row >= segment.start && row < segment.start + segment.count;
        const SealRowSegment only{0, 1};
        check(run(alone, row, 1, has ? &only : nullptr, one.data(), z.data()) == SEAL_OK, what + " is multiplied row by row");
        check(std::memcmp(one.data(), y.data() + row * c.columns, one.size() * 4) == 0, what + ": row " + std::to_string(row) + " alone has the same bits");
    }
    seal_adapters_destroy(adapters);
    seal_quantized_weight_destroy(weight);
}

// Rows of zeros, of numbers too small for a scale, and of infinities: what is not finite must not come out as a number.
void extremes(SealEngine* engine, const std::string& isa, SealBlockType type)
{
    const std::vector<uint8_t> blocks = random_blocks(type, 16);
    SealQuantizedWeight* weight = nullptr;
    check(seal_quantized_weight_create(type, blocks.data(), static_cast<int64_t>(blocks.size()), 16, 32, &weight) == SEAL_OK, isa + " packs a matrix");
    constexpr uint16_t zero = 0, tiny = 0x0001, infinity = 0x7f80, nan = 0x7fc0;  // bf16
    for (int32_t rows : {1, 4}) {
        std::vector<uint16_t> x(static_cast<size_t>(rows) * 32, zero);
        std::vector<float> y(static_cast<size_t>(rows) * 16, NAN);
        const SealQuantizedMember member{weight, nullptr, y.data()};
        const SealQuantizedLinear group{SEAL_BF16, SEAL_F32, rows, 32, 1, 0, 0, x.data(), nullptr, &member, nullptr, nullptr, nullptr, nullptr};
        const auto run = [&](uint16_t value) {
            x[x.size() - 32 + 9] = value;
            check(seal_quantized_linear(engine, &group) == SEAL_OK, isa + " multiplies extremes");
            return std::vector<float>(y.end() - 16, y.end());
        };
        for (float value : run(zero))
            check(value == 0, isa + ": zeros stay zeros");
        for (float value : run(tiny))
            check(std::abs(value) < 0x1p-100f, isa + ": what is tiny stays tiny");
        for (uint16_t not_finite : {infinity, nan})
            for (float value : run(not_finite))
                check(!std::isfinite(value), isa + ": what is not finite stays so");
    }
    seal_quantized_weight_destroy(weight);
}

void embed(SealEngine* engine, const std::string& isa, SealBlockType type)
{
    const std::vector<uint8_t> blocks = random_blocks(type, 19 * 3);
    SealQuantizedWeight* table = nullptr;
    check(seal_quantized_weight_create(type, blocks.data(), static_cast<int64_t>(blocks.size()), 19, 96, &table) == SEAL_OK, isa + " packs a table");
    std::vector<float> w(19 * 96), y(2 * 96);
    check(seal_quantized_weight_unpack(table, w.data()) == SEAL_OK, isa + " unpacks it");
    const int32_t tokens[] = {18, 3}, outside[] = {19};
    check(seal_quantized_embed(engine, SEAL_F32, table, tokens, 2, y.data()) == SEAL_OK, isa + " embeds");
    check(std::memcmp(y.data(), w.data() + 18 * 96, 96 * 4) == 0 && std::memcmp(y.data() + 96, w.data() + 3 * 96, 96 * 4) == 0, isa + " embeds the table's rows");
    check(seal_quantized_embed(engine, SEAL_F32, table, outside, 1, y.data()) == SEAL_BAD_ARGUMENT, "a token outside the table is refused");
    check(seal_quantized_embed(engine, 7, table, tokens, 1, y.data()) == SEAL_BAD_ARGUMENT, "an unknown type is refused");
    check(seal_quantized_embed(engine, SEAL_F32, nullptr, tokens, 1, y.data()) == SEAL_BAD_ARGUMENT, "no table is refused");
    seal_quantized_weight_destroy(table);
}

// One block of each type by the format's own words.
void formats()
{
    uint8_t block[34] = {0x00, 0x38, 0x00, 0xc0};  // d = 0.5, m = -2
    block[4] = 0x9f;                               // Q4_1: weight 0 is 15, weight 16 is 9
    float values[32];
    SealQuantizedWeight* weight = nullptr;
    check(seal_quantized_weight_create(SEAL_Q4_1, block, 20, 1, 32, &weight) == SEAL_OK && seal_quantized_weight_unpack(weight, values) == SEAL_OK, "Q4_1");
    check(values[0] == 5.5f && values[16] == 2.5f && values[1] == -2, "Q4_1 is d·q + m");
    seal_quantized_weight_destroy(weight);
    check(seal_quantized_weight_create(SEAL_Q4_0, block, 18, 1, 32, &weight) == SEAL_OK && seal_quantized_weight_unpack(weight, values) == SEAL_OK, "Q4_0");
    check(values[2] == 3.5f && values[18] == 0.5f && values[3] == -4, "Q4_0 is d·(q - 8)");
    seal_quantized_weight_destroy(weight);
    check(seal_quantized_weight_create(SEAL_Q8_0, block, 34, 1, 32, &weight) == SEAL_OK && seal_quantized_weight_unpack(weight, values) == SEAL_OK, "Q8_0");
    check(values[1] == -32 && values[2] == -48.5f && values[3] == 0, "Q8_0 is d·q");
    seal_quantized_weight_destroy(weight);
}

void refusals(SealEngine* engine)
{
    const std::vector<uint8_t> blocks = random_blocks(SEAL_Q4_0, 4);
    SealQuantizedWeight* weight = nullptr;
    check(seal_quantized_weight_create(3, blocks.data(), 72, 2, 64, &weight) == SEAL_BAD_ARGUMENT && weight == nullptr, "an unknown block type is refused");
    check(seal_quantized_weight_create(SEAL_Q4_0, nullptr, 72, 2, 64, &weight) == SEAL_BAD_ARGUMENT, "no blocks are refused");
    check(seal_quantized_weight_create(SEAL_Q4_0, blocks.data(), 71, 2, 64, &weight) == SEAL_BAD_ARGUMENT, "bytes that are no whole matrix are refused");
    check(seal_quantized_weight_create(SEAL_Q4_0, blocks.data(), 72, 2, 63, &weight) == SEAL_BAD_ARGUMENT, "part of a block is refused");
    check(seal_quantized_weight_create(SEAL_Q4_0, blocks.data(), 72, 0, 64, &weight) == SEAL_BAD_ARGUMENT, "no rows are refused");
    check(seal_quantized_weight_create(SEAL_Q4_0, blocks.data(), 72, INT32_MAX, 2147483616, &weight) == SEAL_BAD_ARGUMENT, "a matrix beyond all memory is refused");
    check(seal_quantized_weight_create(SEAL_Q4_0, blocks.data(), 72, 2, 64, nullptr) == SEAL_BAD_ARGUMENT, "nowhere to put it is refused");
    check(seal_quantized_weight_create(SEAL_Q4_0, blocks.data(), 72, 2, 64, &weight) == SEAL_OK, "a whole matrix is taken");
    check(seal_quantized_weight_unpack(weight, nullptr) == SEAL_BAD_ARGUMENT && seal_quantized_weight_unpack(nullptr, nullptr) == SEAL_BAD_ARGUMENT, "null is refused");

    float x[64] = {}, y[2], parameters[66] = {}, z[1];
    SealQuantizedMember member{weight, nullptr, y};
    SealRowSegment segment{0, 1};
    const SealFactorShape shape{1, 64, 2, 0, 64};
    SealAdapters* adapters = nullptr;
    check(seal_adapters_create(engine, SEAL_F32, &shape, 1, 66, &adapters) == SEAL_OK, "adapters are made");
    check(seal_adapters_publish(engine, adapters, parameters, 0, 66, 0) == SEAL_OK, "adapters are published");
    SealLoraFactors factors{0, 1};
    const SealQuantizedLinear good{SEAL_F32, SEAL_F32, 1, 64, 1, 1, 1, x, z, &member, &segment, &factors, adapters, nullptr};
    SealQuantizedLinear group = good;
    check(seal_quantized_linear(engine, &group) == SEAL_OK, "a group runs");
    const auto refused = [&](auto&& change, const char* what) {
        group = good;
        change(group);
        check(seal_quantized_linear(engine, &group) == SEAL_BAD_ARGUMENT, what);
    };
    refused([](auto& g) { g.rows = 0; }, "no rows are refused");
    refused([](auto& g) { g.inputs = 32; }, "a weight of another width is refused");
    refused([](auto& g) { g.type = 5; }, "an unknown type is refused");
    refused([](auto& g) { g.y_type = -1; }, "an unknown type of y is refused");
    refused([](auto& g) { g.x = nullptr; }, "no x is refused");
    refused([](auto& g) { g.member_count = 0; }, "no members are refused");
    refused([](auto& g) { g.members = nullptr; }, "no table of members is refused");
    refused([](auto& g) { g.segment_count = -1; }, "negative segments are refused");
    refused([](auto& g) { g.segments = nullptr; }, "no segments are refused");
    refused([](auto& g) { g.z_width = 0; }, "a z too narrow is refused");
    refused([](auto& g) { g.z = nullptr; }, "no z is refused");
    refused([](auto& g) { g.adapters = nullptr; }, "no adapters are refused");
    refused([&](auto& g) { g.gated = z; }, "gating one member is refused");
    segment.count = 2;
    refused([](auto&) {}, "a segment beyond the rows is refused");
    segment.count = 1;
    factors.factors = 1;
    refused([](auto&) {}, "factors that do not exist are refused");
    factors.factors = 0;
    member.weight = nullptr;
    refused([](auto&) {}, "no weight is refused");
    member = {weight, nullptr, nullptr};
    refused([](auto&) {}, "no y is refused");
    check(seal_quantized_linear(engine, nullptr) == SEAL_BAD_ARGUMENT && seal_quantized_linear(nullptr, &good) == SEAL_BAD_ARGUMENT, "null is refused");
    seal_adapters_destroy(adapters);
    seal_quantized_weight_destroy(weight);
    seal_quantized_weight_destroy(nullptr);
}

}  // namespace

int main()
{
    formats();
    seal::each_isa([](SealEngine* engine, const std::string& isa) {
        SealEngine alone(1, engine->isa);
        for (SealBlockType blocks : {SEAL_Q4_0, SEAL_Q4_1, SEAL_Q8_0}) {
            for (SealDType type : {SEAL_F32, SEAL_BF16})
                for (int32_t rows = 1; rows <= 33; rows++)
                    multiply(engine, &alone, isa, {blocks, type, rows, 16 + rows * 5 % 100, 32 * (1 + rows % 4)});
            embed(engine, isa, blocks);
            extremes(engine, isa, blocks);
        }
        refusals(engine);
    }, 3);
    return seal::result();
}
