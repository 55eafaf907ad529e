/* The C ABI of libseal: everything that C# may call.
 *
 * Every function that can fail returns a SealStatus and never lets a C++ exception out. The text of a thread's
 * latest failure is read with seal_last_error on the same thread. Integers have fixed sizes; texts are UTF-8. */
#ifndef SEAL_H
#define SEAL_H

#include <stdint.h>

#if defined(_WIN32)
#define SEAL_API __declspec(dllexport)
#else
#define SEAL_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define SEAL_NOEXCEPT noexcept
extern "C" {
#else
#define SEAL_NOEXCEPT
#endif

/* Raised by one when a function changes or goes; adding one leaves it. */
enum { SEAL_ABI_VERSION = 3 };

typedef int32_t SealStatus;
enum {
    SEAL_OK = 0,
    SEAL_BAD_ARGUMENT = 1,  /* the caller's mistake: a null pointer, an unknown name, a size out of range */
    SEAL_UNAVAILABLE = 2,   /* asked for what this machine does not have */
    SEAL_OUT_OF_MEMORY = 3,
    SEAL_INTERNAL = 4       /* a mistake of this library */
};

/* Instruction sets that kernels are compiled for; a later one contains the earlier ones. */
typedef int32_t SealIsa;
enum {
    SEAL_ISA_PORTABLE = 0,
    SEAL_ISA_AVX2 = 1,        /* AVX2, FMA, F16C */
    SEAL_ISA_AVX512 = 2,      /* the above and AVX-512 F, BW, DQ, VL */
    SEAL_ISA_AVX512_BF16 = 3  /* the above and AVX-512 BF16 */
};

/* Element types of activations and frozen weights; statistics, gradients and masters are f32. */
typedef int32_t SealDType;
enum {
    SEAL_F32 = 0,
    SEAL_BF16 = 1
};

/* What the processor has and the operating system lets programs use. Flags are 0 or 1; sizes are bytes of one
 * cache, 0 where unknown; cores are those this process may run on; the brand ends with a 0. */
typedef struct SealCpuFeatures {
    int32_t sse42;
    int32_t avx2;
    int32_t fma;
    int32_t f16c;
    int32_t avx512f;
    int32_t avx512bw;
    int32_t avx512dq;
    int32_t avx512vl;
    int32_t avx512_bf16;
    int32_t avx512_vnni;
    int32_t amx_bf16;
    int32_t cores;
    int64_t l1d_bytes;
    int64_t l2_bytes;
    int64_t l3_bytes;
    char brand[64];
} SealCpuFeatures;

/* Owns what outlives one call: the threads, the instruction set, scratch memory. Serves one call at a time. */
typedef struct SealEngine SealEngine;

SEAL_API int32_t seal_abi_version(void) SEAL_NOEXCEPT;

/* Copies the text of this thread's latest failure, cut to capacity - 1 bytes and ended with a 0.
 * Returns the length of the whole text in bytes, without the 0. A null buffer only asks for the length. */
SEAL_API int64_t seal_last_error(char* buffer, int64_t capacity) SEAL_NOEXCEPT;

SEAL_API int64_t seal_sizeof_cpu_features(void) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_cpu_features(SealCpuFeatures* features) SEAL_NOEXCEPT;

/* threads, the caller's included: 0 takes the environment variable SEAL_THREADS, and without it one a core; at most 1024. isa: avx512_bf16, avx512, avx2 or portable; null takes the
 * environment variable SEAL_ISA, and without it the best that this machine has. */
SEAL_API SealStatus seal_engine_create(int32_t threads, const char* isa, SealEngine** engine) SEAL_NOEXCEPT;
SEAL_API void seal_engine_destroy(SealEngine* engine) SEAL_NOEXCEPT; /* null is allowed */
SEAL_API SealStatus seal_engine_threads(const SealEngine* engine, int32_t* threads) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_engine_isa(const SealEngine* engine, SealIsa* isa) SEAL_NOEXCEPT;

/* Bytes of scratch memory that the engine's largest operator so far took. */
SEAL_API SealStatus seal_engine_scratch_bytes(const SealEngine* engine, int64_t* bytes) SEAL_NOEXCEPT;

/* One thread's share of one parallel region, in nanoseconds of the monotonic clock; thread 0 is the caller's. */
typedef struct SealTraceSpan {
    int64_t start;
    int64_t end;
    int32_t thread;
    int32_t reserved;
} SealTraceSpan;

/* From now on the engine writes its threads' spans to the caller's array, as long as there is room; null: no longer. */
SEAL_API SealStatus seal_engine_trace(SealEngine* engine, SealTraceSpan* spans, int64_t capacity) SEAL_NOEXCEPT;
/* Spans written so far. */
SEAL_API SealStatus seal_engine_traced(const SealEngine* engine, int64_t* count) SEAL_NOEXCEPT;

/* Memory. Matrices, the operands of operators (activations, caches, parameters, gradients, moments, norms, gains, biases, angles, logits,
 * log-probabilities), lie in the engine's memory: a GPU's own, which the host cannot touch; for the processor's library any memory is.
 * Tables of a step's plan (tokens, positions, cu_seqlens, rows, targets, weights, cache_rows, lengths, pages, optimizer rows, members,
 * segments, factors), what a weight is made of, and results that the host reads at once (greedy's tokens, unpacked values, spans, counts)
 * are the host's; a function has read what it was given when it returns. Operators may return before they are done; they and the copies
 * below run in the order of their calls. */

/* Uninitialised, aligned to 64 bytes, of 1 byte at least. It outlives its engine and may be freed when nothing that runs uses it or later. */
SEAL_API SealStatus seal_memory_allocate(SealEngine* engine, int64_t bytes, void** memory) SEAL_NOEXCEPT;
SEAL_API void seal_memory_free(void* memory) SEAL_NOEXCEPT; /* null is allowed */
/* From the host into the engine's memory. */
SEAL_API SealStatus seal_memory_write(SealEngine* engine, void* memory, const void* host, int64_t bytes) SEAL_NOEXCEPT;
/* Waits for everything before it, then copies to the host. */
SEAL_API SealStatus seal_memory_read(SealEngine* engine, const void* memory, void* host, int64_t bytes) SEAL_NOEXCEPT;
/* Zeros. */
SEAL_API SealStatus seal_memory_clear(SealEngine* engine, void* memory, int64_t bytes) SEAL_NOEXCEPT;

/* Waits until everything that was asked of the engine is done. */
SEAL_API SealStatus seal_engine_synchronize(SealEngine* engine) SEAL_NOEXCEPT;
/* Kernels that a GPU was sent since the engine was made; of the processor's engine 0. */
SEAL_API SealStatus seal_engine_launches(const SealEngine* engine, int64_t* launches) SEAL_NOEXCEPT;

/* Steps. On a GPU what is called between begin and end is taken down, tables and all, and runs as graphs of about a hundred kernels, the last at
 * the end, which steps of about as many rows use again. Results are the same bits. Nothing can be read before the end: functions that wait
 * refuse. Memory that is freed in between goes back at the end. The processor's library does everything at once, as without a step. */

/* rows: of the step's plan, 1 at least; they only choose among graphs. */
SEAL_API SealStatus seal_step_begin(SealEngine* engine, int64_t rows) SEAL_NOEXCEPT;
/* The step is over, whether this succeeds or not. */
SEAL_API SealStatus seal_step_end(SealEngine* engine) SEAL_NOEXCEPT;
/* Nothing more of the step is done. Without a step it does nothing. */
SEAL_API SealStatus seal_step_abandon(SealEngine* engine) SEAL_NOEXCEPT;

/* Of the engine's steps so far: graphs that were made, those that were given larger grids for a step, how often one that was there already
 * ran, and copies to the device for all of them. */
typedef struct SealStepCounts {
    int64_t graphs;
    int64_t updates;
    int64_t replays;
    int64_t copies;
} SealStepCounts;

SEAL_API int64_t seal_sizeof_step_counts(void) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_engine_steps(const SealEngine* engine, SealStepCounts* counts) SEAL_NOEXCEPT;

/* Operators. Matrices are row-major and dense; memory belongs to the caller; what a formula does not say is in Operators.cs. */

/* y += x over n elements. */
SEAL_API SealStatus seal_add(SealEngine* engine, SealDType type, const void* x, void* y, int64_t n) SEAL_NOEXCEPT;

/* y = x in y's type over n elements, rounded to nearest even. */
SEAL_API SealStatus seal_cast(SealEngine* engine, SealDType x_type, const void* x, SealDType y_type, void* y, int64_t n) SEAL_NOEXCEPT;

/* x, delta, sum, y [rows, columns]; gain [columns]; inverse_rms [rows] or null. Without a delta (null) sum is not written. */
SEAL_API SealStatus seal_rms_norm(
    SealEngine* engine, SealDType type, const void* x, const void* delta, void* sum, const float* gain, double epsilon, void* y,
    float* inverse_rms, int64_t rows, int64_t columns) SEAL_NOEXCEPT;
/* Accumulates into dx. */
SEAL_API SealStatus seal_rms_norm_backward(
    SealEngine* engine, SealDType type, const void* dy, const void* x, const float* gain, const float* inverse_rms, void* dx,
    int64_t rows, int64_t columns) SEAL_NOEXCEPT;

/* x [rows, columns] in place, heads of head_dim; positions [rows], below table_rows; cos_sin [table_rows, head_dim]. */
SEAL_API SealStatus seal_rope(
    SealEngine* engine, SealDType type, void* x, int64_t rows, int64_t columns, int64_t head_dim, const int32_t* positions,
    const float* cos_sin, int64_t table_rows, int32_t inverse) SEAL_NOEXCEPT;
/* The same of queries [rows, q_columns] and keys [rows, k_columns] in one go. */
SEAL_API SealStatus seal_rope_pair(
    SealEngine* engine, SealDType type, void* q, int64_t q_columns, void* k, int64_t k_columns, int64_t rows, int64_t head_dim,
    const int32_t* positions, const float* cos_sin, int64_t table_rows, int32_t inverse) SEAL_NOEXCEPT;

/* All of n elements. */
SEAL_API SealStatus seal_swiglu(SealEngine* engine, SealDType type, const void* gate, const void* up, void* y, int64_t n) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_swiglu_backward(
    SealEngine* engine, SealDType type, const void* dy, const void* gate, const void* up, void* dgate, void* dup, int64_t n) SEAL_NOEXCEPT;

/* y[i] = x[rows[i]] for count rows. */
SEAL_API SealStatus seal_gather_rows(
    SealEngine* engine, SealDType type, const void* x, int64_t x_rows, int64_t columns, const int32_t* rows, int64_t count, void* y) SEAL_NOEXCEPT;
/* y = 0, then y[rows[i]] = x[i] for count distinct rows. */
SEAL_API SealStatus seal_scatter_rows(
    SealEngine* engine, SealDType type, const void* x, const int32_t* rows, int64_t count, int64_t columns, void* y, int64_t y_rows) SEAL_NOEXCEPT;

/* Sequence i is rows cu_seqlens[i] .. cu_seqlens[i + 1]. q, y [rows, heads x head_dim]; k, v [rows, kv_heads x head_dim];
 * log_sum_exp [rows, heads] or null. */
SEAL_API SealStatus seal_causal_attention(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const int32_t* cu_seqlens, int64_t sequences,
    const void* q, const void* k, const void* v, void* y, float* log_sum_exp) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_causal_attention_backward(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const int32_t* cu_seqlens, int64_t sequences,
    const void* dy, const void* q, const void* k, const void* v, const void* y, const float* log_sum_exp,
    void* dq, void* dk, void* dv) SEAL_NOEXCEPT;

/* Row i of k and v [rows, width] goes to row cache_rows[i] of keys and values [cache_capacity, width]; -1: nowhere. */
SEAL_API SealStatus seal_kv_append(
    SealEngine* engine, SealDType type, const void* k, const void* v, const int32_t* cache_rows, int64_t rows, int64_t width,
    void* keys, void* values, int64_t cache_capacity) SEAL_NOEXCEPT;
/* Row rows[i] of q attends to the first lengths[i] cached rows of sequence i, whose pages are pages[page_starts[i] .. page_starts[i + 1]]
 * in order; keys and values [cache_pages x page_size, kv_heads x head_dim]; y is written in the rows of q. */
SEAL_API SealStatus seal_decode_attention(
    SealEngine* engine, SealDType type, int64_t heads, int64_t kv_heads, int64_t head_dim, const void* q, int64_t q_rows, const void* keys,
    const void* values, int64_t page_size, int64_t cache_pages, const int32_t* rows, const int32_t* lengths, const int32_t* page_starts,
    const int32_t* pages, int64_t sequences, void* y) SEAL_NOEXCEPT;

/* The attention of a step of generation: rotates q and k as seal_rope does, appends k and v as seal_kv_append does, then
 * seal_decode_attention. q, y [sequences, heads x head_dim]; k, v [sequences, kv_heads x head_dim]; rows are distinct. */
typedef struct SealDecodeStep {
    SealDType type;
    int32_t heads;
    int32_t kv_heads;
    int32_t head_dim;
    int64_t sequences;
    void* q;
    void* k;
    const void* v;
    const int32_t* positions;
    const float* cos_sin;
    int64_t table_rows;
    void* keys;
    void* values;
    int64_t page_size;
    int64_t cache_pages;
    const int32_t* rows;
    const int32_t* cache_rows;
    const int32_t* lengths;
    const int32_t* page_starts;
    const int32_t* pages;
    void* y;
} SealDecodeStep;

SEAL_API int64_t seal_sizeof_decode_step(void) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_decode_step(SealEngine* engine, const SealDecodeStep* step) SEAL_NOEXCEPT;

/* Where one linear's adapter lies among the parameters, in elements: A [rank, inputs] from a on, B [outputs, rank] from b on. */
typedef struct SealFactorShape {
    int32_t rank, inputs, outputs;
    int64_t a, b;
} SealFactorShape;

/* The factors of many adapters as the products read them, beside the f32 parameters that the caller keeps. Factors rise: each begins
 * behind the end of the one before it. Serves engines of the same instruction set. */
typedef struct SealAdapters SealAdapters;

SEAL_API int64_t seal_sizeof_factor_shape(void) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_adapters_create(SealEngine* engine, SealDType type, const SealFactorShape* factors, int64_t count, int64_t parameters, SealAdapters** adapters) SEAL_NOEXCEPT;
SEAL_API void seal_adapters_destroy(SealAdapters* adapters) SEAL_NOEXCEPT; /* null is allowed */
/* Takes over the factors within elements offset .. offset + count of the parameters, which others have written. training: from now on
 * for backward passes too (then all parameters are taken over), and their gradients are zero now. */
SEAL_API SealStatus seal_adapters_publish(SealEngine* engine, SealAdapters* adapters, const float* parameters, int64_t offset, int64_t count, int32_t training) SEAL_NOEXCEPT;

/* One optimizer step of one adapter, elements offset .. offset + count of the arena. clip_norm 0: no clipping. norm_noted: since the
 * gradients were zero only seal_lora_linear_backward with the same adapters has written them, so that the norm is what it noted and
 * need not be read from them; 0: take it from the gradients. */
typedef struct SealAdamWRow {
    int64_t offset;
    int64_t count;
    double learning_rate;
    double clip_norm;
    double weight_decay;
    double beta1;
    double beta2;
    double epsilon;
    int32_t slot;
    int32_t step;
    int32_t norm_noted;
} SealAdamWRow;

SEAL_API int64_t seal_sizeof_adamw_row(void) SEAL_NOEXCEPT;
/* Arrays of `total` elements, f32. norms[slot] is the gradient's norm before clipping. The adapters, if any, take over what changed. */
SEAL_API SealStatus seal_adamw(
    SealEngine* engine, const SealAdapters* adapters, const SealAdamWRow* table, int64_t rows, float* parameters, float* gradients, float* first,
    float* second, int64_t total, float* norms, int64_t slots) SEAL_NOEXCEPT;

/* A frozen matrix [rows = out, columns = in] in the layout of this engine's instruction set. Packed from f32 once; bf16 rounds to
 * nearest even. Serves every engine of the same instruction set. */
typedef struct SealWeight SealWeight;

SEAL_API SealStatus seal_weight_create(SealEngine* engine, SealDType type, const float* values, int32_t rows, int32_t columns, SealWeight** weight) SEAL_NOEXCEPT;
SEAL_API void seal_weight_destroy(SealWeight* weight) SEAL_NOEXCEPT; /* null is allowed */

/* y[i] = table[tokens[i]]; a token outside the table is refused. */
SEAL_API SealStatus seal_embed(SealEngine* engine, SealDType type, const SealWeight* table, const int32_t* tokens, int64_t n, void* y) SEAL_NOEXCEPT;

/* logits [rows, vocabulary] = h·Eᵀ. */
SEAL_API SealStatus seal_logits(SealEngine* engine, SealDType type, const void* h, int32_t rows, const SealWeight* head, float* logits) SEAL_NOEXCEPT;

/* log_probabilities and dh as in Operators.cs; dh null: not needed. A target outside the vocabulary is refused. */
SEAL_API SealStatus seal_linear_cross_entropy(SealEngine* engine, SealDType type, const void* h, int32_t rows, const SealWeight* head,
    const int32_t* targets, const float* weights, float* log_probabilities, void* dh) SEAL_NOEXCEPT;

/* One linear of a group. y [rows, out] is written forward and read as dy backward; bias [out] or null. */
typedef struct SealLinearMember {
    const SealWeight* weight;
    const float* bias;
    void* y;
} SealLinearMember;

/* Consecutive rows under one adapter; rows in no segment are the bare base's. */
typedef struct SealRowSegment {
    int32_t start;
    int32_t count;
} SealRowSegment;

/* One member's adapter on one segment: factors of the adapters by their index, -1: none. */
typedef struct SealLoraFactors {
    int32_t factors;
    float scale;
} SealLoraFactors;

/* A group of linears over the same x [rows, inputs]. segments in row order; factors [segment_count, member_count]; gradients of all
 * parameters of the adapters; z [rows, z_width] is written forward and read backward; dx null: not needed. */
typedef struct SealLoraLinear {
    SealDType type;
    int32_t rows;
    int32_t inputs;
    int32_t member_count;
    int32_t segment_count;
    int32_t z_width;
    const void* x;
    void* z;
    const SealLinearMember* members;
    const SealRowSegment* segments;
    const SealLoraFactors* factors;
    const SealAdapters* adapters;
    float* gradients;
    void* dx;
} SealLoraLinear;

SEAL_API int64_t seal_sizeof_lora_linear(void) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_lora_linear(SealEngine* engine, const SealLoraLinear* arguments) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_lora_linear_backward(SealEngine* engine, const SealLoraLinear* arguments) SEAL_NOEXCEPT;

/* The most that this engine's threads and instruction set reach: f32 fused multiply-adds and dot products of bf16 pairs (0 where it has
 * none) in registers, and reading memory that no cache holds. Takes a second and 256 MiB a thread. */
typedef struct SealMachinePeaks {
    double fma_f32_gflops;
    double dot_bf16_gflops;
    double dram_gbps;
} SealMachinePeaks;

SEAL_API SealStatus seal_machine_peaks(SealEngine* engine, SealMachinePeaks* peaks) SEAL_NOEXCEPT;

/* tokens[i] = the largest of row i of logits [rows, columns]: the first of several, NaN the least of all. */
SEAL_API SealStatus seal_greedy(SealEngine* engine, const float* logits, int64_t rows, int64_t columns, int32_t* tokens) SEAL_NOEXCEPT;

/* Blocks of 32 weights of a row as ggml lays them out: Q4_0 d, 16 bytes of nibbles; Q4_1 d, m, 16 bytes; Q8_0 d, 32 bytes. */
typedef int32_t SealBlockType;
enum {
    SEAL_Q4_0 = 0,
    SEAL_Q4_1 = 1,
    SEAL_Q8_0 = 2
};

/* A frozen matrix [rows = out, columns = in] that stays in blocks: what decoding, which is bound by memory, multiplies with. Made once
 * from the rows' blocks, `bytes` of them; serves every engine. */
typedef struct SealQuantizedWeight SealQuantizedWeight;

SEAL_API SealStatus seal_quantized_weight_create(
    SealBlockType type, const void* blocks, int64_t bytes, int32_t rows, int32_t columns, SealQuantizedWeight** weight) SEAL_NOEXCEPT;
SEAL_API void seal_quantized_weight_destroy(SealQuantizedWeight* weight) SEAL_NOEXCEPT; /* null is allowed */

/* values [rows, columns]: d·(q - 8), d·q + m, d·q. */
SEAL_API SealStatus seal_quantized_weight_unpack(const SealQuantizedWeight* weight, float* values) SEAL_NOEXCEPT;

/* As seal_embed; the same values as from the unpacked matrix, rounded once. */
SEAL_API SealStatus seal_quantized_embed(
    SealEngine* engine, SealDType type, const SealQuantizedWeight* table, const int32_t* tokens, int64_t n, void* y) SEAL_NOEXCEPT;

/* One linear of a group. y [rows, out] in y_type; bias [out] or null. */
typedef struct SealQuantizedMember {
    const SealQuantizedWeight* weight;
    const float* bias;
    void* y;
} SealQuantizedMember;

/* y_i = x·W_iᵀ + bias_i + z_i·B_iᵀ for all members; fields as in SealLoraLinear. gated [rows, outputs], or null: of two members with as many
 * outputs, silu(y_0)·y_1 in their stead; y_type is type then, and what the members' y are left with means nothing. On avx512_bf16, x in bf16 meets W_i rounded to 8 bits,
 * eight neighbours under one scale (cpu/quantized_product.hpp). */
typedef struct SealQuantizedLinear {
    SealDType type;
    SealDType y_type;
    int32_t rows;
    int32_t inputs;
    int32_t member_count;
    int32_t segment_count;
    int32_t z_width;
    const void* x;
    void* z;
    const SealQuantizedMember* members;
    const SealRowSegment* segments;
    const SealLoraFactors* factors;
    const SealAdapters* adapters;
    void* gated;
} SealQuantizedLinear;

SEAL_API int64_t seal_sizeof_quantized_linear(void) SEAL_NOEXCEPT;
SEAL_API SealStatus seal_quantized_linear(SealEngine* engine, const SealQuantizedLinear* arguments) SEAL_NOEXCEPT;

#ifdef __cplusplus
}
#endif

#endif
