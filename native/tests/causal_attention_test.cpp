// Causal attention and its gradients against plain loops in f64, on every instruction set; the same bits for a sequence alone, in a
// pack, and on any number of threads.
#include "check.hpp"
#include "each_isa.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using seal::check;

namespace {

struct Shape {
    int64_t heads, kv_heads, head_dim;
    std::vector<int32_t> ends;  // cu_seqlens

    int64_t rows() const { return ends.back(); }
    int64_t width() const { return heads * head_dim; }
    int64_t kv_width() const { return kv_heads * head_dim; }
};

// A matrix in its own type, and what it holds in f64.
struct Matrix {
    SealDType type;
    std::vector<float> wide;
    std::vector<uint16_t> narrow;

    Matrix(SealDType type, int64_t elements, uint32_t seed) : type(type), wide(static_cast<size_t>(elements)), narrow(wide.size())
    {
        for (size_t i = 0; i < wide.size(); i++) {
            seed = seed * 1664525 + 1013904223;
            wide[i] = static_cast<float>(static_cast<int32_t>(seed)) / 1.5e9f;
            if (type == SEAL_BF16) {
                const uint32_t bits = __builtin_bit_cast(uint32_t, wide[i]) & 0xffff0000u;
                wide[i] = __builtin_bit_cast(float, bits);
                narrow[i] = static_cast<uint16_t>(bits >> 16);
            }
        }
    }

    void* data() { return type == SEAL_BF16 ? static_cast<void*>(narrow.data()) : wide.data(); }

    float operator[](int64_t i) const
    {
        const auto at = static_cast<size_t>(i);
        return type == SEAL_BF16 ? __builtin_bit_cast(float, static_cast<uint32_t>(narrow[at]) << 16) : wide[at];
    }

    // The bytes of rows first .. last of a width.
    std::vector<char> bytes(int64_t first, int64_t last, int64_t width)
    {
        const int64_t size = width * (type == SEAL_BF16 ? 2 : 4);
        const char* from = static_cast<const char*>(data());
        return {from + first * size, from + last * size};
    }
};

struct Attention {
    Shape shape;
    Matrix q, k, v, dy, y, dq, dk, dv;
    std::vector<float> lse;

    Attention(SealDType type, const Shape& s)
        : shape(s), q(type, s.rows() * s.width(), 1), k(type, s.rows() * s.kv_width(), 2), v(type, s.rows() * s.kv_width(), 3),
          dy(type, s.rows() * s.width(), 4), y(type, s.rows() * s.width(), 5), dq(type, s.rows() * s.width(), 6),
          dk(type, s.rows() * s.kv_width(), 7), dv(type, s.rows() * s.kv_width(), 8), lse(static_cast<size_t>(s.rows() * s.heads))
    {
    }

    void run(SealEngine* e)
    {
        const Shape& s = shape;
        const auto sequences = static_cast<int64_t>(s.ends.size()) - 1;
        check(seal_causal_attention(e, q.type, s.heads, s.kv_heads, s.head_dim, s.ends.data(), sequences, q.data(), k.data(), v.data(), y.data(),
            lse.data()) == SEAL_OK, "attention runs");
        check(seal_causal_attention_backward(e, q.type, s.heads, s.kv_heads, s.head_dim, s.ends.data(), sequences, dy.data(), q.data(), k.data(),
            v.data(), y.data(), lse.data(), dq.data(), dk.data(), dv.data()) == SEAL_OK, "its gradients run");
    }
};

// The largest distance as a share of the root mean square.
double off(const Matrix& found, const std::vector<double>& expected)
{
    double square = 0, worst = 0;
    for (size_t i = 0; i < expected.size(); i++) {
        square += expected[i] * expected[i];
        const double distance = std::fabs(static_cast<double>(found[static_cast<int64_t>(i)]) - expected[i]);
        worst = distance <= worst ? worst : distance;  // a NaN is the worst
    }
    return worst / std::sqrt(square / static_cast<double>(expected.size()));
}

void against_plain_loops(SealEngine* engine, const std::string& isa, SealDType type, const Shape& s)
{
    Attention a(type, s);
    a.run(engine);
    std::vector<double> y(static_cast<size_t>(s.rows() * s.width())), dq(y.size()), dk(static_cast<size_t>(s.rows() * s.kv_width())), dv(dk.size());
    double lse_off = 0;
    const double scale = 1 / std::sqrt(static_cast<double>(s.head_dim));
    const auto dot = [&](const Matrix& x, int64_t i, const Matrix& z, int64_t j) {
        double total = 0;
        for (int64_t c = 0; c < s.head_dim; c++)
            total += static_cast<double>(x[i + c]) * z[j + c];
        return total;
    };
    for (size_t sequence = 0; sequence + 1 < s.ends.size(); sequence++)
        for (int64_t head = 0; head < s.heads; head++)
            for (int64_t row = s.ends[sequence]; row < s.ends[sequence + 1]; row++) {
                const int64_t at = row * s.width() + head * s.head_dim;
                const auto key = [&](int64_t j) { return j * s.kv_width() + head / (s.heads / s.kv_heads) * s.head_dim; };
                std::vector<double> p;
                double sum = 0, along = 0;
                for (int64_t j = s.ends[sequence]; j <= row; j++) {
                    p.push_back(std::exp(scale * dot(a.q, at, a.k, key(j))));
                    sum += p.back();
                }
                lse_off = std::max(lse_off, std::fabs(a.lse[static_cast<size_t>(row * s.heads + head)] - std::log(sum)));
                for (double& weight : p)
                    weight /= sum;
                for (int64_t j = s.ends[sequence]; j <= row; j++)
                    along += p[static_cast<size_t>(j - s.ends[sequence])] * dot(a.dy, at, a.v, key(j));
                for (int64_t j = s.ends[sequence]; j <= row; j++) {
                    const double weight = p[static_cast<size_t>(j - s.ends[sequence])];
                    const double ds = weight * (dot(a.dy, at, a.v, key(j)) - along);
                    for (int64_t c = 0; c < s.head_dim; c++) {
                        y[static_cast<size_t>(at + c)] += weight * a.v[key(j) + c];
                        dv[static_cast<size_t>(key(j) + c)] += weight * a.dy[at + c];
                        dq[static_cast<size_t>(at + c)] += scale * ds * a.k[key(j) + c];
                        dk[static_cast<size_t>(key(j) + c)] += scale * ds * a.q[at + c];
                    }
                }
            }
    // Elements reach 3 times the rms or more: y, P and dS are each rounded once or twice, and y's rounding enters every dS of its row.
    const double unit = type == SEAL_BF16 ? 1.0 / 256 : 1e-6, limit = 16 * unit;
    const std::string what = isa + (type == SEAL_BF16 ? " bf16" : " f32") + ", " + std::to_string(s.rows()) + " rows of " + std::to_string(s.heads) +
        " heads of " + std::to_string(s.head_dim) + ": ";
    check(lse_off < 4e-6, what + "log-sum-exp is off by " + std::to_string(lse_off));
    check(off(a.y, y) < limit, what + "y is off by " + std::to_string(off(a.y, y) / unit) + " units");
    check(off(a.dv, dv) < limit, what + "dv is off by " + std::to_string(off(a.dv, dv) / unit) + " units");
    if (s.rows() == static_cast<int64_t>(s.ends.size()) - 1)
        return;  // rows that see only themselves: dq and dk are 0 but for rounding
    check(off(a.dq, dq) < limit, what + "dq is off by " + std::to_string(off(a.dq, dq) / unit) + " units");
    check(off(a.dk, dk) < limit, what + "dk is off by " + std::to_string(off(a.dk, dk) / unit) + " units");
}

// Sequence 2 of a pack, and the same rows as a pack of their own.
void same_bits(SealIsa isa, SealDType type)
{
    const Shape whole{6, 2, 24, {0, 70, 71, 276, 300}}, alone{6, 2, 24, {0, 205}};
    Attention first(type, whole), second(type, whole), single(type, alone);
    for (auto [from, to, width] : {std::tuple{&first.q, &single.q, whole.width()}, {&first.k, &single.k, whole.kv_width()},
             {&first.v, &single.v, whole.kv_width()}, {&first.dy, &single.dy, whole.width()}}) {
        const std::vector<char> rows = from->bytes(71, 276, width);
        std::memcpy(to->data(), rows.data(), rows.size());
    }
    SealEngine one(1, isa), three(3, isa);
    first.run(&one);
    second.run(&three);
    single.run(&three);
    for (auto [a, b, c, width] : {std::tuple{&first.y, &second.y, &single.y, whole.width()}, {&first.dq, &second.dq, &single.dq, whole.width()},
             {&first.dk, &second.dk, &single.dk, whole.kv_width()}, {&first.dv, &second.dv, &single.dv, whole.kv_width()}}) {
        check(a->bytes(0, 300, width) == b->bytes(0, 300, width), std::string(seal::isa_name(isa)) + ": 1 and 3 threads give the same bits");
        check(a->bytes(71, 276, width) == c->bytes(0, 205, width), std::string(seal::isa_name(isa)) + ": alone and in a pack give the same bits");
    }
}

}  // namespace

int main()
{
    seal::each_isa([](SealEngine* engine, const std::string& isa) {
        for (SealDType type : {SEAL_F32, SEAL_BF16}) {
            for (const Shape& shape : {Shape{1, 1, 1, {0, 1}}, {2, 1, 2, {0, 1, 2, 5}}, {9, 3, 64, {0, 40, 80, 81, 145, 145, 162}}, {3, 3, 7, {0, 33, 35, 66}},
                     {2, 1, 128, {0, 129}}, {4, 2, 33, {0, 200, 207}}, {3, 1, 64, {0, 64, 192, 449}}})
                against_plain_loops(engine, isa, type, shape);
            same_bits(engine->isa, type);
        }
    });
    return seal::result();
}
