using Seal.Kernels;

namespace Seal.Cuda.Tests;

/// <summary>What a whole step of a tiny model sends to the device.</summary>
public class StepTests
{
    /// <summary>The number that native/cuda/README.md states: of a layer, whatever the number of adapters.</summary>
    [Test]
    public void A_layer_s_launches_are_counted()
    {
        (long forward, long bare, long step) two = Launches(2, 1), three = Launches(3, 1), many = Launches(3, 4);
        Assert.That(three.forward - two.forward, Is.EqualTo(13), "forward");
        Assert.That(three.bare - two.bare, Is.EqualTo(9), "forward, the bare base model");
        Assert.That(three.step - two.step, Is.EqualTo(26), "forward and backward");
        Assert.That(many, Is.EqualTo(three), "adapters share launches");
    }

    [Test]
    public void A_step_allocates_nothing_on_the_managed_heap()
    {
        using TinyStep step = new(CudaBuild.RequireOperators(DType.F32, watched: false), layers: 2, adapters: 2);
        step.Train();
        step.Train();
        long before = GC.GetAllocatedBytesForCurrentThread();
        step.Train();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static (long Forward, long Bare, long Step) Launches(int layers, int adapters)
    {
        NativeOperators operators = CudaBuild.RequireOperators(DType.F32, watched: false);
        using TinyStep step = new(operators, layers, adapters);
        return (Counted(() => step.Score(adapted: true)), Counted(() => step.Score(adapted: false)), Counted(step.Train));

        long Counted(Action work)
        {
            long before = operators.Launches;
            work();
            return operators.Launches - before;
        }
    }
}
