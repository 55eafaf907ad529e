// The ABI under random arguments: null, negative, overflowing, mismatched. Whatever is passed, a function returns a status that is no
// internal error, and a refusal comes with a text; the sanitizers see to the rest. Sizes that are not refused are small, because how
// large the caller's memory is, no function can know. The seed is printed and can be given: fuzz_test SEED CALLS.
#include "check.hpp"
#include "each_isa.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <vector>

using seal::check;

namespace {

class Fuzz {
public:
    Fuzz(SealEngine* engine, uint64_t seed) : engine_(engine), state_(seed)
    {
        for (auto& memory : memory_) {
            memory.resize(size_t{1} << 16);
            for (uint8_t& byte : memory)
                byte = static_cast<uint8_t>(next());
        }
        for (auto& list : indices_) {
            list.resize(64);
            for (int32_t& index : list)
                index = static_cast<int32_t>(next() % 8);
        }
        for (size_t i = 0; i < weights_.size(); i++) {
            const auto values = std::vector<float>(64, 0.5f);
            SealWeight* weight = nullptr;
            check(seal_weight_create(engine, i % 2 == 0 ? SEAL_F32 : SEAL_BF16, values.data(), 1 + static_cast<int32_t>(i), 8 - static_cast<int32_t>(i / 2), &weight) == SEAL_OK, "a weight");
            weights_[i] = {weight, seal_weight_destroy};
            adapters_[i] = {adapters_of(engine, static_cast<int32_t>(i)), seal_adapters_destroy};
        }
    }

    // One call of one function.
    SealStatus call()
    {
        spoil_indices();
        SealEngine* e = odds(40) ? nullptr : engine_;
        switch (next() % 22) {
        case 0:
            return seal_add(e, type(), data(), data(), size());
        case 1:
            return seal_cast(e, type(), data(), type(), data(), size());
        case 2:
            return seal_rms_norm(e, type(), data(), data(), data(), floats(), real(), data(), floats(), size(), size());
        case 3:
            return seal_rms_norm_backward(e, type(), data(), data(), floats(), floats(), data(), size(), size());
        case 4:
            return seal_rope(e, type(), data(), size(), size(), size(), indices(), floats(), size(), static_cast<int32_t>(next() % 3) - 1);
        case 5:
            return seal_swiglu(e, type(), data(), data(), data(), size());
        case 6:
            return seal_swiglu_backward(e, type(), data(), data(), data(), data(), data(), size());
        case 7:
            return seal_gather_rows(e, type(), data(), size(), size(), indices(), size(), data());
        case 8:
            return seal_scatter_rows(e, type(), data(), indices(), size(), size(), data(), size());
        case 9:
            return seal_causal_attention(e, type(), size(), size(), size(), ends(), size(), data(), data(), data(), data(), floats());
        case 10:
            return seal_causal_attention_backward(e, type(), size(), size(), size(), ends(), size(), data(), data(), data(), data(), data(), floats(), data(), data(), data());
        case 11:
            return seal_kv_append(e, type(), data(), data(), indices(), size(), size(), data(), data(), size());
        case 12:
            return seal_decode_attention(e, type(), size(), size(), size(), data(), size(), data(), data(), size(), size(), indices(), indices(), ends(), indices(), size(), data());
        case 13:
            return adamw(e);
        case 14:
            return create_weight(e);
        case 15:
            return seal_embed(e, type(), weight(), indices(), size(), data());
        case 16:
            return seal_logits(e, type(), data(), small_size(), weight(), floats());
        case 17:
            return seal_linear_cross_entropy(e, type(), data(), small_size(), weight(), indices(), floats(), floats(), data());
        case 18:
            return create_adapters(e);
        case 19:
            return publish(e);
        case 20:
            return decode_step(e);
        default:
            return lora(e);
        }
    }

private:
    uint64_t next()
    {
        state_ ^= state_ << 13;  // xorshift64 (Marsaglia, 2003)
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_ >> 8;
    }

    bool odds(uint64_t n) { return next() % n == 0; }

    // Right more often than wrong, so that calls get past the first checks.
    SealDType type() { return odds(20) ? static_cast<SealDType>(next() % 9) - 3 : static_cast<SealDType>(next() % 2); }

    int64_t size()
    {
        constexpr int64_t most = std::numeric_limits<int64_t>::max();
        constexpr std::array<int64_t, 8> wild{-1, -7, most, most / 2, most / 4 + 1, most / 8 + 1, std::numeric_limits<int64_t>::min(), -(int64_t{1} << 32)};
        return odds(12) ? wild[next() % wild.size()] : static_cast<int64_t>(next() % 9);
    }

    int32_t small_size()
    {
        constexpr std::array<int32_t, 3> wild{-1, -100, std::numeric_limits<int32_t>::min()};
        return odds(12) ? wild[next() % wild.size()] : static_cast<int32_t>(next() % 9);
    }

    double real()
    {
        constexpr std::array<double, 7> values{0, 1, 0.9, -1, 1e-5, 1e300, std::numeric_limits<double>::quiet_NaN()};
        return values[next() % values.size()];
    }

    uint8_t* data() { return odds(25) ? nullptr : memory_[next() % memory_.size()].data(); }

    float* floats() { return reinterpret_cast<float*>(data()); }

    const int32_t* indices() { return odds(25) ? nullptr : indices_[next() % indices_.size()].data(); }

    // Ascending from 0, as ends of sequences are; not always.
    const int32_t* ends()
    {
        for (size_t i = 0; i < ends_.size(); i++)
            ends_[i] = i == 0 ? (odds(20) ? 1 : 0) : ends_[i - 1] + (odds(30) ? -1 : static_cast<int32_t>(next() % 2));
        return odds(25) ? nullptr : ends_.data();
    }

    const SealWeight* weight() { return odds(25) ? nullptr : weights_[next() % weights_.size()].get(); }

    void spoil_indices()
    {
        auto& list = indices_[next() % indices_.size()];
        list[next() % 8] = odds(4) ? static_cast<int32_t>(next()) : static_cast<int32_t>(next() % 8);
        for (int32_t& index : list)
            if (index < 0 || index > 8)
                index = odds(3) ? index : static_cast<int32_t>(next() % 8);
    }

    SealStatus decode_step(SealEngine* e)
    {
        const SealDecodeStep step{type(), small_size(), small_size(), small_size(), size(), data(), data(), data(), indices(), floats(), size(), data(), data(), size(), size(),
            indices(), indices(), indices(), ends(), indices(), data()};
        return seal_decode_step(e, odds(25) ? nullptr : &step);
    }

    SealStatus adamw(SealEngine* e)
    {
        std::array<SealAdamWRow, 8> table{};
        for (SealAdamWRow& row : table)
            row = {size(), size(), real(), real(), real(), real(), real(), real(), small_size(), odds(9) ? small_size() : 1 + static_cast<int32_t>(next() % 3), odds(3)};
        const SealAdapters* adapters = odds(2) ? nullptr : adapters_[next() % adapters_.size()].get();
        return seal_adamw(e, adapters, odds(25) ? nullptr : table.data(), size(), floats(), floats(), floats(), floats(), adapters != nullptr && !odds(5) ? 128 : size(), floats(), size());
    }

    // Factors of ranks 1 to 3 for weight i; those of the last weight were never published for training.
    SealAdapters* adapters_of(SealEngine* e, int32_t i)
    {
        std::array<SealFactorShape, 3> shapes{};
        int64_t at = 0;
        for (int32_t rank = 1; rank <= 3; rank++) {
            SealFactorShape& f = shapes[static_cast<size_t>(rank - 1)] = {rank, 8 - i / 2, 1 + i, at, 0};
            f.b = at + rank * f.inputs;
            at = f.b + rank * f.outputs;
        }
        SealAdapters* made = nullptr;
        const std::vector<float> parameters(128, 0.25f);
        check(seal_adapters_create(e, i % 2 == 0 ? SEAL_F32 : SEAL_BF16, shapes.data(), 3, 128, &made) == SEAL_OK, "adapters");
        check(seal_adapters_publish(e, made, parameters.data(), 0, 128, i < 5) == SEAL_OK, "adapters are published");
        return made;
    }

    SealStatus create_adapters(SealEngine* e)
    {
        std::array<SealFactorShape, 4> shapes{};
        int64_t at = 0;
        for (SealFactorShape& f : shapes) {
            f = {odds(8) ? small_size() : 2, odds(8) ? small_size() : 3, odds(8) ? small_size() : 4, at, at + 6};
            if (odds(8))
                f.b = size();
            at += 14;
        }
        SealAdapters* made = nullptr;
        const SealStatus status = seal_adapters_create(e, type(), odds(25) ? nullptr : shapes.data(), static_cast<int64_t>(next() % 5), odds(5) ? small_size() : 56, odds(25) ? nullptr : &made);
        check(status == SEAL_OK || made == nullptr, "refused adapters stay null");
        seal_adapters_destroy(made);
        return status;
    }

    SealStatus publish(SealEngine* e)
    {
        const size_t i = next() % adapters_.size();
        return seal_adapters_publish(e, odds(25) ? nullptr : adapters_[i].get(), odds(25) ? nullptr : floats(), odds(2) ? size() : 0, odds(2) ? size() : 128, i < 5);
    }

    SealStatus create_weight(SealEngine* e)
    {
        const bool vast = odds(8);
        SealWeight* made = nullptr;
        const SealStatus status = vast
            ? seal_weight_create(e, type(), floats(), std::numeric_limits<int32_t>::max(), std::numeric_limits<int32_t>::max(), &made)
            : seal_weight_create(e, type(), floats(), small_size(), small_size(), odds(25) ? nullptr : &made);
        check(status == SEAL_OK || made == nullptr, "a refused weight stays null");
        seal_weight_destroy(made);
        return status;
    }

    SealStatus lora(SealEngine* e)
    {
        std::array<SealLinearMember, 8> members{};
        for (SealLinearMember& member : members)
            member = {weight(), floats(), data()};
        std::array<SealRowSegment, 8> segments{};
        int32_t start = 0;
        for (SealRowSegment& segment : segments) {
            segment = {odds(15) ? small_size() : start, odds(15) ? small_size() : 1 + static_cast<int32_t>(next() % 2)};
            start += segment.count > 0 && segment.count < 8 ? segment.count : 0;
        }
        std::array<SealLoraFactors, 64> factors{};
        for (SealLoraFactors& f : factors)
            f = {odds(15) ? small_size() : static_cast<int32_t>(next() % 4) - 1, 0.5f};
        // Mostly weights of one width, and as many columns as they have.
        const size_t chosen = next() % weights_.size();
        const SealWeight* one = weights_[chosen].get();
        if (!odds(6))
            for (SealLinearMember& member : members)
                member.weight = one;
        SealLoraLinear group{};
        group.type = odds(5) ? type() : chosen % 2 == 0 ? SEAL_F32 : SEAL_BF16;
        group.rows = small_size();
        group.inputs = odds(5) ? small_size() : 8 - static_cast<int32_t>(chosen / 2);
        group.member_count = odds(5) ? small_size() : 1 + static_cast<int32_t>(next() % 3);
        group.segment_count = odds(5) ? small_size() : static_cast<int32_t>(next() % 3);
        group.z_width = odds(5) ? small_size() : 8;
        group.x = data();
        group.z = data();
        group.members = odds(25) ? nullptr : members.data();
        group.segments = odds(25) ? nullptr : segments.data();
        group.factors = odds(25) ? nullptr : factors.data();
        group.adapters = odds(25) ? nullptr : adapters_[odds(9) ? next() % adapters_.size() : chosen].get();
        group.gradients = floats();
        group.dx = data();
        const SealLoraLinear* arguments = odds(25) ? nullptr : &group;
        return odds(2) ? seal_lora_linear(e, arguments) : seal_lora_linear_backward(e, arguments);
    }

    SealEngine* engine_;
    uint64_t state_;
    std::array<std::vector<uint8_t>, 6> memory_;
    std::array<std::vector<int32_t>, 4> indices_;
    std::array<int32_t, 64> ends_{};
    std::array<std::unique_ptr<SealWeight, void (*)(SealWeight*)>, 6> weights_{
        {{nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}}};
    std::array<std::unique_ptr<SealAdapters, void (*)(SealAdapters*)>, 6> adapters_{
        {{nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}, {nullptr, nullptr}}};
};

}  // namespace

int main(int argc, char** argv)
{
    const uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20240611;
    const int64_t calls = argc > 2 ? std::strtoll(argv[2], nullptr, 10) : 20000;
    seal::each_isa([&](SealEngine* engine, const std::string& isa) {
        Fuzz fuzz(engine, seed);
        int64_t done = 0, refused = 0;
        for (int64_t i = 0; i < calls; i++) {
            const SealStatus status = fuzz.call();
            (status == SEAL_OK ? done : refused)++;
            check(status >= SEAL_OK && status < SEAL_INTERNAL, isa + " call " + std::to_string(i) + " returns status " + std::to_string(status));
            check(status == SEAL_OK || seal_last_error(nullptr, 0) > 0, isa + " call " + std::to_string(i) + " says why it refuses");
        }
        std::printf("%s: seed %llu, %lld calls done, %lld refused\n", isa.c_str(), static_cast<unsigned long long>(seed), static_cast<long long>(done), static_cast<long long>(refused));
        check(done > calls / 20 && refused > calls / 20, isa + ": neither are all calls refused nor none");
    });
    return seal::result();
}
