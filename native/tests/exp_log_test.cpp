// The accuracy of exp and log in units in the last place, as the instruction set compiles them: through the softmax's own
// operators, whose formulas leave them almost bare. silu(g)/g = 1/(1 + e^-g) is near e^g where g is very negative, and a row's
// log-sum-exp of n equal scores of 0 is log n.
#include "check.hpp"
#include "each_isa.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

using seal::check;

static double units(float found, double expected)
{
    const double unit = std::ldexp(1.0, std::max(std::ilogb(static_cast<float>(expected)), -126) - 23);
    return std::fabs(found - expected) / unit;
}

static void exponential(SealEngine* engine, const std::string& isa)
{
    std::vector<float> gate, up;
    for (float g = -0.0625f; g > -80; g -= 0.0371f) {
        gate.push_back(g);
        up.push_back(1);
    }
    std::vector<float> y(gate.size());
    check(seal_swiglu(engine, SEAL_F32, gate.data(), up.data(), y.data(), static_cast<int64_t>(y.size())) == SEAL_OK, isa + " swiglu");
    double worst = 0;
    for (size_t i = 0; i < y.size(); i++) {
        const double g = gate[i];
        worst = std::max(worst, units(y[i], g / (1 + std::exp(-g))));
    }
    // 2 units of exp (cpu/simd.hpp), and half a unit each of the sum, the quotient and the product; twice that where the binade changes.
    check(worst <= 4, isa + " silu is off by " + std::to_string(worst) + " units");
    std::printf("%s: silu within %.2f units\n", isa.c_str(), worst);
}

// Sequences of two rows with scores a and 0, values 0 and 1: the second row mixes e^-a / (1 + e^-a).
static void negative_exponential(SealEngine* engine, const std::string& isa)
{
    std::vector<float> q, k, v;
    std::vector<int32_t> ends = {0};
    for (float a = 0.05f; a < 80; a += 0.0371f) {
        q.insert(q.end(), {1, 1});
        k.insert(k.end(), {a, 0});
        v.insert(v.end(), {0, 1});
        ends.push_back(static_cast<int32_t>(q.size()));
    }
    std::vector<float> y(q.size());
    check(seal_causal_attention(engine, SEAL_F32, 1, 1, 1, ends.data(), static_cast<int64_t>(ends.size()) - 1, q.data(), k.data(), v.data(), y.data(), nullptr) == SEAL_OK,
        isa + " attends");
    double worst = 0;
    for (size_t i = 1; i < y.size(); i += 2)
        worst = std::max(worst, units(y[i], 1 / (1 + std::exp(static_cast<double>(k[i - 1])))));
    // 2 units of exp, half a unit each of the sum and the quotient; twice that where the binade changes.
    check(worst <= 4, isa + " softmax is off by " + std::to_string(worst) + " units");
    std::printf("%s: softmax within %.2f units\n", isa.c_str(), worst);
}

static void extremes(SealEngine* engine, const std::string& isa)
{
    const float infinity = INFINITY;
    const std::vector<float> gate = {-200, 200, -1e30f, 1e30f, 0, NAN, infinity}, up(gate.size(), 1.0f);
    std::vector<float> y(gate.size());
    check(seal_swiglu(engine, SEAL_F32, gate.data(), up.data(), y.data(), static_cast<int64_t>(y.size())) == SEAL_OK, isa + " swiglu");
    check(y[0] == 0 && y[2] == 0, isa + " silu of very negative numbers is 0");
    check(y[1] == 200 && y[3] == 1e30f && y[6] == infinity, isa + " silu of large numbers is themselves");
    check(y[4] == 0 && std::isnan(y[5]), isa + " silu of 0 and NaN");
}

static void logarithm(SealEngine* engine, const std::string& isa)
{
    constexpr int32_t length = 700;
    const std::vector<float> nothing(length);
    std::vector<float> y(length), log_sum_exp(length);
    const int32_t ends[] = {0, length};
    check(seal_causal_attention(engine, SEAL_F32, 1, 1, 1, ends, 1, nothing.data(), nothing.data(), nothing.data(), y.data(), log_sum_exp.data()) == SEAL_OK,
        isa + " attends");
    double worst = 0;
    for (int32_t i = 1; i < length; i++)
        worst = std::max(worst, units(log_sum_exp[static_cast<size_t>(i)], std::log(i + 1.0)));
    check(log_sum_exp[0] == 0, isa + " log 1 is 0");
    check(worst <= 0.51, isa + " log is off by " + std::to_string(worst) + " units");
}

int main()
{
    seal::each_isa([](SealEngine* engine, const std::string& isa) {
        exponential(engine, isa);
        negative_exponential(engine, isa);
        extremes(engine, isa);
        logarithm(engine, isa);
    });
    return seal::result();
}
