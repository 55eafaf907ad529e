namespace Seal.Models.Pretraining;

/// <summary>A batch of rows of equal length. Token i + 1 of a row is to be predicted from those before it where it is counted.</summary>
/// <param name="Tokens"><c>[rows × length]</c>.</param>
/// <param name="Counted">The same shape.</param>
public sealed record TokenRows(int Rows, int Length, long[] Tokens, bool[] Counted)
{
    /// <summary>How many tokens of rows <paramref name="from"/> to <paramref name="to"/> are predicted: the first of a row never is.</summary>
    public int Predicted(int from, int to)
    {
        int count = 0;
        for (int i = from * Length; i < to * Length; i++)
            count += i % Length != 0 && Counted[i] ? 1 : 0;
        return count;
    }
}
