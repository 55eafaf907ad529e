using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    public override WorkingAdapters CreateWorking(AdapterSet adapters) => new NativeAdapters(_engine, Activation, adapters);

    private static NativeAdapters Own(AdapterSet adapters) => adapters.Working as NativeAdapters
        ?? throw new ArgumentException($"a set of the native backend was expected, not one with {adapters.Working.GetType().Name}", nameof(adapters));

    /// <summary>Every factor in panels of the register tile, made anew when its master changes: no step packs anything.</summary>
    private sealed class NativeAdapters : WorkingAdapters
    {
        private readonly SealEngineHandle _engine;
        private readonly AdapterSet _adapters;
        private readonly int[] _numbers; // of (slot, layer, target) among the factors that exist; -1: none
        private bool _training;

        public unsafe NativeAdapters(SealEngineHandle engine, DType activation, AdapterSet adapters)
        {
            _engine = engine;
            _adapters = adapters;
            _numbers = new int[adapters.Count * adapters.Layers * adapters.Targets.Count];
            Array.Fill(_numbers, -1);
            var shapes = new List<SealFactorShape>();
            for (int slot = 0; slot < adapters.Count; slot++)
                for (int layer = 0; layer < adapters.Layers; layer++)
                    foreach (int target in adapters.Adapters[slot].Targets)
                    {
                        LoraFactors f = adapters.Factors(slot, layer, target);
                        if (f.IsNone)
                            continue;
                        _numbers[adapters.Index(slot, layer, target)] = shapes.Count;
                        shapes.Add(new SealFactorShape(f.Rank, f.Inputs, f.Outputs, f.A, f.B));
                    }
            fixed (SealFactorShape* first = shapes.ToArray())
            {
                LibSeal.seal_adapters_create(engine, activation.Native(), first, shapes.Count, adapters.Elements, out SealAdaptersHandle handle).ThrowOnFailure();
                Handle = handle;
            }
        }

        public SealAdaptersHandle Handle { get; }

        /// <summary>Number of the factors of one adapter on one linear, or −1.</summary>
        public int Number(int slot, int layer, int target) => _numbers[_adapters.Index(slot, layer, target)];

        public override void Publish(int slot)
        {
            (long offset, long count) = _adapters.Range(slot);
            Publish(offset, count);
        }

        public override void PrepareTraining()
        {
            _training = true;
            Publish(0, _adapters.Elements);
        }

        public override void Dispose() => Handle.Dispose();

        private void Publish(long offset, long count) => LibSeal.seal_adapters_publish(
            _engine, Handle, _adapters.Parameters.Pointer, offset, count, _training ? 1 : 0).ThrowOnFailure();
    }
}
