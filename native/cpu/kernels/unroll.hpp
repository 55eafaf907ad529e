// Before a loop of few, fixed turns over registers: all of them, or the registers become an array in memory.
#pragma once

#define SEAL_UNROLL _Pragma("GCC unroll 16")
