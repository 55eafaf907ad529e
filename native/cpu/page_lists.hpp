#pragma once

#include "shape.hpp"
#include "status.hpp"

#include <string>

namespace seal {

// Refuses lists of cached pages that leave the cache, or hold fewer rows than their sequence has; rows[i] is the sequence's query of q_rows.
inline void check_page_lists(
    const int32_t* rows, int64_t q_rows, const int32_t* lengths, const int32_t* page_starts, const int32_t* pages, int64_t sequences, int64_t page_size, int64_t cache_pages)
{
    indices_within(rows, sequences, 0, q_rows, "rows");
    for (int64_t i = 0; i < sequences; i++) {
        const int64_t held = int64_t{page_starts[i + 1]} - page_starts[i];
        if (page_starts[i] < 0 || lengths[i] < 1 || held * page_size < lengths[i])
            throw Error(SEAL_BAD_ARGUMENT, "lengths[" + std::to_string(i) + "] is " + std::to_string(lengths[i]) +
                ", expected 1 up to the rows of its " + std::to_string(held) + " pages");
        indices_within(pages + page_starts[i], held, 0, cache_pages, "pages");
    }
}

}  // namespace seal
