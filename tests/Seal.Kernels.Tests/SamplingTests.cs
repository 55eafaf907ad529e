namespace Seal.Kernels.Tests;

public class SamplingTests
{
    private static readonly float[] Logits = [1.5f, -2, 0.25f, 3, 3, -0.5f, float.NaN, 2];

    [Test]
    public void GreedyTakesTheLowestIdOfTheLargest() => Assert.That(Draw(new(0, 0, 1, 1, 0)), Is.EqualTo(3));

    [TestCase(new[] { float.NaN, -1f, -1f }, ExpectedResult = 1)]
    [TestCase(new[] { float.NaN, float.NaN }, ExpectedResult = 0)]
    [TestCase(new[] { -1f, -0f, 0f }, ExpectedResult = 1)]
    [TestCase(new[] { 0f, float.PositiveInfinity, float.PositiveInfinity }, ExpectedResult = 1)]
    [TestCase(new[] { float.NegativeInfinity, float.NegativeInfinity }, ExpectedResult = 0)]
    [TestCase(new[] { 5f }, ExpectedResult = 0)]
    public int GreedyOnTheEdges(float[] logits)
    {
        Assert.That(Sampling.Draw(logits, new(1, 1, 1, 7, 7)), Is.EqualTo(Sampling.Greedy(logits)));
        return Sampling.Greedy(logits);
    }

    [Test]
    public void TopOneIsGreedy()
    {
        for (int counter = 0; counter < 200; counter++)
            Assert.That(Draw(new(2, 1, 1, 9, counter)), Is.EqualTo(3));
    }

    [TestCase(1f)]
    [TestCase(0.5f)]
    [TestCase(3f)]
    public void FrequenciesAreTheSoftmax(float temperature) => AssertFrequencies(new(temperature, 0, 1, 42, 0), [0, 1, 2, 3, 4, 5, 7]);

    [Test]
    public void TopKKeepsTheLikeliestTiesToTheLowestId()
    {
        AssertFrequencies(new(1, 2, 1, 43, 0), [3, 4]);
        AssertFrequencies(new(1, 4, 1, 44, 0), [3, 4, 7, 0]);
        AssertFrequencies(new(1, 3, 1, 45, 0), [3, 4, 7]);
    }

    // Softmax of ln 4, ln 2, ln 1, ln 1: 1/2, 1/4, 1/8, 1/8.
    [TestCase(0.0f, new[] { 0 })]
    [TestCase(0.4999f, new[] { 0 })]
    [TestCase(0.5001f, new[] { 0, 1 })]
    [TestCase(0.7499f, new[] { 0, 1 })]
    [TestCase(0.7501f, new[] { 0, 1, 2 })]
    [TestCase(0.8751f, new[] { 0, 1, 2, 3 })]
    [TestCase(0.9999f, new[] { 0, 1, 2, 3 })]
    public void TopPKeepsTheSmallestNucleusThatReachesIt(float topP, int[] kept) =>
        AssertFrequencies(new(1, 0, topP, 46, 0), kept, [MathF.Log(4), MathF.Log(2), 0, 0]);

    [Test]
    public void TopPCountsWhatTopKLeft() =>
        // Of the first two, 2/3 and 1/3: 0.6 is reached by one token, though it weighs only 1/2 of all.
        AssertFrequencies(new(1, 2, 0.6f, 47, 0), [0], [MathF.Log(4), MathF.Log(2), 0, 0]);

    [Test]
    public void TheSameSeedAndCounterDrawTheSame()
    {
        float[] logits = [.. Enumerable.Range(0, 5000).Select(i => (float)(8 * CounterRandom.Uniform(1, (ulong)i)))];
        SamplingRow[] rules = [new(1, 0, 1, 5, 0), new(1, 0, 0.9f, 5, 0), new(1, 50, 1, 5, 0), new(0.7f, 300, 0.8f, 5, 0)];
        foreach (SamplingRow rule in rules)
        {
            int[] first = [.. Enumerable.Range(0, 50).Select(i => Sampling.Draw(logits, rule with { Counter = i }))];
            int[] again = [.. Enumerable.Range(0, 50).Reverse().Select(i => Sampling.Draw(logits, rule with { Counter = i })).Reverse()];
            Assert.That(again, Is.EqualTo(first));
            Assert.That(first.Distinct().Count(), Is.GreaterThan(10));
        }
    }

    [Test]
    public void TopKOfManyIsWhatSortingWouldKeep()
    {
        float[] logits = [.. Enumerable.Range(0, 3000).Select(i => MathF.Round((float)(20 * CounterRandom.Uniform(2, (ulong)i)), 1))];
        HashSet<int> best = [.. Enumerable.Range(0, 3000).OrderByDescending(i => logits[i]).ThenBy(i => i).Take(17)];
        HashSet<int> drawn = [.. Enumerable.Range(0, 2000).Select(i => Sampling.Draw(logits, new(5, 17, 1, 3, i)))];
        Assert.That(drawn, Is.EquivalentTo(best));
    }

    [Test]
    public void NonsenseIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Sampling.Draw([], new(1, 0, 1, 0, 0)));
        Assert.Throws<ArgumentException>(() => Draw(new(-1, 0, 1, 0, 0)));
        Assert.Throws<ArgumentException>(() => Draw(new(float.NaN, 0, 1, 0, 0)));
        Assert.Throws<ArgumentException>(() => Draw(new(1, -1, 1, 0, 0)));
        Assert.Throws<ArgumentException>(() => Draw(new(1, 0, float.NaN, 0, 0)));
    }

    private static int Draw(SamplingRow row) => Sampling.Draw(Logits, row);

    /// <summary>Chi-square of 20000 draws against the renormalised softmax of the kept ids; nothing else may be drawn.</summary>
    private static void AssertFrequencies(SamplingRow rule, int[] kept, float[]? logits = null)
    {
        const int draws = 20000;
        logits ??= Logits;
        double[] expected = new double[logits.Length];
        foreach (int id in kept)
            expected[id] = Math.Exp(logits[id] / rule.Temperature);
        double total = expected.Sum();
        int[] counts = new int[logits.Length];
        for (int i = 0; i < draws; i++)
            counts[Sampling.Draw(logits, rule with { Counter = i })]++;
        double chiSquare = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            double mean = draws * expected[id] / total;
            if (mean == 0)
                Assert.That(counts[id], Is.Zero, $"token {id} should never be drawn");
            else
                chiSquare += (counts[id] - mean) * (counts[id] - mean) / mean;
        }
        Assert.That(chiSquare, Is.LessThan(24)); // 6 degrees of freedom: exceeded with probability 0.0005, and the seeds are fixed
    }
}
