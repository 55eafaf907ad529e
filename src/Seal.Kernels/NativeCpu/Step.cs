using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    /// <summary>How steps came to the device.</summary>
    public StepCounts Steps
    {
        get
        {
            LibSeal.seal_engine_steps(_engine, out SealStepCounts counts).ThrowOnFailure();
            return new StepCounts(counts.Graphs, counts.Updates, counts.Replays, counts.Copies);
        }
    }

    /// <summary>On a GPU a step is recorded and runs as graphs of about a hundred kernels; the processor does everything at once.</summary>
    protected internal override void BeginStep(int rows)
    {
        if (_graphs)
            LibSeal.seal_step_begin(_engine, rows).ThrowOnFailure();
    }

    protected internal override void EndStep()
    {
        if (_graphs)
            LibSeal.seal_step_end(_engine).ThrowOnFailure();
    }

    protected internal override void AbandonStep()
    {
        if (_graphs)
            LibSeal.seal_step_abandon(_engine).ThrowOnFailure();
    }
}
