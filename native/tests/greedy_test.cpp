// The first of the largest, on every instruction set: ties, zeros of both signs, NaN, infinities, every length around a block.
#include "check.hpp"
#include "each_isa.hpp"

#include <cmath>
#include <vector>

using seal::check;

namespace {

int32_t of(SealEngine* engine, const std::vector<float>& x)
{
    int32_t token = -1;
    check(seal_greedy(engine, x.data(), 1, static_cast<int64_t>(x.size()), &token) == SEAL_OK, "it runs");
    return token;
}

void finds(SealEngine* engine, const std::string& isa)
{
    for (size_t n : {1u, 2u, 15u, 63u, 64u, 65u, 1023u, 1024u, 1025u, 5000u})
        for (size_t at : {size_t{0}, n / 2, n - 1}) {
            std::vector<float> x(n);
            for (size_t i = 0; i < n; i++)
                x[i] = -1 - static_cast<float>((i * 7919) % 101);
            x[at] = 3;
            check(of(engine, x) == static_cast<int32_t>(at), isa + " finds " + std::to_string(at) + " of " + std::to_string(n));
            x[n - 1] = 3;
            check(of(engine, x) == static_cast<int32_t>(at), isa + " takes the first of two");
            x[0] = NAN;
            if (at > 0)
                check(of(engine, x) == static_cast<int32_t>(at), isa + " passes a NaN over");
        }
    check(of(engine, {NAN, NAN}) == 0, isa + " answers 0 where all are NaN");
    check(of(engine, {NAN, -INFINITY, NAN, -INFINITY}) == 1, isa + " takes minus infinity before NaN");
    check(of(engine, {-1, -0.0f, 0.0f}) == 1 && of(engine, {-1, 0.0f, -0.0f}) == 1, isa + " takes zeros as equal");
    check(of(engine, {1, INFINITY, 2}) == 1, isa + " knows infinity");

    const float rows[] = {1, 2, 3, 6, 5, 4};
    int32_t tokens[2];
    check(seal_greedy(engine, rows, 2, 3, tokens) == SEAL_OK && tokens[0] == 2 && tokens[1] == 0, isa + " answers row by row");
    check(seal_greedy(engine, rows, 2, 0, tokens) == SEAL_BAD_ARGUMENT, "no columns are refused");
    check(seal_greedy(engine, rows, -1, 3, tokens) == SEAL_BAD_ARGUMENT, "negative rows are refused");
    check(seal_greedy(engine, nullptr, 2, 3, tokens) == SEAL_BAD_ARGUMENT, "no logits are refused");
    check(seal_greedy(engine, rows, 2, 3, nullptr) == SEAL_BAD_ARGUMENT, "nowhere to put the tokens is refused");
    check(seal_greedy(engine, rows, INT64_MAX / 2, 3, tokens) == SEAL_BAD_ARGUMENT, "sizes that overflow are refused");
    check(seal_greedy(nullptr, rows, 2, 3, tokens) == SEAL_BAD_ARGUMENT, "no engine is refused");
}

}  // namespace

int main()
{
    seal::each_isa(finds);
    return seal::result();
}
