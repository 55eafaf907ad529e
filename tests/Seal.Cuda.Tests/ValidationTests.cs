using Seal.Kernels;
using Seal.Kernels.Cases;

namespace Seal.Cuda.Tests;

/// <summary><c>--validate</c> on a device: libtorch on the host beside kernels whose operands it cannot read in place.</summary>
public class ValidationTests
{
    /// <summary>One case of each operator, the largest that is not a model's size.</summary>
    [Test]
    public void Every_operator_is_compared()
    {
        using ValidatingOperators validated = new(CudaBuild.RequireOperators(DType.F32, watched: false));
        OperatorCase[] cases = [.. OperatorCases.All.GroupBy(c => c.Operator).Select(group => group.Last())];
        foreach (OperatorCase operatorCase in cases)
        {
            using Trial trial = new(validated, DType.F32);
            operatorCase.Run(trial);
        }
        Assert.That(validated.Passed, $"{validated.First?.Result.Operator} {validated.First?.Result.Result}: {validated.First?.Deviation}");
        // Products with blocks are calls of lora_linear and logits.
        Assert.That(validated.Results.Select(result => result.Operator), Is.SupersetOf(
            cases.Select(c => c.Operator).Where(name => !name.StartsWith("quantized_", StringComparison.Ordinal))));
    }

    [TestCase(DType.F32)]
    [TestCase(DType.BF16)]
    public void A_tiny_model_trains_and_generates(DType type)
    {
        ValidatingOperators validated = new(CudaBuild.RequireOperators(type, watched: false));
        using TinyStep step = new(validated, layers: 2, adapters: 2);
        step.Train();
        step.Train();
        step.Score(adapted: false);
        Assert.That(step.Generate(), Has.Length.EqualTo(2));
        Assert.That(validated.Passed, $"{validated.First?.Result.Operator} {validated.First?.Result.Result}: {validated.First?.Deviation}");
        Assert.That(validated.Results.Select(result => result.Operator), Is.SupersetOf(new[] { "adamw", "causal_attention", "decode_attention", "kv_append", "sample" }));
    }
}
