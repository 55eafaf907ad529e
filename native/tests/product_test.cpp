// Products against plain loops in f64: every instruction set, tails in rows, columns and k, several terms, runs, and each way to store.
#include "check.hpp"
#include "each_isa.hpp"

#include <cmath>
#include <cstring>

using seal::check;

namespace {

// Small whole numbers over 8: exact in bf16, and every product and sum here is exact in f32, so the results must be equal.
float value(int64_t seed)
{
    return static_cast<float>((seed * 2654435761u >> 7) % 17) / 8 - 1;
}

// A matrix in the type of the operands, with NaN behind its last element: nothing may read it.
struct Matrix {
    Matrix(SealDType type, int64_t rows, int64_t columns, int64_t seed) : values(static_cast<size_t>(rows * columns)),
        bytes(static_cast<size_t>((rows * columns + 1) * (type == SEAL_BF16 ? 2 : 4)), std::byte{0xff})
    {
        for (size_t i = 0; i < values.size(); i++) {
            values[i] = value(seed + static_cast<int64_t>(i));
            uint32_t bits;
            std::memcpy(&bits, &values[i], 4);
            if (type == SEAL_BF16)
                bits >>= 16;
            std::memcpy(bytes.data() + i * (type == SEAL_BF16 ? 2 : 4), &bits, type == SEAL_BF16 ? 2 : 4);
        }
    }

    std::vector<float> values;
    std::vector<std::byte> bytes;
};

float read(SealDType type, const void* at, int64_t i)
{
    if (type == SEAL_F32)
        return static_cast<const float*>(at)[i];
    const uint32_t bits = static_cast<uint32_t>(static_cast<const uint16_t*>(at)[i]) << 16;
    float x;
    std::memcpy(&x, &bits, 4);
    return x;
}

struct Shape {
    int32_t rows, columns, k, own_k;
};

// y = a·b + own terms of every third row; the tile of a row crosses from rows with to rows without them.
void two_terms(SealEngine& e, const std::string& isa, SealDType type, Shape s, bool raw)
{
    const Matrix a(type, s.rows, s.k, 1), b(type, s.k, s.columns, 99), own_a(type, s.rows, s.own_k, 7), own_b(type, s.own_k, s.columns, 55);
    const int64_t size = type == SEAL_BF16 ? 2 : 4;
    std::vector<std::byte> panels(static_cast<size_t>(seal::packed_elements(e, type, s.k, s.columns) * size));
    std::vector<std::byte> own_panels(static_cast<size_t>(seal::packed_elements(e, type, s.own_k, s.columns) * size));
    e.work.packings = {{false, b.bytes.data(), s.columns, s.k, s.columns, panels.data()},
        {false, own_b.bytes.data(), s.columns, s.own_k, s.columns, own_panels.data()}};
    seal::run_work(e, type);
    const seal::Term base = raw ? seal::Term{a.bytes.data(), s.k, b.bytes.data(), 0, s.columns, 0, s.k}
                                : seal::packed_term(e, type, a.bytes.data(), s.k, panels.data(), s.k);
    const seal::Term own = seal::packed_term(e, type, own_a.bytes.data(), s.own_k, own_panels.data(), s.own_k);
    const seal::Run run{&own, 1};
    std::vector<int32_t> run_of_row(static_cast<size_t>(s.rows), -1);
    for (size_t i = 0; i < run_of_row.size(); i++)
        run_of_row[i] = i % 3 == 1 || i >= 16 ? 0 : -1;

    std::vector<float> y(static_cast<size_t>(s.rows * s.columns + 1), NAN), added(y.size(), 2), transposed(y.size(), 1);
    std::vector<float> second(y.size(), NAN);
    const int64_t panel_bytes = (seal::panel_stride(e, type, s.k) * size + 63) / 64 * 64;
    seal::Scratch scratch, scratch_of_test;
    const auto run_with = [&](seal::Store store, void* to, int64_t ldy, void* copy, bool streams = false) {
        seal::Product p{};
        p = {type, s.rows, s.columns, &base, 1, &run, run_of_row.data(), nullptr, 0.5f, store, to, ldy, copy, s.rows, nullptr, streams};
        e.work.products = {p};
        seal::run_work(e, type, scratch.block(panel_bytes * e.pool.threads()), panel_bytes);
    };
    run_with(seal::Store::f32, y.data(), s.columns, second.data());
    run_with(seal::Store::add, added.data(), s.columns, nullptr);
    run_with(seal::Store::add_transposed, transposed.data(), s.rows, nullptr);

    // Past the caches or not, activations are the same.
    const size_t activation_bytes = static_cast<size_t>(s.rows * s.columns * size);
    std::byte* const kept = scratch_of_test.block(static_cast<int64_t>(2 * activation_bytes + 64));
    std::byte* const streamed = kept + (activation_bytes + 63) / 64 * 64;
    run_with(seal::Store::activations, kept, s.columns, nullptr);
    run_with(seal::Store::activations, streamed, s.columns, nullptr, true);

    const std::string what = isa + (type == SEAL_BF16 ? " bf16 " : " f32 ") + (raw ? "raw " : "") + std::to_string(s.rows) + "x" +
        std::to_string(s.columns) + "x" + std::to_string(s.k) + "+" + std::to_string(s.own_k);
    check(std::memcmp(kept, streamed, activation_bytes) == 0, what + ": streamed activations differ");
    int wrong = 0;
    for (int64_t i = 0; i < s.rows; i++)
        for (int64_t j = 0; j < s.columns; j++) {
            double sum = 0;
            for (int64_t l = 0; l < s.k; l++)
                sum += static_cast<double>(a.values[static_cast<size_t>(i * s.k + l)]) * b.values[static_cast<size_t>(l * s.columns + j)];
            if (run_of_row[static_cast<size_t>(i)] == 0)
                for (int64_t l = 0; l < s.own_k; l++)
                    sum += static_cast<double>(own_a.values[static_cast<size_t>(i * s.own_k + l)]) * own_b.values[static_cast<size_t>(l * s.columns + j)];
            const float expected = static_cast<float>(sum / 2);
            const auto at = static_cast<size_t>(i * s.columns + j), back = static_cast<size_t>(j * s.rows + i);
            wrong += y[at] != expected || added[at] != 2 + expected || transposed[back] != 1 + expected;
            wrong += std::abs(read(type, second.data(), static_cast<int64_t>(back)) - expected) > std::abs(expected) / 256;
        }
    check(wrong == 0, what + ": " + std::to_string(wrong) + " elements are wrong");
    check(std::isnan(y.back()) && added.back() == 2 && transposed.back() == 1, what + " writes nothing behind the last element");
}

void weights_are_checked(SealEngine* engine, const std::string& isa)
{
    SealWeight* weight = nullptr;
    const std::vector<float> values(6, 1);
    check(seal_weight_create(engine, SEAL_F32, values.data(), 2, 3, &weight) == SEAL_OK, isa + " packs a weight");
    float h[3] = {1, 2, 3}, logits[2];
    check(seal_logits(engine, SEAL_F32, h, 1, weight, logits) == SEAL_OK && logits[0] == 6 && logits[1] == 6, isa + " multiplies by it");
    check(seal_logits(engine, SEAL_BF16, h, 1, weight, logits) == SEAL_BAD_ARGUMENT, "a weight of another type is refused");
    check(seal_logits(engine, SEAL_F32, h, -1, weight, logits) == SEAL_BAD_ARGUMENT, "negative rows are refused");
    check(seal_logits(engine, SEAL_F32, nullptr, 1, weight, logits) == SEAL_BAD_ARGUMENT, "null is refused");
    check(seal_logits(engine, SEAL_F32, h, 1, nullptr, logits) == SEAL_BAD_ARGUMENT, "no weight is refused");
    const int32_t outside[] = {2}, below[] = {-1};
    float one = 1, log_probability;
    check(seal_embed(engine, SEAL_F32, weight, outside, 1, h) == SEAL_BAD_ARGUMENT, "a token outside the table is refused");
    check(seal_linear_cross_entropy(engine, SEAL_F32, h, 1, weight, below, &one, &log_probability, nullptr) == SEAL_BAD_ARGUMENT, "a target below 0 is refused");

    const SealLinearMember member{weight, nullptr, logits};
    const SealRowSegment segment{0, 1};
    float parameters[5] = {}, z[1];
    SealAdapters* adapters = nullptr;
    const SealFactorShape shape{1, 3, 2, 0, 3};
    check(seal_adapters_create(engine, SEAL_F32, &shape, 1, 5, &adapters) == SEAL_OK, isa + " makes adapters");
    check(seal_adapters_publish(engine, adapters, parameters, 0, 5, 0) == SEAL_OK, isa + " publishes them");
    SealLoraFactors factors{0, 1.0f};
    SealLoraLinear group{SEAL_F32, 1, 3, 1, 1, 1, h, z, &member, &segment, &factors, adapters, nullptr, nullptr};
    check(seal_lora_linear(engine, &group) == SEAL_OK, isa + " runs a group");
    check(seal_lora_linear_backward(engine, &group) == SEAL_BAD_ARGUMENT, "no gradients to add to are refused");
    group.gradients = parameters;
    check(seal_lora_linear_backward(engine, &group) == SEAL_BAD_ARGUMENT, "adapters that were not published for training are refused");
    group.adapters = nullptr;
    check(seal_lora_linear(engine, &group) == SEAL_BAD_ARGUMENT, "no adapters are refused");
    group.adapters = adapters;
    factors.factors = 1;
    check(seal_lora_linear(engine, &group) == SEAL_BAD_ARGUMENT, "factors that do not exist are refused");
    factors.factors = 0;
    group.z_width = 0;
    check(seal_lora_linear(engine, &group) == SEAL_BAD_ARGUMENT, "a z too narrow is refused");
    group.z_width = 1;
    group.rows = 0;
    check(seal_lora_linear(engine, &group) == SEAL_BAD_ARGUMENT, "no rows are refused");
    group.rows = 1;
    group.inputs = 2;
    check(seal_lora_linear(engine, &group) == SEAL_BAD_ARGUMENT, "a weight of another width is refused");
    seal_adapters_destroy(adapters);
    seal_weight_destroy(weight);
    check(seal_weight_create(engine, SEAL_F32, values.data(), 0, 3, &weight) == SEAL_BAD_ARGUMENT && weight == nullptr, "an empty weight is refused");
    check(seal_weight_create(engine, SEAL_F32, values.data(), INT32_MAX, INT32_MAX, &weight) == SEAL_BAD_ARGUMENT, "a weight beyond all memory is refused");
    seal_weight_destroy(nullptr);
}

}  // namespace

int main()
{
    const Shape shapes[] = {{1, 1, 1, 1}, {3, 5, 2, 3}, {8, 48, 64, 8}, {9, 49, 33, 5}, {17, 97, 31, 32}, {50, 130, 65, 1}, {1, 200, 7, 9}};
    seal::each_isa([&](SealEngine* engine, const std::string& isa) {
        for (const Shape& shape : shapes)
            for (SealDType type : {SEAL_F32, SEAL_BF16})
                for (bool raw : {false, true})
                    two_terms(*engine, isa, type, shape, raw);
        weights_are_checked(engine, isa);
    }, 3);
    return seal::result();
}
