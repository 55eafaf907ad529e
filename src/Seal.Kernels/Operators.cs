namespace Seal.Kernels;

/// <summary>Whose arithmetic an operator is.</summary>
public enum OperatorSupport
{
    /// <summary>The backend's own.</summary>
    Native,

    /// <summary>Another backend's, on the same memory.</summary>
    Fallback,

    /// <summary>It cannot be had.</summary>
    Absent,
}

/// <summary>
/// The contract: every operation that the transformer's forward, backward and decoding are made of, on buffers of one device.
/// One instance is one backend with one activation type. T = packed rows of the plan, r = rank, s = alpha / r.
/// </summary>
/// <remarks>
/// Operators only enqueue; nothing waits but <see cref="Read"/>. An output is overwritten unless its docs say "accumulates".
/// Activations are in <see cref="Activation"/>; statistics, losses, gradients of adapters and their masters in <see cref="Wide"/>.
/// Shapes are the caller's promise: a backend may check them but need not.
/// </remarks>
public abstract class Operators(Device device, DType activation) : IDisposable
{
    /// <summary>Name of the backend, as the command line spells it.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// What results depend on beside their inputs: library and version, instruction set, and, where the backend cannot promise
    /// otherwise, the number of threads. Part of every job's id.
    /// </summary>
    public abstract string Numerics { get; }

    public Device Device { get; } = device;

    /// <summary>Type of activations and frozen weights.</summary>
    public DType Activation { get; } = activation;

    /// <summary>Type of statistics, gradients and adapter masters: f32, or f64 in the reference.</summary>
    public DType Wide => Activation == DType.F64 ? DType.F64 : DType.F32;

    /// <summary>How this backend computes an operator, by its stem (<c>rms_norm</c>).</summary>
    public virtual OperatorSupport Support(string operatorName) => OperatorSupport.Native;

    /// <summary>
    /// Begins a step over about so many rows. A backend may put off what it is asked for until <see cref="OperatorStep.End"/> and do it in one
    /// go, with the same results; nothing can be read or sampled before. Disposed without its end, what was put off is not done.
    /// </summary>
    public OperatorStep Step(int rows)
    {
        BeginStep(rows);
        return new OperatorStep(this);
    }

    /// <summary>Nothing for a backend that does at once what it is asked for; the two below too.</summary>
    protected internal virtual void BeginStep(int rows)
    {
    }

    protected internal virtual void EndStep()
    {
    }

    /// <summary>After its end, too, where there is nothing left to abandon.</summary>
    protected internal virtual void AbandonStep()
    {
    }

    /// <summary>Uninitialised device memory.</summary>
    public abstract DeviceMemory Allocate(long bytes);

    /// <summary>A frozen matrix <c>[rows, columns]</c>, given as f32, in this backend's own layout and type.</summary>
    public abstract PackedWeight Prepare(ReadOnlySpan<float> weight, int rows, int columns);

    /// <summary>
    /// The same of a matrix in a file's blocks, in no more than its own bytes: generation reads the blocks where a backend can, training
    /// and scoring the matrix that they stand for.
    /// </summary>
    public abstract PackedWeight Prepare(QuantizedMatrix matrix);

    /// <summary>Whether generation's products take blocks as they are; else what they stand for, rounded to the activation type.</summary>
    public virtual bool ReadsBlocks => false;

    /// <summary>What <see cref="LoraLinear"/> is to read of a set; its masters are zero and not yet published.</summary>
    public abstract WorkingAdapters CreateWorking(AdapterSet adapters);

    /// <summary>y[i] = table[tokens[i]]. tokens I32 <c>[1, T]</c>, y <c>[T, hidden]</c>.</summary>
    public abstract void Embed(PackedWeight table, DeviceBuffer tokens, DeviceBuffer y);

    /// <summary>
    /// sum = x + delta; y = sum · gain / √(mean(sum²) + eps), row by row. Without a delta (none), sum is not written and x stands for it.
    /// x, delta, sum, y <c>[T, n]</c>; gain <c>[1, n]</c> wide; inverseRms <c>[1, T]</c> wide, or none. (Zhang and Sennrich, arXiv 1910.07467)
    /// </summary>
    public abstract void RmsNorm(
        DeviceBuffer x, DeviceBuffer delta, DeviceBuffer sum, DeviceBuffer gain, double eps, DeviceBuffer y, DeviceBuffer inverseRms);

    /// <summary>
    /// Accumulates into dx: with x the normalised sum, i = inverseRms and u = dy · gain,
    /// dx += i · (u − x · i² · mean(u · x)). All <c>[T, n]</c>.
    /// </summary>
    public abstract void RmsNormBackward(DeviceBuffer dy, DeviceBuffer x, DeviceBuffer gain, DeviceBuffer inverseRms, DeviceBuffer dx);

    /// <summary>
    /// y_i = x·W_iᵀ + bias_i + z_i·B_iᵀ with z_i = s·x·A_iᵀ, for every member of the group, each row under its own adapter.
    /// x <c>[T, in]</c>; y one <c>[T, out_i]</c> a member; z <c>[T, widest group rank]</c> in the activation type, kept for the backward
    /// pass: a row holds its adapter's z_i member after member, from column 0. z and adapters are none/null for the bare base.
    /// </summary>
    public abstract void LoraLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y);

    /// <summary>
    /// dx = Σ_i dy_i·W_i + s·(dy_i·B_i)·A_i (overwritten; none: not needed), and accumulates into the set's gradients
    /// dA_i += s·(dy_i·B_i)ᵀ·x and dB_i += dy_iᵀ·z_i.
    /// </summary>
    public abstract void LoraLinearBackward(
        ReadOnlySpan<DeviceBuffer> dy, DeviceBuffer x, DeviceBuffer z, LinearGroup group, AdapterSet adapters, BatchPlan plan, DeviceBuffer dx);

    /// <summary>
    /// Rotates each head of x <c>[T, heads × headDim]</c> in place (halves convention: element j pairs with j + headDim/2) by the angle of
    /// its row's position. cosSin <c>[positions, headDim]</c> f32: headDim/2 cosines, then sines. (Su et al., arXiv 2104.09864)
    /// </summary>
    public abstract void Rope(DeviceBuffer x, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse);

    /// <summary>The same of queries and keys: one launch where a backend can, because on a GPU a launch costs more than the rotation.</summary>
    public virtual void Rope(DeviceBuffer q, DeviceBuffer k, int headDim, DeviceBuffer positions, DeviceBuffer cosSin, bool inverse)
    {
        Rope(q, headDim, positions, cosSin, inverse);
        Rope(k, headDim, positions, cosSin, inverse);
    }

    /// <summary>
    /// Causal softmax attention within each sequence of the plan. q, y <c>[T, heads·d]</c>; k, v <c>[T, kvHeads·d]</c>;
    /// logSumExp <c>[T, heads]</c> wide, or none.
    /// </summary>
    public abstract void CausalAttention(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, AttentionShape shape, BatchPlan plan, DeviceBuffer y, DeviceBuffer logSumExp);

    /// <summary>Recomputes the probabilities from logSumExp; writes dq, dk, dv.</summary>
    public abstract void CausalAttentionBackward(
        DeviceBuffer dy, DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer y, DeviceBuffer logSumExp,
        AttentionShape shape, BatchPlan plan, DeviceBuffer dq, DeviceBuffer dk, DeviceBuffer dv);

    /// <summary>y = silu(gate) · up, silu(g) = g / (1 + e^−g). All <c>[T, n]</c>. (Shazeer, arXiv 2002.05202)</summary>
    public abstract void SwiGlu(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y);

    /// <summary>
    /// <see cref="SwiGlu"/> of what <see cref="LoraLinear"/> makes of a group of two, gate and up. Their buffers are room that a backend may use
    /// or not: one that gates where the numbers are hands less from thread to thread.
    /// </summary>
    public virtual void GatedLinear(
        DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y)
    {
        LoraLinear(x, group, adapters, plan, z, [gate, up]);
        SwiGlu(gate, up, y);
    }

    /// <summary>dgate = dy · up · silu′(gate), dup = dy · silu(gate).</summary>
    public abstract void SwiGluBackward(DeviceBuffer dy, DeviceBuffer gate, DeviceBuffer up, DeviceBuffer dgate, DeviceBuffer dup);

    /// <summary>y[i] = x[rows[i]].</summary>
    public abstract void GatherRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y);

    /// <summary>y = 0, then y[rows[i]] = x[i]; the rows are distinct.</summary>
    public abstract void ScatterRows(DeviceBuffer x, DeviceBuffer rows, DeviceBuffer y);

    /// <summary>
    /// logProbabilities[i] = log softmax(h_i·Eᵀ)[target_i], wide <c>[1, n]</c>, and, unless dh is none, the gradient of
    /// L = −Σ weight_i · logProbabilities_i: dh_i = weight_i · (softmax(h_i·Eᵀ) − onehot(target_i))·E. Logits are never stored whole.
    /// h, dh <c>[n, hidden]</c>, head E <c>[vocabulary, hidden]</c>, targets I32 and weights F32 <c>[1, n]</c>; every target ≥ 0.
    /// </summary>
    public abstract void LinearCrossEntropy(
        DeviceBuffer h, PackedWeight head, DeviceBuffer targets, DeviceBuffer weights, DeviceBuffer logProbabilities, DeviceBuffer dh);

    /// <summary>logits = h·Eᵀ in f32, <c>[n, vocabulary]</c>.</summary>
    public abstract void Logits(DeviceBuffer h, PackedWeight head, DeviceBuffer logits);

    /// <summary>Draws one token a row of the logits by that row's rule; waits for the result.</summary>
    public abstract void Sample(DeviceBuffer logits, ReadOnlySpan<SamplingRow> rows, Span<int> tokens);

    /// <summary>Writes the plan's rows of k, v <c>[T, kvHeads·d]</c> into the cache pages of their sequences.</summary>
    public abstract void KvAppend(DeviceBuffer k, DeviceBuffer v, KvCache cache, int layer, BatchPlan plan);

    /// <summary>Attention of one new row a sequence over all its cached rows, the new one included. q, y <c>[sequences, heads·d]</c>.</summary>
    public abstract void DecodeAttention(DeviceBuffer q, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y);

    /// <summary>
    /// A step of generation from its projections to its attention: <see cref="Rope(DeviceBuffer, DeviceBuffer, int, DeviceBuffer, DeviceBuffer, bool)"/>
    /// of q and k, <see cref="KvAppend"/>, <see cref="DecodeAttention"/>. One row a sequence, each in the cache.
    /// </summary>
    public virtual void DecodeStep(
        DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer cosSin, KvCache cache, int layer, AttentionShape shape, BatchPlan plan, DeviceBuffer y)
    {
        Rope(q, k, shape.HeadDim, plan.Positions, cosSin, inverse: false);
        KvAppend(k, v, cache, layer, plan);
        DecodeAttention(q, cache, layer, shape, plan, y);
    }

    /// <summary>
    /// Gradient norms (before clipping, wide <c>[1, adapters]</c>, one a slot; other slots stay), then for every row of the table clip,
    /// decay, AdamW, the working copy, and cleared gradients. Adapters without a row are left bit-unchanged.
    /// </summary>
    public abstract void AdamW(AdapterSet adapters, ReadOnlySpan<AdamWRow> table, DeviceBuffer norms);

    /// <summary>y += x.</summary>
    public abstract void Add(DeviceBuffer x, DeviceBuffer y);

    /// <summary>y = x in y's element type, rounded to nearest even.</summary>
    public abstract void Cast(DeviceBuffer x, DeviceBuffer y);

    /// <summary>y = 0.</summary>
    public abstract void Zero(DeviceBuffer y);

    /// <summary>Host values into a buffer of the wide type or f32.</summary>
    public abstract void Write(ReadOnlySpan<float> values, DeviceBuffer y);

    /// <summary>Waits for everything enqueued, then copies a buffer of any floating type out as f32.</summary>
    public abstract void Read(DeviceBuffer x, Span<float> values);

    public abstract void Dispose();
}
