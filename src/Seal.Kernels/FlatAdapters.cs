namespace Seal.Kernels;

/// <summary>
/// Working adapters of a backend whose linears read factors as they lie among the masters: the masters themselves, or a flat copy of them in the
/// activation type.
/// </summary>
internal sealed class FlatAdapters : WorkingAdapters
{
    private readonly Operators _operators;
    private readonly AdapterSet _adapters;
    private readonly DeviceMemory? _copy;

    public FlatAdapters(Operators operators, AdapterSet adapters)
    {
        _operators = operators;
        _adapters = adapters;
        if (operators.Activation != operators.Wide)
            _copy = operators.Allocate(adapters.Elements * operators.Activation.Size());
    }

    /// <summary>What the linears read of a set, as one run of values in the masters' order.</summary>
    /// <exception cref="ArgumentException">The set is of a backend that keeps them otherwise.</exception>
    public static DeviceBuffer Of(AdapterSet adapters) => adapters.Working is FlatAdapters own
        ? own.Values
        : throw new ArgumentException($"a set with flat adapters was expected, not one with {adapters.Working.GetType().Name}", nameof(adapters));

    private DeviceBuffer Values => _copy is null
        ? _adapters.Parameters
        : _adapters.Parameters with { Pointer = _copy.Pointer, Type = _operators.Activation };

    public override void Publish(int slot)
    {
        if (_copy is null)
            return;
        (long offset, long count) = _adapters.Range(slot);
        _operators.Cast(AdapterSet.Part(_adapters.Parameters, offset, count), AdapterSet.Part(Values, offset, count));
    }

    public override void PrepareTraining() { }

    public override void Dispose() => _copy?.Dispose();
}
