using Seal.Models.Benchmarks;

namespace Seal.Cuda.Tests;

public class StepPlanTests
{
    /// <summary>Weights of the linears and the head, and parameters of an adapter of rank 32 on all linears, in millions.</summary>
    [TestCase("SmolLM2-135M", 106.2, 28.3, 9.77)]
    [TestCase("Llama-3.2-1B", 973, 262.7, 22.5)]
    [TestCase("Qwen2.5-7B", 6525, 545, 80.7)]
    public void Counts_a_model_s_weights(string name, double linears, double head, double adapter)
    {
        PlannedModel model = StepPlan.Models.Single(model => model.Name == name);
        Assert.That(model.Layers * model.LayerWeights / 1e6, Is.EqualTo(linears).Within(0.001 * linears));
        Assert.That(model.Head / 1e6, Is.EqualTo(head).Within(0.002 * head));
        Assert.That(32 * model.Layers * model.LayerFactors / 1e6, Is.EqualTo(adapter).Within(0.002 * adapter));
    }

    /// <summary>Weights are read once whatever the number of adapters: that is what lockstep gains on a GPU.</summary>
    [Test]
    public void Adapters_together_are_faster_than_one_after_the_other()
    {
        foreach (PlannedModel model in StepPlan.Models)
            foreach (Gpu gpu in StepPlan.Gpus)
            {
                StepPlan one = StepPlan.Of(model, 1, 64, 32), many = StepPlan.Of(model, 16, 64, 32);
                Assert.That(many.Launches, Is.EqualTo(one.Launches));
                Assert.That(many.Seconds(gpu), Is.LessThan(16 * one.Seconds(gpu)), $"{model.Name} on {gpu.Name}");
            }
    }
}
