using Seal.Models.Formats;

namespace Seal.Models.Tests.Formats;

public sealed class BFloat16Tests
{
    [TestCase(1.0f, 0x3F80)]
    [TestCase(-2.5f, 0xC020)]
    [TestCase(1.00390625f, 0x3F80, Description = "a tie goes to the even 1")]
    [TestCase(1.01171875f, 0x3F82, Description = "a tie goes to the even 1 + 2/128")]
    [TestCase(1.00390636f, 0x3F81, Description = "just above a tie")]
    [TestCase(float.MaxValue, 0x7F80, Description = "beyond the largest is infinity")]
    [TestCase(float.NegativeInfinity, 0xFF80)]
    [TestCase(-0.0f, 0x8000)]
    [TestCase(float.Epsilon, 0x0000)]
    public void RoundsToNearestEven(float value, int expected) => Assert.That(BFloat16.Round(value), Is.EqualTo((ushort)expected));

    [Test]
    public void ANanWithItsPayloadInTheLowerHalfStaysOne()
    {
        float nan = BitConverter.UInt32BitsToSingle(0x7F800001);
        Assert.That(float.IsNaN(BitConverter.UInt32BitsToSingle((uint)BFloat16.Round(nan) << 16)));
    }

    [Test]
    public void WideningAndRoundingGivesEveryPatternBack()
    {
        ushort[] patterns = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).Where(bits => !float.IsNaN(BitConverter.UInt32BitsToSingle((uint)bits << 16)))];
        float[] wide = new float[patterns.Length];
        ushort[] back = new ushort[patterns.Length];
        BFloat16.Widen(patterns, wide);
        BFloat16.Round(wide, back);
        Assert.That(wide[0x3F80], Is.EqualTo(1f));
        Assert.That(back, Is.EqualTo(patterns));
    }

    [Test]
    public void WidensEveryLength()
    {
        for (int length = 0; length <= 70; length++)
        {
            ushort[] source = [.. Enumerable.Range(0, length).Select(i => BFloat16.Round(i))];
            float[] wide = new float[length];
            BFloat16.Widen(source, wide);
            Assert.That(wide, Is.EqualTo(Enumerable.Range(0, length).Select(i => (float)i)));
        }
    }
}
