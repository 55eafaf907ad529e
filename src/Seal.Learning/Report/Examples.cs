using System.Globalization;

namespace Seal.Learning.Report;

/// <summary>Which passages a report shows in full: not the finest ones, but both ends and the middle.</summary>
internal static class Examples
{
    public static IReadOnlyList<StoryExample> Choose(IReadOnlyList<StoryRound> rounds, DomainWords words)
    {
        StoryRound[] tried = [.. rounds.Where(round => round.Passages.Any(passage => passage.Best is not null))];
        if (tried.Length == 0)
            return [];
        StoryRound first = tried[0], last = tried[^1];
        bool two = tried.Length > 1;
        var ranked = first.Passages
            .Select(passage => (First: passage, Last: two ? last.Passages.FirstOrDefault(other => other.Id == passage.Id) : null))
            .Where(pair => pair.First.Best is not null && (!two || pair.Last?.Best is not null))
            .Select(pair => (pair.First, pair.Last, Change: two
                ? pair.Last!.Best!.Outcome!.Reward - pair.First.Best!.Outcome!.Reward
                : pair.First.Best!.Outcome!.Reward - (pair.First.PassageOnly?.Reward ?? 0)))
            .OrderByDescending(item => item.Change)
            .ToList();
        string what = two ? "the best self-edit's reward between the first and the last round" : $"the best self-edit's reward over the {words.Baseline}";
        (int Place, string Name)[] places = ranked.Count switch
        {
            0 => [],
            1 => [(0, "The change")],
            2 => [(0, "The larger change"), (1, "The smaller change")],
            _ => [(0, "The largest change"), (ranked.Count / 2, "The middle change"), (ranked.Count - 1, "The smallest change")],
        };
        return [.. places.Select(place => new StoryExample(
            string.Create(CultureInfo.InvariantCulture, $"{place.Name} of {what}, {ranked[place.Place].Change:+0.000;−0.000;0.000}, among {ranked.Count} {words.Task.Many}."),
            first.Number, ranked[place.Place].First, last.Number, ranked[place.Place].Last))];
    }
}
