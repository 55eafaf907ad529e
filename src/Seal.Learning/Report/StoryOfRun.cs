using System.Globalization;
using System.Text.Json.Nodes;
using Seal.Learning.Journal;

namespace Seal.Learning.Report;

/// <summary>Makes a run's records into what a report shows.</summary>
internal static class StoryOfRun
{
    public static RunStory Tell(RecordedRun run, RunEnvironment? environment)
    {
        IReadOnlyList<StoryRound> rounds = JournalRounds.Of(run);
        DomainWords words = Domains.Words(run.Settings);
        bool finished = rounds.Count == run.Settings.Rounds && rounds[^1].Complete;
        return new RunStory
        {
            Title = $"ReST-EM on {Path.GetFileName(words.Source)}",
            Words = words,
            Lead = Lead(run.Settings, words),
            Finished = finished,
            State = finished ? Invariant($"Finished: {Count(rounds.Count, "round")}, {Count(rounds[0].Passages.Count, words.Task.One)}.") : Unfinished(run, rounds, words),
            RewardUnit = run.Settings.Selection.Reward switch { RewardKind.Dense => "dense gain, nats a token", RewardKind.Accuracy => "accuracy", _ => "F1" },
            Charts = RewardCharts.Of(run.Settings, rounds, words),
            Rounds = rounds,
            Examples = Examples.Choose(rounds, words),
            Costs = JournalRounds.Costs(run, environment),
            CostNotes =
            [
                "Tokens: trained on, all epochs together; for writing, tokens written. Seconds: wall time from the journal; jobs of one lockstep group share its time evenly, training and exam together.",
                Flops.Formula(environment),
            ],
            Environment = Environment(run, environment),
            Settings = [.. Flat("", JsonNode.Parse(CanonicalJson.Serialize(run.Settings)))],
        };
    }

    private static IReadOnlyList<string> Lead(RunSettings s, DomainWords words) =>
    [
        Invariant($"The model {Path.GetFileName(s.Model)} {words.Story.Reads} {Count(s.Candidates, "self-edit")}{words.SelfEdits.Replace("`", "", StringComparison.Ordinal)}. {words.Story.Learns}"),
        Invariant($"Kept are the best {s.Selection.Best} of each {words.Task.One} by reward{(s.Selection.AboveBaseline ? $", if above the {words.Baseline}" : "")}; on those the policy is fine-tuned, and the next round begins."),
    ];

    private static string Unfinished(RecordedRun run, IReadOnlyList<StoryRound> rounds, DomainWords words)
    {
        const string rest = "This page shows what the journal holds so far; `seal train` with the same settings and folder goes on.";
        if (rounds.Count == 0)
            return $"Unfinished: no job is done yet. {rest}";
        StoryRound last = rounds[^1];
        int passages = last.Passages.Count, candidates = passages * run.Settings.Candidates;
        if (last.Complete)
            return Invariant($"Unfinished: {rounds.Count} of {Count(run.Settings.Rounds, "round")} done. {rest}");
        return Invariant($"Unfinished, in round {last.Number} of {run.Settings.Rounds}: ")
            + Invariant($"{last.Passages.Count(passage => passage.NoUpdate is not null)} of {Count(passages, $"known {words.Task.One}")} examined without update, ")
            + Invariant($"{last.Passages.Count(passage => passage.PassageOnly is not null)} learned by itself, ")
            + Invariant($"{last.Passages.Sum(passage => passage.Candidates.Count)} of {Count(candidates, "self-edit")} written, ")
            + Invariant($"{last.Passages.Sum(passage => passage.Candidates.Count(candidate => candidate.Outcome is not null))} learned and examined. {rest}");
    }

    private static IReadOnlyList<StoryFact> Environment(RecordedRun run, RunEnvironment? environment)
    {
        var facts = new List<StoryFact>
        {
            new("computed by", run.ComputedBy.Length > 0 ? run.ComputedBy : "nothing yet"),
            new("judge", run.Judge ?? "none yet"),
        };
        if (environment is null)
            return [.. facts, new("machine and model sizes", "not noted (no environment.json in the run's folder)")];
        return
        [
            .. facts,
            new("model", Invariant($"{environment.Parameters:N0} parameters")),
            new("a candidate's adapter", Invariant($"{environment.AdapterParameters:N0} parameters")),
            new("a round's policy adapter", Invariant($"{environment.PolicyAdapterParameters:N0} parameters")),
            new("machine", Invariant($"{environment.Cores} logical processors, {environment.InstructionSet}")),
            new("system", environment.System),
            new("runtime", environment.Runtime),
            new("seal", environment.Version),
        ];
    }

    /// <summary>Fields as <c>--set</c> names them.</summary>
    private static IEnumerable<StoryFact> Flat(string path, JsonNode? node) => node is JsonObject fields
        ? fields.SelectMany(field => Flat(path.Length == 0 ? field.Key : $"{path}.{field.Key}", field.Value))
        : [new StoryFact(path, node is JsonArray list ? string.Join(", ", list.Select(item => item?.ToString())) : node?.ToString() ?? "null")];

    private static string Count(int number, string noun) => Invariant($"{number} {noun}{(number == 1 ? "" : "s")}");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
