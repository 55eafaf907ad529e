using System.Text.Json;
using Seal.Learning.Journal;

namespace Seal.Learning.Tests.Journal;

public sealed class CanonicalJsonTests
{
    private sealed record Numbers(double Double, float Single, ulong Large);

    private sealed record Named(string Name, int? Maybe = null);

    [Test]
    public void Keys_are_sorted_by_ordinal_at_every_depth() => Assert.That(
        CanonicalJson.Serialize(new { B = new { Z = 1, A = 2 }, A = new object[] { new { Y = 1, X = 2 } }, a_b = 3, C1 = 4 }),
        Is.EqualTo("""{"a":[{"x":2,"y":1}],"a_b":3,"b":{"a":2,"z":1},"c1":4}"""));

    [Test]
    public void Equal_values_have_equal_texts_however_they_were_made()
    {
        var one = new Dictionary<string, double> { ["x"] = 1, ["y"] = 0.1 };
        var other = new Dictionary<string, double> { ["y"] = 1e-1, ["x"] = 1.0 };
        Assert.That(CanonicalJson.Serialize(one), Is.EqualTo(CanonicalJson.Serialize(other)).And.EqualTo("""{"x":1,"y":0.1}"""));
        Assert.That(CanonicalJson.Hash(one), Is.EqualTo(CanonicalJson.Hash(other)));
        Assert.That(CanonicalJson.Hash(new { X = 1, Y = 0.2 }), Is.Not.EqualTo(CanonicalJson.Hash(one)));
    }

    [TestCase(0.1, 0.1f)]
    [TestCase(1.0 / 3, 1f / 3)]
    [TestCase(double.Epsilon, float.Epsilon)]
    [TestCase(double.MaxValue, float.MaxValue)]
    [TestCase(-0.0, -0f)]
    [TestCase(double.NegativeInfinity, float.PositiveInfinity)]
    [TestCase(double.NaN, float.NaN)]
    public void Numbers_read_back_to_the_same_bits(double number, float single)
    {
        Numbers read = JsonSerializer.Deserialize<Numbers>(CanonicalJson.Serialize(new Numbers(number, single, ulong.MaxValue)), CanonicalJson.Options)!;
        Assert.That(BitConverter.DoubleToInt64Bits(read.Double), Is.EqualTo(BitConverter.DoubleToInt64Bits(number)));
        Assert.That(BitConverter.SingleToInt32Bits(read.Single), Is.EqualTo(BitConverter.SingleToInt32Bits(single)));
        Assert.That(read.Large, Is.EqualTo(ulong.MaxValue));
    }

    [Test]
    public void Text_is_kept_as_it_is()
    {
        var text = new Named("Tîtle ‘q’ <b> & \"x\"\n🌳\\");
        string json = CanonicalJson.Serialize(text);
        Assert.That(json, Does.Contain("Tîtle ‘q’ <b> & \\\"x\\\"\\n"));
        Assert.That(JsonSerializer.Deserialize<Named>(json, CanonicalJson.Options), Is.EqualTo(text));
    }

    [TestCase("""{"name": "a", "other": 1}""", "other")]
    [TestCase("""{"name": null}""", "name")]
    [TestCase("""{"name": "a", "name": "b"}""", "name")]
    public void What_does_not_fit_is_refused(string json, string field) =>
        Assert.That(() => JsonSerializer.Deserialize<Named>(json, CanonicalJson.Options), Throws.InstanceOf<JsonException>().With.Message.Contains(field));

    /// <summary>Ids of jobs are stored in run folders: a change of this text orphans them, and must come with a new <see cref="Job.Version"/>.</summary>
    [Test]
    public void Hashes_stay_what_they_are()
    {
        Job job = Job.Of("adapt", 2, new { Seed = 18446744073709551615ul, Title = "Ünï", Rate = 3e-4, Edit = (string?)null });
        Assert.That(job.Inputs, Is.EqualTo("""{"edit":null,"rate":0.0003,"seed":18446744073709551615,"title":"Ünï"}"""));
        Assert.That(job.Id, Is.EqualTo("17d07142c1b69ad190695858a8f319ecd155973a58247bec072510547f42a6ec"));
        Assert.That(Job.Of("adapt", 3, new { Seed = 18446744073709551615ul, Title = "Ünï", Rate = 3e-4, Edit = (string?)null }).Id, Is.EqualTo(job.Id), "the round is where a job stands");
        Assert.That(Job.Of("sample", 2, new { Seed = 18446744073709551615ul, Title = "Ünï", Rate = 3e-4, Edit = (string?)null }).Id, Is.Not.EqualTo(job.Id));
    }
}
