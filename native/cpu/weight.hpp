#pragma once

#include "engine.hpp"
#include "isa.hpp"
#include "seal.h"
#include "status.hpp"

#include <memory>

// A frozen matrix [rows = out, columns = in], packed once as b of x·Wᵀ and once as b of dy·W.
struct SealWeight {
    SealDType type;
    SealIsa isa;
    int32_t rows, columns;
    std::shared_ptr<uint8_t> forward_panels;   // k = columns, one column of b a row
    std::shared_ptr<uint8_t> backward_panels;  // k = rows
};

namespace seal {

// The weight by its parameter's name, of this type and packed for this engine's instruction set.
inline const SealWeight& usable_weight(const SealEngine& engine, SealDType type, const SealWeight* weight, const char* name)
{
    const SealWeight& w = required(weight, name);
    if (w.type != type || w.isa != engine.isa)
        throw Error(SEAL_BAD_ARGUMENT, std::string(name) + " was packed for type " + std::to_string(w.type) + " on " + isa_name(w.isa) +
            ", not for type " + std::to_string(type) + " on " + isa_name(engine.isa));
    return w;
}

}  // namespace seal
