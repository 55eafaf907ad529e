namespace Seal.Models.Goldens;

/// <summary>One quantity held against its golden value.</summary>
/// <param name="Quantity">What was compared, e.g. <c>training/single loss</c>.</param>
/// <param name="Error">Largest error seen.</param>
/// <param name="Limit">Largest error allowed; null where the error is told for information alone.</param>
/// <param name="Cases">How many values or cases were compared.</param>
public sealed record GoldenCheck(string Quantity, double Error, double? Limit, int Cases)
{
    /// <summary>Of several losses, the root mean square of their errors.</summary>
    public double? Rms { get; init; }

    /// <summary>What the yardstick's error is on the same runs, where the limit follows from it or it helps to judge.</summary>
    public double? Yardstick { get; init; }

    /// <summary>Written so that NaN fails.</summary>
    public bool Passed => Error <= (Limit ?? double.MaxValue);
}
