using Seal.Learning.Knowledge;
using Seal.Learning.Statistics;

namespace Seal.Learning.Tests.Statistics;

// Expected values: CPython 3.12, random.seed(n) then shuffle / sample of a range.
public sealed class PythonRandomTests
{
    [Test]
    public void Shuffle_of_the_2067_validation_records_gives_the_published_order()
    {
        int[] order = Enumerable.Range(0, 2067).ToArray();
        new PythonRandom(42).Shuffle<int>(order);
        Assert.That(order[..20], Is.EqualTo(new[]
        {
            1168, 760, 685, 1193, 1679, 1572, 1257, 522, 137, 2032, 1054, 304, 827, 1483, 1822, 1188, 1061, 1198, 560, 966,
        }));
        Assert.That(order[^5..], Is.EqualTo(new[] { 914, 1003, 1126, 102, 456 }), "the state is twisted several times on the way");
        Assert.That(order.Order(), Is.EqualTo(Enumerable.Range(0, 2067)));
    }

    [Test]
    public void A_published_subset_is_a_stretch_of_that_order()
    {
        int[] records = Enumerable.Range(0, 2067).ToArray();
        Assert.That(PublishedSubset.Of(records, 2, start: 1), Is.EqualTo(new[] { 760, 685 }));
        Assert.That(PublishedSubset.Of(records, 0, start: 2065), Is.EqualTo(new[] { 102, 456 }));
        Assert.That(records[0], Is.Zero, "the list given stays as it is");
    }

    [Test]
    public void Samples_of_the_continual_runs_are_drawn_one_after_the_other()
    {
        var first = new PythonRandom(42);
        Assert.That(first.Sample(2067, 8), Is.EqualTo(new[] { 456, 102, 1126, 1003, 914, 571, 419, 356 }));
        Assert.That(first.Sample(2067, 8), Is.EqualTo(new[] { 1728, 130, 122, 383, 895, 952, 108, 814 }));
        var second = new PythonRandom(43);
        Assert.That(second.Sample(2067, 8), Is.EqualTo(new[] { 157, 1171, 589, 1894, 1515, 394, 1856, 2040 }));
        Assert.That(second.Sample(2067, 8), Is.EqualTo(new[] { 78, 1771, 1525, 1777, 1613, 721, 236, 439 }));
    }

    [Test]
    public void A_large_share_is_sampled_from_a_pool() =>
        Assert.That(new PythonRandom(7).Sample(20, 12), Is.EqualTo(new[] { 10, 4, 12, 1, 2, 13, 8, 16, 5, 9, 0, 14 }));

    [Test]
    public void A_seed_beyond_32_bits_uses_both_words()
    {
        int[] order = Enumerable.Range(0, 10).ToArray();
        new PythonRandom((1UL << 40) + 5).Shuffle<int>(order);
        Assert.That(order, Is.EqualTo(new[] { 1, 2, 3, 6, 7, 0, 5, 4, 9, 8 }));
    }

    [Test]
    public void More_than_there_are_cannot_be_sampled() =>
        Assert.That(() => new PythonRandom(1).Sample(3, 4), Throws.TypeOf<ArgumentOutOfRangeException>());
}
