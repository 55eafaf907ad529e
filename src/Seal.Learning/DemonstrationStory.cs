using System.Text;
using Seal.Learning.Knowledge;

namespace Seal.Learning;

/// <summary>One passage's story: what the model read, what it wrote before and after reinforcement, and what it then answered.</summary>
public static class DemonstrationStory
{
    /// <summary>Told of the passage that gained most.</summary>
    public static string Text(Demonstrated shown)
    {
        Arm before = shown.Arms.First(arm => arm.Policy == 0), after = shown.Arms.Last(arm => arm.Policy is not null);
        double[] start = before.Accuracies(shown.Passages.Count), end = after.Accuracies(shown.Passages.Count);
        int best = Enumerable.Range(0, start.Length).MaxBy(i => end[i] - start[i]);
        Passage passage = shown.Passages[best];
        int each = before.SelfEdits.Count / shown.Passages.Count;
        var text = new StringBuilder();
        text.Append("It reads\n\n").Append(Indented($"{passage.Title}\n{passage.Context}"));
        Part("Before reinforcement it writes", before);
        Part("After reinforcement it writes", after);
        return text.ToString();

        void Part(string title, Arm arm)
        {
            text.Append('\n').Append(title).Append("\n\n").Append(Indented(arm.SelfEdits[best * each].Text));
            text.Append("\nand, having learned that, answers\n\n");
            foreach (ScoredAnswer answer in arm.Outcomes[best * each].Exam.Answers)
                text.Append($"    {(answer.Correct ? "right" : "wrong")}  {answer.Question}  {answer.Answer.ReplaceLineEndings(" ")}{(answer.Correct ? "" : $"  (it is {answer.Gold})")}\n");
        }
    }

    private static string Indented(string text) => string.Concat(text.Split('\n').Select(line => $"    {line}\n"));
}
