// logits = h·Eᵀ in f32. FLOPs 2·rows·hidden·vocabulary; bytes: E once a row of tiles, the logits once.
#include "products.hpp"

SealStatus seal_logits(SealEngine* engine, SealDType type, const void* h, int32_t rows, const SealWeight* head, float* logits) noexcept
{
    using namespace seal::cuda;
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealWeight& w = usable_weight(seal::activation_type(type), head, "head");
        if (seal::at_least(0, rows, "rows") == 0)
            return;
        seal::required_memory(h, "h");
        seal::required_memory(logits, "logits");
        e.scratch.begin();
        with_type(type, [&]<typename T>(T) {
            Products<T> list;
            Product<T>& p = list.add(rows, w.rows, Store::f32);
            p.wide = out<float>(logits, int64_t{rows} * w.rows);
            p.ldy = w.rows;
            list.add_term(Form::nt, in<T>(h, int64_t{rows} * w.columns), w.columns, w.values<T>(), w.columns, w.columns);
            list.run(e, "logits");
        });
    });
}
