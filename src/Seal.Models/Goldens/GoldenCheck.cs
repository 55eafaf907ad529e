namespace Seal.Models.Goldens;

/// <summary>One quantity held against its golden value.</summary>
/// <param name="Quantity">What was compared, e.g. <c>training/single loss</c>.</param>
/// <param name="Error">Largest error seen.</param>
/// <param name="Limit">Largest error allowed.</param>
/// <param name="Cases">How many values or cases were compared.</param>
public sealed record GoldenCheck(string Quantity, double Error, double Limit, int Cases)
{
    /// <summary>Written so that NaN fails.</summary>
    public bool Passed => Error <= Limit;
}
