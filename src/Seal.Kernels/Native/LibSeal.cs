using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Seal.Kernels.Native;

/// <summary>
/// The functions of <c>native/include/seal.h</c> under their C names; units and errors stand there. A test compares the two lists.
/// </summary>
internal static partial class LibSeal
{
    private const string Library = LibSealLoad.Name;

    static LibSeal() => LibSealLoad.Install();

    [LibraryImport(Library)]
    internal static partial int seal_abi_version();

    [LibraryImport(Library)]
    internal static unsafe partial long seal_last_error(byte* buffer, long capacity);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_cpu_features();

    [LibraryImport(Library)]
    internal static partial SealStatus seal_cpu_features(out SealCpuFeatures features);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial SealStatus seal_engine_create(int threads, string? isa, out SealEngineHandle engine);

    [LibraryImport(Library)]
    internal static partial void seal_engine_destroy(nint engine);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_threads(SealEngineHandle engine, out int threads);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_isa(SealEngineHandle engine, out InstructionSet isa);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_scratch_bytes(SealEngineHandle engine, out long bytes);

    [LibraryImport(Library)]
    internal static unsafe partial SealStatus seal_engine_trace(SealEngineHandle engine, TraceSpan* spans, long capacity);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_traced(SealEngineHandle engine, out long count);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_memory_allocate(SealEngineHandle engine, long bytes, out nint memory);

    [LibraryImport(Library)]
    internal static partial void seal_memory_free(nint memory);

    [LibraryImport(Library)]
    internal static unsafe partial SealStatus seal_memory_write(SealEngineHandle engine, nint memory, void* host, long bytes);

    [LibraryImport(Library)]
    internal static unsafe partial SealStatus seal_memory_read(SealEngineHandle engine, nint memory, void* host, long bytes);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_memory_clear(SealEngineHandle engine, nint memory, long bytes);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_synchronize(SealEngineHandle engine);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_launches(SealEngineHandle engine, out long launches);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_step_begin(SealEngineHandle engine, long rows);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_step_end(SealEngineHandle engine);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_step_abandon(SealEngineHandle engine);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_step_counts();

    [LibraryImport(Library)]
    internal static partial SealStatus seal_engine_steps(SealEngineHandle engine, out SealStepCounts counts);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_add(SealEngineHandle engine, SealDType type, nint x, nint y, long n);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_cast(SealEngineHandle engine, SealDType xType, nint x, SealDType yType, nint y, long n);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_rms_norm(
        SealEngineHandle engine, SealDType type, nint x, nint delta, nint sum, nint gain, double epsilon, nint y, nint inverseRms,
        long rows, long columns);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_rms_norm_backward(
        SealEngineHandle engine, SealDType type, nint dy, nint x, nint gain, nint inverseRms, nint dx, long rows, long columns);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_rope(
        SealEngineHandle engine, SealDType type, nint x, long rows, long columns, long headDim, nint positions, nint cosSin,
        long tableRows, int inverse);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_rope_pair(
        SealEngineHandle engine, SealDType type, nint q, long qColumns, nint k, long kColumns, long rows, long headDim, nint positions,
        nint cosSin, long tableRows, int inverse);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_swiglu(SealEngineHandle engine, SealDType type, nint gate, nint up, nint y, long n);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_swiglu_backward(
        SealEngineHandle engine, SealDType type, nint dy, nint gate, nint up, nint dgate, nint dup, long n);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_gather_rows(
        SealEngineHandle engine, SealDType type, nint x, long xRows, long columns, nint rows, long count, nint y);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_scatter_rows(
        SealEngineHandle engine, SealDType type, nint x, nint rows, long count, long columns, nint y, long yRows);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_causal_attention(
        SealEngineHandle engine, SealDType type, long heads, long kvHeads, long headDim, nint cuSeqlens, long sequences, nint q, nint k,
        nint v, nint y, nint logSumExp);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_causal_attention_backward(
        SealEngineHandle engine, SealDType type, long heads, long kvHeads, long headDim, nint cuSeqlens, long sequences, nint dy, nint q,
        nint k, nint v, nint y, nint logSumExp, nint dq, nint dk, nint dv);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_kv_append(
        SealEngineHandle engine, SealDType type, nint k, nint v, nint cacheRows, long rows, long width, nint keys, nint values,
        long cacheCapacity);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_decode_attention(
        SealEngineHandle engine, SealDType type, long heads, long kvHeads, long headDim, nint q, long qRows, nint keys, nint values,
        long pageSize, long cachePages, nint rows, nint lengths, nint pageStarts, nint pages, long sequences, nint y);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_decode_step();

    [LibraryImport(Library)]
    internal static partial SealStatus seal_decode_step(SealEngineHandle engine, in SealDecodeStep step);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_factor_shape();

    [LibraryImport(Library)]
    internal static unsafe partial SealStatus seal_adapters_create(
        SealEngineHandle engine, SealDType type, SealFactorShape* factors, long count, long parameters, out SealAdaptersHandle adapters);

    [LibraryImport(Library)]
    internal static partial void seal_adapters_destroy(nint adapters);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_adapters_publish(
        SealEngineHandle engine, SealAdaptersHandle adapters, nint parameters, long offset, long count, int training);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_adamw_row();

    [LibraryImport(Library)]
    internal static unsafe partial SealStatus seal_adamw(
        SealEngineHandle engine, SealAdaptersHandle adapters, SealAdamWRow* table, long rows, nint parameters, nint gradients, nint first, nint second,
        long total, nint norms, long slots);

    [LibraryImport(Library)]
    internal static unsafe partial SealStatus seal_weight_create(
        SealEngineHandle engine, SealDType type, float* values, int rows, int columns, out SealWeightHandle weight);

    [LibraryImport(Library)]
    internal static partial void seal_weight_destroy(nint weight);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_embed(SealEngineHandle engine, SealDType type, SealWeightHandle table, nint tokens, long n, nint y);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_logits(SealEngineHandle engine, SealDType type, nint h, int rows, SealWeightHandle head, nint logits);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_linear_cross_entropy(
        SealEngineHandle engine, SealDType type, nint h, int rows, SealWeightHandle head, nint targets, nint weights, nint logProbabilities, nint dh);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_lora_linear();

    [LibraryImport(Library)]
    internal static partial SealStatus seal_lora_linear(SealEngineHandle engine, in SealLoraLinear arguments);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_lora_linear_backward(SealEngineHandle engine, in SealLoraLinear arguments);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_machine_peaks(SealEngineHandle engine, out SealMachinePeaks peaks);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_greedy(SealEngineHandle engine, nint logits, long rows, long columns, nint tokens);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_quantized_weight_create(
        BlockType type, nint blocks, long bytes, int rows, int columns, out SealQuantizedWeightHandle weight);

    [LibraryImport(Library)]
    internal static partial void seal_quantized_weight_destroy(nint weight);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_quantized_weight_unpack(SealQuantizedWeightHandle weight, nint values);

    [LibraryImport(Library)]
    internal static partial SealStatus seal_quantized_embed(
        SealEngineHandle engine, SealDType type, SealQuantizedWeightHandle table, nint tokens, long n, nint y);

    [LibraryImport(Library)]
    internal static partial long seal_sizeof_quantized_linear();

    [LibraryImport(Library)]
    internal static partial SealStatus seal_quantized_linear(SealEngineHandle engine, in SealQuantizedLinear arguments);
}
