#include "tensor_core.hpp"

namespace seal::cuda {

namespace {

using emulation::machine;
using emulation::warp_lanes;

constexpr uint32_t all_lanes = 0xffffffffu;

struct Load {
    int64_t offset;  // of this lane's row, in bytes
    uint32_t* registers;
};

uint16_t shared_half(int64_t offset)
{
    uint16_t value;
    std::memcpy(&value, machine.shared().at(offset), sizeof value);
    return value;
}

template <bool Transposed>
void run_load(void* const* lanes, uint32_t)
{
    for (int32_t lane = 0; lane < warp_lanes; lane++)
        for (int32_t matrix = 0; matrix < 4; matrix++) {
            uint32_t halves[2];
            for (int32_t half = 0; half < 2; half++) {
                const int32_t row = Transposed ? 2 * (lane % 4) + half : lane / 4, column = Transposed ? lane / 4 : 2 * (lane % 4) + half;
                halves[half] = shared_half(static_cast<Load*>(lanes[8 * matrix + row])->offset + 2 * column);
            }
            static_cast<Load*>(lanes[lane])->registers[matrix] = halves[0] | halves[1] << 16;
        }
}

template <bool Transposed>
void load(uint32_t (&registers)[4], Shared<Bf16> memory, int64_t i, Place at)
{
    static const char operation = 0;
    const int64_t offset = memory.place(i, 8, "loads a matrix's row of", at);
    if (machine.watches_memory)
        machine.shared().read(offset, 16, at);
    Load own{offset, registers};
    machine.collective(all_lanes, &operation, &own, at, &run_load<Transposed>);
}

struct Multiply {
    float* d;
    const uint32_t* a;
    const uint32_t* b;
};

float half_of(uint32_t pair, int32_t which)
{
    return widen(Bf16{static_cast<uint16_t>(pair >> (16 * which))});
}

void run_multiply(void* const* lanes, uint32_t)
{
    float a[16][16], b[16][8];
    for (int32_t lane = 0; lane < warp_lanes; lane++) {
        const auto& own = *static_cast<const Multiply*>(lanes[lane]);
        const int32_t g = lane / 4, t = lane % 4;
        for (int32_t half = 0; half < 2; half++) {
            a[g][2 * t + half] = half_of(own.a[0], half);
            a[g + 8][2 * t + half] = half_of(own.a[1], half);
            a[g][2 * t + 8 + half] = half_of(own.a[2], half);
            a[g + 8][2 * t + 8 + half] = half_of(own.a[3], half);
            b[2 * t + half][g] = half_of(own.b[0], half);
            b[2 * t + 8 + half][g] = half_of(own.b[1], half);
        }
    }
    for (int32_t lane = 0; lane < warp_lanes; lane++) {
        float* d = static_cast<const Multiply*>(lanes[lane])->d;
        const int32_t g = lane / 4, t = lane % 4;
        for (int32_t i = 0; i < 4; i++) {
            float sum = d[i];
            for (int32_t k = 0; k < 16; k++)
                sum += a[g + 8 * (i / 2)][k] * b[k][2 * t + i % 2];
            d[i] = sum;
        }
    }
}

}  // namespace

void load_matrices(uint32_t (&registers)[4], Shared<Bf16> memory, int64_t i, Place at)
{
    load<false>(registers, memory, i, at);
}

void load_matrices_transposed(uint32_t (&registers)[4], Shared<Bf16> memory, int64_t i, Place at)
{
    load<true>(registers, memory, i, at);
}

void multiply_matrices(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], Place at)
{
    static const char operation = 0;
    Multiply own{d, a, b};
    machine.collective(all_lanes, &operation, &own, at, &run_multiply);
}

}  // namespace seal::cuda
