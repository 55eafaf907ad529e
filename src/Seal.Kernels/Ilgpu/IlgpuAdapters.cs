namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    public override WorkingAdapters CreateWorking(AdapterSet adapters) => new IlgpuAdapters(this, adapters);

    /// <summary>What the linears read, as one run of values in the masters' order.</summary>
    private static DeviceBuffer Working(AdapterSet adapters) => adapters.Working is IlgpuAdapters own
        ? own.Values
        : throw new ArgumentException($"a set of the ilgpu backend was expected, not one with {adapters.Working.GetType().Name}", nameof(adapters));

    /// <summary>The masters, or a flat copy of them in the activation type.</summary>
    private sealed class IlgpuAdapters : WorkingAdapters
    {
        private readonly IlgpuOperators<TStored, TElement, TShape> _operators;
        private readonly AdapterSet _adapters;
        private readonly DeviceMemory? _copy;

        public IlgpuAdapters(IlgpuOperators<TStored, TElement, TShape> operators, AdapterSet adapters)
        {
            _operators = operators;
            _adapters = adapters;
            if (operators.Activation != operators.Wide)
                _copy = operators.Allocate(adapters.Elements * operators.Activation.Size());
        }

        public DeviceBuffer Values => _copy is null
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
}
