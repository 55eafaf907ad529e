// The working copy of adapters: a cast of the parameters, brought up to date from outside by publish and by AdamW as it steps.
#include "engine.hpp"
#include "factor_shape.hpp"

#include <memory>

int64_t seal_sizeof_factor_shape() noexcept
{
    return sizeof(SealFactorShape);
}

SealStatus seal_adapters_create(SealEngine* engine, SealDType type, const SealFactorShape* factors, int64_t count, int64_t parameters, SealAdapters** adapters) noexcept
{
    return seal::guarded([&] {
        SealAdapters*& result = seal::required(adapters, "adapters");
        result = nullptr;
        seal::required(engine, "engine");
        seal::element_count(parameters, "parameters");
        if (seal::element_count(count, "count") > 0)
            seal::required_memory(factors, "factors");
        int64_t end = 0;
        for (int64_t i = 0; i < count; i++) {
            seal::check_factor_shape(factors[i], end, parameters, i);
            end = factors[i].b + int64_t{factors[i].rank} * factors[i].outputs;
        }
        result = new SealAdapters{seal::activation_type(type), parameters, {factors, factors + count}, seal::cuda::DeviceMemory(parameters * seal::size_of(type))};
    });
}

void seal_adapters_destroy(SealAdapters* adapters) noexcept
{
    delete adapters;
}

SealStatus seal_adapters_publish(SealEngine* engine, SealAdapters* adapters, const float* parameters, int64_t offset, int64_t count, int32_t) noexcept
{
    return seal::guarded([&] {
        const SealAdapters& a = seal::required(adapters, "adapters");
        if (offset < 0 || count < 0 || offset > a.parameters || count > a.parameters - offset)
            throw seal::Error(SEAL_BAD_ARGUMENT, "elements " + std::to_string(offset) + " to " + std::to_string(offset + count) + " are not within the " +
                std::to_string(a.parameters) + " parameters");
        if (count == 0)
            return;
        seal::required_memory(parameters, "parameters");
        const SealStatus status = seal_cast(engine, SEAL_F32, parameters + offset, a.type, a.working.data() + offset * seal::size_of(a.type), count);
        if (status != SEAL_OK)
            throw seal::Error(status, "the cast of the parameters failed");
    });
}
