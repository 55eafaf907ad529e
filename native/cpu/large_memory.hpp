// Memory that is read from end to end in every step, in pages of 2 MiB where the system has them: with those of 4 KiB finding the pages
// takes longer than reading them, on virtual machines above all.
#pragma once

#include <cstdint>
#include <memory>

namespace seal {

// So many bytes, aligned to 64, holding anything. Throws std::bad_alloc.
std::shared_ptr<uint8_t> large_memory(int64_t bytes);

// The same as a piece of a larger chunk, which lives as long as any of its pieces: for what is made in one go and stays, as weights are.
std::shared_ptr<uint8_t> piece_of_large_memory(int64_t bytes);

}  // namespace seal
