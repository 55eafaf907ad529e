namespace Seal.Kernels;

/// <summary>Inputs and outputs of one adaptable linear.</summary>
public readonly record struct LinearShape(int Inputs, int Outputs);

/// <summary>Rank and scale of one adapter and the linears it sits on (indices into the model's targets).</summary>
/// <param name="Scale">s = alpha / rank.</param>
public sealed record AdapterShape(int Rank, double Scale, IReadOnlyList<int> Targets);

/// <summary>Where one adapter's A <c>[rank, in]</c> and B <c>[out, rank]</c> of one linear lie in the flat arena, in elements.</summary>
public readonly record struct LoraFactors(int Rank, double Scale, long A, long B, int Inputs, int Outputs)
{
    public bool IsNone => Rank == 0;
}

/// <summary>
/// The LoRA adapters that share a step: every adapter's parameters in one flat arena, slot after slot, and beside it, in the same
/// order, gradients and AdamW moments; what the linears read is the backend's own. One pass over one range updates an adapter.
/// </summary>
public sealed class AdapterSet : IDisposable
{
    private readonly LoraFactors[] _factors; // [slot, layer, target]
    private readonly Operators _operators;
    private readonly DeviceMemory _master;
    private DeviceMemory? _gradients;
    private DeviceMemory? _moments;
    private readonly long[] _offsets;

    /// <param name="operators">Where the parameters live.</param>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="targets">The shape of each adaptable linear of a layer.</param>
    /// <param name="adapters">One entry a slot.</param>
    public AdapterSet(Operators operators, int layers, IReadOnlyList<LinearShape> targets, IReadOnlyList<AdapterShape> adapters)
    {
        _operators = operators;
        Layers = layers;
        Targets = targets;
        Adapters = adapters;
        _factors = new LoraFactors[adapters.Count * layers * targets.Count];
        _offsets = new long[adapters.Count + 1];
        long offset = 0;
        for (int slot = 0; slot < adapters.Count; slot++)
        {
            _offsets[slot] = offset;
            for (int layer = 0; layer < layers; layer++)
                foreach (int target in adapters[slot].Targets)
                {
                    (int inputs, int outputs) = (targets[target].Inputs, targets[target].Outputs);
                    int rank = adapters[slot].Rank;
                    _factors[Index(slot, layer, target)] =
                        new LoraFactors(rank, adapters[slot].Scale, offset, offset + (long)rank * inputs, inputs, outputs);
                    offset += (long)rank * (inputs + outputs);
                }
        }
        _offsets[^1] = offset;
        _master = operators.Allocate(offset * operators.Wide.Size());
        operators.Zero(Parameters);
        Working = operators.CreateWorking(this);
    }

    public int Layers { get; }

    public IReadOnlyList<LinearShape> Targets { get; }

    public IReadOnlyList<AdapterShape> Adapters { get; }

    public int Count => Adapters.Count;

    public long Elements => _offsets[^1];

    /// <summary>Parameters, the masters: <c>[1, Elements]</c> in the wide type.</summary>
    public DeviceBuffer Parameters => Flat(_master, _operators.Wide);

    /// <summary>What the linears read.</summary>
    public WorkingAdapters Working { get; }

    /// <summary>dA and dB, accumulated by backward passes, cleared by AdamW. Wide type.</summary>
    public DeviceBuffer Gradients => Flat(_gradients ?? throw NotTrained(), _operators.Wide);

    /// <summary>AdamW's first moment.</summary>
    public DeviceBuffer FirstMoment => Flat(_moments ?? throw NotTrained(), _operators.Wide);

    /// <summary>AdamW's second moment.</summary>
    public DeviceBuffer SecondMoment
    {
        get
        {
            DeviceBuffer first = FirstMoment;
            return first with { Pointer = first.Pointer + (nint)first.Bytes };
        }
    }

    /// <summary>First element and number of elements of one adapter.</summary>
    public (long Offset, long Count) Range(int slot) => (_offsets[slot], _offsets[slot + 1] - _offsets[slot]);

    /// <summary>The factors of one adapter on one linear; none if it has no such linear, or for slot −1 (the bare base model).</summary>
    public LoraFactors Factors(int slot, int layer, int target) => slot < 0 ? default : _factors[Index(slot, layer, target)];

    /// <summary>Sum of a group's ranks for one adapter: the width of its Z rows.</summary>
    public int GroupRank(int slot, LinearGroup group)
    {
        int rank = 0;
        for (int i = 0; i < group.Members.Count; i++)
            rank += Factors(slot, group.Layer, group.Members[i].Target).Rank;
        return rank;
    }

    /// <summary>Widest Z row that any adapter here needs for this group.</summary>
    public int WidestGroupRank(LinearGroup group)
    {
        int widest = 0;
        for (int slot = 0; slot < Count; slot++)
            widest = Math.Max(widest, GroupRank(slot, group));
        return widest;
    }

    /// <summary>Whether any adapter here sits on a member of this group.</summary>
    public bool Touches(LinearGroup group) => WidestGroupRank(group) > 0;

    /// <summary>Makes room for gradients and moments, zeroed. Done once, before the first training step.</summary>
    public void PrepareTraining()
    {
        if (_gradients is not null)
            return;
        _gradients = _operators.Allocate(Elements * _operators.Wide.Size());
        _moments = _operators.Allocate(2 * Elements * _operators.Wide.Size());
        _operators.Zero(Gradients);
        _operators.Zero(FirstMoment);
        _operators.Zero(SecondMoment);
        Working.PrepareTraining();
    }

    /// <summary>Gives back gradients and moments, two thirds of a set: what follows training reads the parameters alone.</summary>
    public void EndTraining()
    {
        _gradients?.Dispose();
        _moments?.Dispose();
        (_gradients, _moments) = (null, null);
    }

    /// <summary>Brings <see cref="Working"/> up to date after the masters of one adapter were written from outside.</summary>
    public void Publish(int slot) => Working.Publish(slot);

    /// <summary>A run of elements of a flat buffer as <c>[1, count]</c>.</summary>
    public static DeviceBuffer Part(DeviceBuffer flat, long offset, long count) =>
        flat with { Pointer = flat.Pointer + (nint)(offset * flat.Type.Size()), Rows = 1, Columns = checked((int)count) };

    public void Dispose()
    {
        _master.Dispose();
        Working.Dispose();
        EndTraining();
    }

    private static InvalidOperationException NotTrained() => new("AdapterSet.PrepareTraining was not called, or training has ended");

    private DeviceBuffer Flat(DeviceMemory memory, DType type) =>
        new(memory.Pointer, type, 1, checked((int)Elements), _operators.Device);

    /// <summary>Number of the factors of one adapter on one linear among all (slot, layer, target), whether it has any or not.</summary>
    internal int Index(int slot, int layer, int target) => (slot * Layers + layer) * Targets.Count + target;
}
