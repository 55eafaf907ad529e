namespace Seal.Learning.Statistics;

/// <summary>Correct answers out of the questions asked about one passage.</summary>
public readonly record struct Tally(int Correct, int Asked)
{
    /// <summary>Correct / asked, 0 when nothing was asked.</summary>
    public double Accuracy => Asked == 0 ? 0 : (double)Correct / Asked;

    /// <summary>Counts the true verdicts.</summary>
    public static Tally Of(IEnumerable<bool> verdicts)
    {
        int correct = 0, asked = 0;
        foreach (bool verdict in verdicts)
        {
            asked++;
            correct += verdict ? 1 : 0;
        }
        return new Tally(correct, asked);
    }

    /// <summary>Mean of the passages' accuracies: every passage weighs the same, however many questions it has.</summary>
    public static double Macro(IReadOnlyCollection<Tally> passages) => passages.Average(p => p.Accuracy);

    /// <summary>Accuracy over all questions: every question weighs the same.</summary>
    public static double Micro(IReadOnlyCollection<Tally> passages) =>
        new Tally(passages.Sum(p => p.Correct), passages.Sum(p => p.Asked)).Accuracy;
}
