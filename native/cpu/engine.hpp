#pragma once

#include "kernels.hpp"
#include "pool.hpp"
#include "products.hpp"
#include "scratch.hpp"
#include "seal.h"
#include "shares.hpp"
#include "successors.hpp"

// One operator at a time: the pool and the scratch block belong to the call that runs.
struct SealEngine {
    SealEngine(int32_t threads, SealIsa isa) : isa(isa), kernels(seal::kernels_of(isa)), pool(threads), shares(threads), own(threads) {}

    const SealIsa isa;
    const seal::Kernels& kernels;
    seal::Pool pool;
    seal::Shares shares;
    seal::Scratch scratch;
    seal::OwnScratch own;
    seal::WorkList work;
    seal::Successors successors, quantized_successors;
    std::vector<double> adamw_norms;
    std::vector<seal::AdamW> adamw_steps;
    std::vector<seal::AdamWBlock> adamw_blocks;
};
