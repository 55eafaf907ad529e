#include "dtype.hpp"
#include "weight.hpp"

SealStatus seal_logits(SealEngine* engine, SealDType type, const void* h, int32_t rows, const SealWeight* head, float* logits) noexcept
{
    return seal::guarded([&] {
        SealEngine& e = seal::required(engine, "engine");
        const SealWeight& w = seal::usable_weight(e, seal::activation_type(type), head, "head");
        if (seal::at_least(0, rows, "rows") == 0)
            return;
        seal::required_memory(h, "h");
        seal::required_memory(logits, "logits");
        e.work.clear();
        e.work.terms.push_back(seal::packed_term(e, type, h, w.columns, w.forward_panels.get(), w.columns));
        seal::Product p{};
        p.type = type;
        p.rows = rows;
        p.columns = w.rows;
        p.terms = e.work.terms.data();
        p.term_count = 1;
        p.scale = 1;
        p.store = seal::Store::f32;
        p.y = logits;
        p.ldy = w.rows;
        e.work.products.push_back(p);
        seal::run_work(e, type);
    });
}
