// The kernels with six deliberate mistakes, one at a time (planted.cuh). Each must be reported: by the emulation, as a launch that fails
// and says why, or by a property of the operators that does not hold. Without a mistake everything holds.
#include "check.hpp"
#include "emulation/machine.hpp"
#include "planted.cuh"
#include "seal.h"

#include <cmath>
#include <random>
#include <vector>

namespace seal {

namespace {

using cuda::Mistake;

std::string last_error()
{
    std::string text(static_cast<size_t>(seal_last_error(nullptr, 0)), ' ');
    seal_last_error(text.data(), static_cast<int64_t>(text.size()) + 1);
    return text;
}

std::vector<float> random_values(size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::vector<float> values(count);
    for (float& v : values)
        v = static_cast<float>(static_cast<int>(random() % 33) - 16) / 16;
    return values;
}

// Of small multiples of 1/16 the sums of these tests are exact in f32, and in bf16 their operands are.
std::vector<uint16_t> narrowed(const std::vector<float>& values)
{
    std::vector<uint16_t> result;
    for (float v : values)
        result.push_back(cuda::round_to_bf16(v).bits);
    return result;
}

// A block of the engine's memory.
class Buffer {
public:
    Buffer(SealEngine* engine, size_t bytes) : engine_(engine), bytes_(bytes)
    {
        seal_memory_allocate(engine, static_cast<int64_t>(bytes), &memory_);
        seal_memory_clear(engine, memory_, static_cast<int64_t>(bytes));
    }

    template <typename T>
    Buffer(SealEngine* engine, const std::vector<T>& values) : Buffer(engine, values.size() * sizeof(T))
    {
        seal_memory_write(engine, memory_, values.data(), static_cast<int64_t>(bytes_));
    }

    ~Buffer() { seal_memory_free(memory_); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    void* data() const { return memory_; }
    float* floats() const { return static_cast<float*>(memory_); }

    template <typename T>
    std::vector<T> read() const
    {
        std::vector<T> values(bytes_ / sizeof(T));
        seal_memory_read(engine_, memory_, values.data(), static_cast<int64_t>(bytes_));
        return values;
    }

private:
    SealEngine* engine_;
    size_t bytes_;
    void* memory_ = nullptr;
};

// What a mistake led to: the emulation's words, or the property that does not hold; empty where all is well.
class Trial {
public:
    explicit Trial(SealDType type) : type_(type) { seal_engine_create(0, nullptr, &engine_); }

    ~Trial()
    {
        seal_adapters_destroy(adapters_);
        seal_weight_destroy(weight_);
        seal_engine_destroy(engine_);
    }

    // y = x·Wᵀ + z·Bᵀ with z = s·x·Aᵀ, forward, and twice backward, on 24 rows of 40, to 72 outputs, rank 8.
    std::string lora_linear()
    {
        const std::vector<float> x = random_values(rows * inputs, 1), w = random_values(outputs * inputs, 2), factors = random_values(rank * (inputs + outputs), 3);
        const SealFactorShape shape{rank, inputs, outputs, 0, rank * inputs};
        seal_weight_create(engine_, type_, w.data(), outputs, inputs, &weight_);
        seal_adapters_create(engine_, type_, &shape, 1, static_cast<int64_t>(factors.size()), &adapters_);
        const Buffer parameters(engine_, factors);
        if (seal_adapters_publish(engine_, adapters_, parameters.floats(), 0, static_cast<int64_t>(factors.size()), 1) != SEAL_OK)
            return last_error();
        const Buffer stored_x(engine_, stored(x)), y(engine_, rows * outputs * 4), z(engine_, rows * rank * 4), gradients(engine_, factors.size() * 4);
        const SealLinearMember member{weight_, nullptr, y.data()};
        const SealRowSegment segment{0, rows};
        const SealLoraFactors chosen{0, scale};
        SealLoraLinear arguments{type_, rows, inputs, 1, 1, rank, stored_x.data(), z.data(), &member, &segment, &chosen, adapters_, gradients.floats(), nullptr};
        if (seal_lora_linear(engine_, &arguments) != SEAL_OK)
            return last_error();
        if (const float off = distance(y.read<std::byte>(), x, w, factors); off > tolerance())
            return "y is off by " + std::to_string(off);
        // Gradients accumulate: a second pass doubles them.
        if (seal_lora_linear_backward(engine_, &arguments) != SEAL_OK)
            return last_error();
        const std::vector<float> once = gradients.read<float>();
        if (seal_lora_linear_backward(engine_, &arguments) != SEAL_OK)
            return last_error();
        const std::vector<float> twice = gradients.read<float>();
        for (size_t i = 0; i < once.size(); i++)
            if (std::abs(twice[i] - 2 * once[i]) > 1e-3f * (1 + std::abs(once[i])))
                return "a second backward pass does not add: " + std::to_string(twice[i]) + " after " + std::to_string(once[i]);
        return "";
    }

    std::string greedy()
    {
        std::vector<float> logits = random_values(3 * 200, 4);
        logits[150] = logits[200 + 199] = logits[400] = 9;
        int32_t tokens[3];
        const Buffer device(engine_, logits);
        if (seal_greedy(engine_, device.floats(), 3, 200, tokens) != SEAL_OK)
            return last_error();
        return tokens[0] == 150 && tokens[1] == 199 && tokens[2] == 0 ? "" : "greedy takes another token";
    }

private:
    static constexpr int32_t rows = 24, inputs = 40, outputs = 72, rank = 8;
    static constexpr float scale = 2;

    std::vector<std::byte> stored(const std::vector<float>& values) const
    {
        const std::vector<uint16_t> narrow = narrowed(values);
        const auto* first = reinterpret_cast<const std::byte*>(type_ == SEAL_F32 ? static_cast<const void*>(values.data()) : narrow.data());
        return {first, first + values.size() * (type_ == SEAL_F32 ? 4 : 2)};
    }

    float read(const std::vector<std::byte>& y, size_t i) const
    {
        return type_ == SEAL_F32 ? reinterpret_cast<const float*>(y.data())[i] : cuda::widen(reinterpret_cast<const cuda::Bf16*>(y.data())[i]);
    }

    // Two roundings to bf16 of values up to about 30, or a few of f32.
    float tolerance() const { return type_ == SEAL_F32 ? 1e-3f : 0.6f; }

    float distance(const std::vector<std::byte>& y, const std::vector<float>& x, const std::vector<float>& w, const std::vector<float>& factors) const
    {
        double worst = 0;
        for (size_t r = 0; r < rows; r++)
            for (size_t o = 0; o < outputs; o++) {
                double sum = 0;
                for (size_t k = 0; k < inputs; k++)
                    sum += static_cast<double>(x[r * inputs + k]) * w[o * inputs + k];
                for (size_t j = 0; j < rank; j++) {
                    double z = 0;
                    for (size_t k = 0; k < inputs; k++)
                        z += static_cast<double>(x[r * inputs + k]) * factors[j * inputs + k];
                    sum += scale * z * factors[rank * inputs + o * rank + j];
                }
                const double off = std::abs(read(y, r * outputs + o) - sum);
                worst = off <= worst ? worst : off;
            }
        return static_cast<float>(worst);
    }

    const SealDType type_;
    SealEngine* engine_ = nullptr;
    SealWeight* weight_ = nullptr;
    SealAdapters* adapters_ = nullptr;
};

std::string everything()
{
    for (SealDType type : {SEAL_F32, SEAL_BF16})
        if (const std::string found = Trial(type).lora_linear(); !found.empty())
            return found;
    return Trial(SEAL_F32).greedy();
}

void reports(Mistake mistake, const char* name, const char* expected)
{
    cuda::planted_mistake = mistake;
    const std::string found = everything();
    cuda::planted_mistake = Mistake::none;
    std::printf("%s: %s\n", name, found.empty() ? "not noticed" : found.c_str());
    check(!found.empty() && found.find(expected) != std::string::npos, std::string(name) + " is reported with '" + expected + "'");
}

}  // namespace

}  // namespace seal

int main()
{
    using seal::cuda::Mistake;
    const std::string found = seal::everything();
    seal::check(found.empty(), "without a mistake: " + found);
    seal::reports(Mistake::missing_barrier, "missing barrier", "shared memory");
    seal::reports(Mistake::tile_edge, "tile edge off by one", "out of bounds");
    seal::reports(Mistake::fragment_lane, "wrong fragment lane", "y is off");
    seal::reports(Mistake::unscaled_lora, "unscaled LoRA", "y is off");
    seal::reports(Mistake::stale_accumulator, "stale accumulator", "does not add");
    seal::reports(Mistake::shared_overrun, "shared-memory overrun", "out of bounds: writes 1 elements of shared memory");
    return seal::result();
}
