using Seal.Kernels.Ilgpu;

namespace Seal.Kernels.Tests.Ilgpu;

/// <summary>The kernels' own functions and roundings, on the host.</summary>
public class FunctionTests
{
    [Test]
    public void ExponentialsAreGoodToTwoUnits()
    {
        for (double x = -87; x < 88; x += 0.0137)
            Assert.That(Units(Functions.Exp((float)x), Math.Exp((float)x)), Is.LessThan(2), $"e^{x}");
        Assert.That(Functions.Exp(0), Is.EqualTo(1));
        Assert.That(Functions.Exp(float.NegativeInfinity), Is.Zero);
        Assert.That(Functions.Exp(-200), Is.Zero);
        Assert.That(Functions.Exp(89), Is.EqualTo(float.PositiveInfinity));
        Assert.That(Functions.Exp(float.NaN), Is.NaN);
        Assert.That(Functions.Exp(-100), Is.EqualTo(Math.Exp(-100)).Within(3e-45)); // below the normal numbers
    }

    [Test]
    public void LogarithmsAreGoodToTwoUnits()
    {
        for (double x = 1.2e-38; x < 3e38; x *= 1.0173)
        {
            double exact = Math.Log((float)x);
            Assert.That(Math.Abs(Functions.Log((float)x) - exact), Is.LessThan(2 * Math.ScaleB(1, -24) * Math.Max(1, Math.Abs(exact))), $"ln {x}");
        }
        Assert.That(Functions.Log(1), Is.Zero);
    }

    [TestCase(0x3F808000u, 0x3F80, TestName = "a tie goes to the even one, below")]
    [TestCase(0x3F818000u, 0x3F82, TestName = "a tie goes to the even one, above")]
    [TestCase(0x3F808001u, 0x3F81, TestName = "more than half goes up")]
    [TestCase(0x7F7FFFFFu, 0x7F80, TestName = "the largest float becomes infinite")]
    [TestCase(0x7FFFFFFFu, 0x7FC0, TestName = "any NaN stays one")]
    [TestCase(0xFF800001u, 0x7FC0, TestName = "a NaN of small payload does not become infinite")]
    [TestCase(0x80000000u, 0x8000, TestName = "zero keeps its sign")]
    public void BFloat16IsRoundedToNearestEven(uint bits, int expected) =>
        Assert.That((int)default(Bf16Element).Narrow(BitConverter.UInt32BitsToSingle(bits)), Is.EqualTo(expected));

    private static double Units(float found, double exact) => Math.Abs(found - exact) / (Math.Abs(exact) * Math.ScaleB(1, -23));
}
