using System.Globalization;
using System.Xml.Linq;
using static Seal.Learning.Report.Markup;

namespace Seal.Learning.Report;

/// <summary>A few passages in full: the text, what the policy wrote about it at first and at last, and the answers that came of it.</summary>
internal static class ExampleSection
{
    public static XElement Draw(RunStory story) => Tag("section", Set("id", "examples"), Tag("h2", "Before and after"),
        story.Examples.Count == 0
            ? Tag("p", "No self-edit has been learned and examined yet.")
            : Styled("p", "note", "Self-edits and answers as the model wrote them. Of each round the self-edit with the highest reward is shown, whether it is kept or not."),
        story.Examples.Select(example => Example(example, story.Words)));

    private static XElement Example(StoryExample example, DomainWords words)
    {
        (int Round, StoryPassage Passage)[] rounds = example.Last is { } last
            ? [(example.FirstRound, example.First), (example.LastRound, last)]
            : [(example.FirstRound, example.First)];
        return Tag("article", Tag("h3", Set("dir", "auto"), example.First.Title),
            Styled("p", "note", example.Why),
            Tag("h4", $"The {words.Task.One}"),
            example.First.Text is { } text ? Verbatim(text, "(empty)") : Styled("p", "note", "The journal does not hold its text."),
            Styled("div", "pair", rounds.Select(round => SelfEdit(round.Round, round.Passage.Best!))),
            Tag("h4", words.Asked),
            Styled("ol", "questions", Questions(example.First, rounds, words)));
    }

    private static XElement SelfEdit(int round, StoryCandidate candidate)
    {
        string fate = candidate.Kept ? "kept" : "not kept";
        string how = string.Create(CultureInfo.InvariantCulture,
            $"Number {candidate.Number}, reward {Figures.Nats(candidate.Outcome!.Reward)}, {fate}{(candidate.CutOff ? "; cut off by its length" : "")}.");
        return Tag("div", Tag("h4", string.Create(CultureInfo.InvariantCulture, $"Self-edit of round {round}")),
            Styled("p", "note", how), Verbatim(candidate.SelfEdit, "(nothing: only the baseline's text is learned)"));
    }

    private static IEnumerable<XElement> Questions(StoryPassage first, (int Round, StoryPassage Passage)[] rounds, DomainWords words)
    {
        (string When, StoryOutcome? Outcome)[] exams =
        [
            ("no update", first.NoUpdate),
            (words.Baseline, first.PassageOnly),
            .. rounds.Select(round => (string.Create(CultureInfo.InvariantCulture, $"self-edit of round {round.Round}"), round.Passage.Best!.Outcome)),
        ];
        IReadOnlyList<StoryAnswer> asked = exams[^1].Outcome!.Answers;
        for (int q = 0; q < asked.Count; q++)
            yield return Tag("li", Styled("p", "question", Set("dir", "auto"), asked[q].Question),
                Tag("dl",
                    Tag("div", Tag("dt", "expected"), Tag("dd", Set("dir", "auto"), asked[q].Expected)),
                    exams.Where(exam => exam.Outcome?.Answers.Count > q).Select(exam => Answer(exam.When, exam.Outcome!.Answers[q]))));
    }

    private static XElement Answer(string when, StoryAnswer answer) => Tag("div",
        Tag("dt", when),
        Tag("dd", Styled("span", answer.Right ? "right" : "wrong", answer.Right ? "✓ right" : "✗ wrong"), " ",
            Styled("span", "given", Set("dir", "auto"), answer.Given.Length > 0 ? answer.Given : "(nothing)")));
}
