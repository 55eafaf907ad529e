using Seal.Learning.Statistics;
using Seal.Learning.Tests.FewShot;

namespace Seal.Learning.Tests.Statistics;

public sealed class NumpyRandomTests
{
    [Test]
    public void Shuffle_with_seed_0_gives_the_published_order_of_training()
    {
        string[] inputs = [.. Arc.Filtered().SelectMany(task => task.Tests.Select((_, i) => task.NameOf(i)))];
        new NumpyRandom(0).Shuffle<string>(inputs);
        Assert.That(inputs, Is.EqualTo(new[]
        {
            "6150a2bd-0", "8d5021e8-0", "5614dbcf-0", "8be77c9e-0", "4be741c5-0", "6d0aefbc-0", "44f52bb0-1", "67e8384a-0", "6e02f1e3-0", "5582e5ca-0", "44f52bb0-0", "5bd6f4ac-0", "8e1813be-0",
        }));
    }

    [Test]
    public void Shuffle_with_seed_0_gives_the_published_order_of_evaluation()
    {
        string[] inputs = ["358ba94e-0", "59341089-0", "66e6c45b-0", "68b67ca3-0", "903d1b4a-0", "af24b4cc-0", "b1fc8b8e-0", "b1fc8b8e-1", "bc4146bd-0", "c7d4e6ad-0", "ce8d95cc-0"];
        new NumpyRandom(0).Shuffle<string>(inputs);
        Assert.That(inputs, Is.EqualTo(new[]
        {
            "903d1b4a-0", "c7d4e6ad-0", "66e6c45b-0", "ce8d95cc-0", "b1fc8b8e-0", "59341089-0", "b1fc8b8e-1", "bc4146bd-0", "68b67ca3-0", "358ba94e-0", "af24b4cc-0",
        }));
    }

    [Test]
    public void A_copy_goes_on_by_itself()
    {
        var random = new NumpyRandom(7);
        NumpyRandom copy = random.Copy();
        int[] drawn = copy.Permutation(700); // beyond one filling of the state
        Assert.That(random.Permutation(700), Is.EqualTo(drawn).And.Unique);
        Assert.That(random.Below(1), Is.Zero);
        Assert.That(() => random.Below(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
