using System.Text.Json.Nodes;
using Seal.Kernels;
using Seal.Learning.Journal;
using Seal.Learning.Knowledge;

namespace Seal.Learning.Tests.Loop;

/// <summary>What determines the jobs of a run on passages. Where this changes, finished runs are no longer found: <see cref="Job.Version"/> must say so.</summary>
public sealed class JobInputsTests
{
    private TinyRun _run = null!;

    [OneTimeSetUp]
    public void Run()
    {
        _run = new TinyRun();
        _run.Run("run", _run.Settings with { Rounds = 1 });
    }

    [OneTimeTearDown]
    public void Dispose() => _run.Dispose();

    [TestCase("exam", "dtype judge model numerics passage seed self_edit settings title", "exam losses sequences tokens")]
    [TestCase("adapt", "dtype judge model numerics passage seed self_edit settings title", "exam losses sequences tokens")]
    [TestCase("sample", "candidate candidates dtype model numerics passage seed settings title", "finish text tokens")]
    [TestCase("select", "candidates no_update passage_only selection title", "kept passage_only rewards")]
    [TestCase("policy", "dtype model numerics rows seed settings", "adapter losses")]
    public void Fields(string kind, string inputs, string result)
    {
        foreach (JournalEntry entry in Entries(kind))
        {
            Assert.That(string.Join(' ', Keys(entry.Inputs)), Is.EqualTo(inputs));
            Assert.That(string.Join(' ', Keys(entry.Result)), Is.EqualTo(result));
        }
    }

    [Test]
    public void Settings_digests_and_seeds()
    {
        Passage elm = TinyRun.Passages[0];
        string digest = CanonicalJson.Hash(new { elm.Title, elm.Context, elm.Questions });
        ulong round = CounterRandom.Derive(_run.Settings.Seed, "round 1");
        JsonNode[] adapted = [.. Entries("adapt").Select(entry => JsonNode.Parse(entry.Inputs)!).Where(inputs => (string)inputs["passage"]! == digest)];
        ulong candidate = CounterRandom.Derive(round, $"candidate {digest}"); // one start for all of a passage
        Assert.That(adapted.Select(inputs => (ulong)inputs["seed"]!), Is.EquivalentTo(new[] { CounterRandom.Derive(round, $"passage {digest}"), candidate, candidate }));
        Assert.That(adapted.Select(inputs => CanonicalJson.Serialize(inputs["settings"])), Is.All.EqualTo(CanonicalJson.Serialize(_run.Settings.Trial)));
        Assert.That((string)adapted.Single(inputs => (ulong)inputs["seed"]! == CounterRandom.Derive(round, $"passage {digest}"))["self_edit"]!, Is.Empty, "the passage alone");
        JsonNode[] sampled = [.. Entries("sample").Select(entry => JsonNode.Parse(entry.Inputs)!).Where(inputs => (string)inputs["passage"]! == digest)];
        Assert.That(sampled.Select(inputs => (ulong)inputs["seed"]!), Is.EquivalentTo(new[] { CounterRandom.Derive(round, $"self-edit {digest} 0"), CounterRandom.Derive(round, $"self-edit {digest} 1") }));
        JsonNode selected = JsonNode.Parse(Entries("select").First().Inputs)!;
        Assert.That(Keys(selected["selection"]!.ToJsonString()), Is.EqualTo(new[] { "above_baseline", "best", "floor", "reward" }));
    }

    private JournalEntry[] Entries(string kind) => [.. _run.Entries("run").Where(entry => entry.Kind == kind)];

    private static IEnumerable<string> Keys(string json) => JsonNode.Parse(json)!.AsObject().Select(field => field.Key);
}
