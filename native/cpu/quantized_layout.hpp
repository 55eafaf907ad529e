// How a matrix [rows = out, columns = in] of a file's blocks lies in memory, 32 weights of a row under one scale. It stands in strips
// of 16 rows, so that one vector holds what 16 outputs need of the same inputs, and takes as many bytes as in the file:
//
//   strip: its blocks, inputs upwards; a strip without 16 rows is filled up with zeros
//   block: 16 scales d (f16), 16 minima m (f16, Q4_1 alone), then the weights q of 16 outputs and 32 inputs:
//     4 bits: [4][16 outputs][4] bytes; byte i of an output in group g has input 8·g + i in its low half and 8·g + 4 + i in its high
//             half, as q - 8 in two's complement
//     8 bits: [8][16 outputs][4] bytes; byte i of an output in group g is input 4·g + i
//
// So the four bytes of an output are four neighbouring inputs, as dot products of bytes take them. Q4_0: w = d·(q - 8); Q4_1:
// w = d·q + m = d·(q - 8) + (m + 8·d); Q8_0: w = d·q. One layout for every instruction set.
#pragma once

#include "seal.h"

namespace seal {

constexpr int32_t strip_rows = 16, block_length = 32;

// By block type, for one row: bytes of a block's scale and minimum, and of the whole block.
constexpr int32_t scale_bytes[] = {2, 4, 2};
constexpr int32_t block_bytes[] = {18, 20, 34};

}  // namespace seal
