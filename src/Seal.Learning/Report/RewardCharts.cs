using Seal.Learning.Statistics;

namespace Seal.Learning.Report;

/// <summary>Rounds as bars: means over passages with 95 % bootstrap intervals.</summary>
internal static class RewardCharts
{
    private const string NoUpdate = "no update", SelfEditsMean = "self-edits, mean";

    public static IReadOnlyList<StoryChart> Of(RunSettings settings, IReadOnlyList<StoryRound> rounds, DomainWords words)
    {
        string k = settings.Candidates.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string best = $"self-edits, best of {k}";
        StoryChart reward = settings.Selection.Reward switch
        {
            RewardKind.Accuracy => Accuracy("Reward: right answers"),
            RewardKind.F1 => Levels("Reward: word F1", "Word overlap of answers and gold answers.", "F1, %", "0.0", outcome => 100 * outcome.Reward),
            _ => Levels(
                "Reward: likelier answers",
                "Gain in bounded log-likelihood of the gold answers over the round's policy without an update (which is therefore 0).",
                "dense gain, nats a token", "0.000", outcome => outcome.Reward),
        };
        IEnumerable<StoryChart> charts = settings.Selection.Reward == RewardKind.Accuracy ? [reward] : [reward, Accuracy("Right answers")];
        double scale = settings.Selection.Reward == RewardKind.Dense ? 1 : 100;
        charts = charts.Append(Differences(rounds, words, settings.Candidates, reward.Unit, reward.Format, outcome => scale * outcome.Reward));
        return [.. charts.Where(chart => chart.Groups.Count > 0)];

        StoryChart Accuracy(string title) => Levels(title, words.Legend[0], "accuracy, %", "0.0", outcome => 100 * outcome.Accuracy);

        StoryChart Levels(string title, string note, string unit, string format, Func<StoryOutcome, double> of) => new(
            title, $"{note} Best: chosen by reward after the exam, so it flatters.", unit, format,
            [.. rounds.Select(round => new StoryBars($"Round {round.Number}",
            [
                .. Bar(NoUpdate, round.Passages.Select(passage => Value(passage.NoUpdate, of))),
                .. Bar(words.Baseline, round.Passages.Select(passage => Value(passage.PassageOnly, of))),
                .. Bar(SelfEditsMean, round.Passages.Select(passage => Mean(passage, settings.Candidates, of))),
                .. Bar(best, round.Passages.Select(passage => Done(passage, settings.Candidates) ? Value(passage.Best!.Outcome, of) : null)),
            ])).Where(group => group.Bars.Count > 0)]);
    }

    private static StoryChart Differences(IReadOnlyList<StoryRound> rounds, DomainWords words, int candidates, string unit, string format, Func<StoryOutcome, double> of)
    {
        var groups = new List<StoryBars>
        {
            new($"Self-edits, mean − {words.Baseline}", [.. rounds.SelectMany(round => Bar(
                $"round {round.Number}", round.Passages.Select(passage => Mean(passage, candidates, of) - Value(passage.PassageOnly, of))))]),
            new("Self-edits, mean: later round − round 1", [.. rounds.Skip(1).SelectMany(round => Bar(
                $"round {round.Number} − round 1", round.Passages.Zip(rounds[0].Passages, (now, first) => Mean(now, candidates, of) - Mean(first, candidates, of))))]),
        };
        return new StoryChart(
            $"Differences on the same {words.Task.Many}", $"Paired: each {words.Task.One} against itself. An interval that does not cross 0 is a difference that other {words.Task.Many} would probably show too.",
            unit, format, [.. groups.Where(group => group.Bars.Count > 0)]);
    }

    private static bool Done(StoryPassage passage, int candidates) =>
        passage.Candidates.Count == candidates && passage.Candidates.All(candidate => candidate.Outcome is not null);

    private static double? Value(StoryOutcome? outcome, Func<StoryOutcome, double> of) => outcome is null ? null : of(outcome);

    private static double? Mean(StoryPassage passage, int candidates, Func<StoryOutcome, double> of) =>
        Done(passage, candidates) ? passage.Candidates.Average(candidate => of(candidate.Outcome!)) : null;

    private static IEnumerable<StoryBar> Bar(string name, IEnumerable<double?> values)
    {
        double[] known = [.. values.OfType<double>()];
        return known.Length == 0 ? [] : [new StoryBar(name, new Bootstrap().Mean(known), known.Length)];
    }
}
