using Seal.Kernels.Cases;
using Seal.Kernels.Tests.Native;

namespace Seal.Kernels.Tests;

/// <summary>What <c>--validate</c> puts beside a backend: it changes nothing, sees every operator, and finds what is wrong.</summary>
public class ValidatingOperatorsTests
{
    [Test]
    public void ResultsAreTheBackendsOwnAndEveryOperatorIsCompared()
    {
        using NativeOperators alone = NativeBuild.RequireOperators("portable", DType.F32);
        using ValidatingOperators validated = new(NativeBuild.RequireOperators("portable", DType.F32));
        foreach (OperatorCase operatorCase in OperatorCases.All)
        {
            using Trial expected = new(alone, DType.F32);
            using Trial found = new(validated, DType.F32);
            operatorCase.Run(expected);
            operatorCase.Run(found);
            foreach ((CheckedResult own, CheckedResult result) in expected.Results.Zip(found.Results))
                Assert.That(result.Values, Is.EqualTo(own.Values), $"{operatorCase} {own.Name}");
        }
        Assert.That(validated.Passed, $"{validated.First?.Result.Operator} {validated.First?.Result.Result}: {validated.First?.Deviation}");
        // Products with blocks are calls of lora_linear and logits.
        Assert.That(validated.Results.Select(result => result.Operator), Is.SupersetOf(
            OperatorCases.All.Select(c => c.Operator).Where(name => !name.StartsWith("quantized_", StringComparison.Ordinal)).Distinct()));
        Assert.That((validated.Name, validated.Numerics), Is.EqualTo((alone.Name, alone.Numerics)));
    }

    /// <summary>What generation reads in blocks is not rounded to bf16, so libtorch must not round it either, far tighter than the tolerance.</summary>
    [Test]
    public void BlocksAreComparedAsTheyAre()
    {
        using ValidatingOperators validated = new(NativeBuild.RequireOperators("portable", DType.BF16));
        foreach (OperatorCase operatorCase in OperatorCases.All.Where(c => c.Operator is "quantized_head" or "quantized_linear"))
        {
            using Trial trial = new(validated, DType.BF16);
            operatorCase.Run(trial);
        }
        Assert.That(validated.Results.Single(result => result.Operator == "logits").Worst!.Used, Is.LessThan(1e-3));
        Assert.That(validated.Results.Single(result => result is { Operator: "lora_linear", Result: "y" }).Beyond, Is.Zero);
    }

    /// <summary>A backend whose frozen matrices are rounded to bf16 though it says f32.</summary>
    [Test]
    public void TheFirstResultThatPartsIsNamedWithItsElement()
    {
        using ValidatingOperators validated = new(new TorchOperators(Device.Host, DType.F32, weights: DType.BF16));
        using Trial trial = new(validated, DType.F32);
        DeviceBuffer y = trial.Output(1, 2);
        PackedWeight table = trial.Own(validated.Prepare([1, 2, 3, 1.001f], 2, 2));
        validated.Zero(y);
        validated.Embed(table, trial.Indices([0]), y);
        Assert.That(validated.Passed);
        validated.Embed(table, trial.Indices([1]), y);
        validated.Embed(table, trial.Indices([0]), y);
        Assert.That(validated.Passed, Is.False);
        (ValidatedResult result, Deviation at) = validated.First!.Value;
        Assert.That((result.Operator, result.Result, result.Calls, result.Beyond), Is.EqualTo(("embed", "y", 3L, 1L)));
        Assert.That((at.Call, at.Shape, at.Element, at.Value, at.Expected), Is.EqualTo((3L, "[1, 2]", 1L, 1.0, (double)1.001f)));
        Assert.That(at.Used, Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void TheReferenceIsRefused() =>
        Assert.That(() => new ValidatingOperators(new TorchOperators(Device.Host, DType.F64)), Throws.TypeOf<SealException>());
}
