namespace Seal.Kernels;

/// <summary>The element of one result that used most of its tolerance.</summary>
/// <param name="Used">Share of the tolerance: 1 is all of it; NaN where a number is missing.</param>
/// <param name="Layer">The layer of the last group of linears or cache seen; −1 before the first.</param>
/// <param name="Call">Number of the call over all operators, from 1.</param>
/// <param name="Shape">The result's shape.</param>
/// <param name="Element">Index in row-major order.</param>
/// <param name="Value">What the backend computed.</param>
/// <param name="Expected">What libtorch computed in f32 from the same inputs.</param>
public sealed record Deviation(double Used, int Layer, long Call, string Shape, long Element, double Value, double Expected);

/// <summary>All calls of one operator, one of its results.</summary>
/// <param name="Tolerance">Name of the tolerance, with the bound that was widest.</param>
public sealed class ValidatedResult(string operatorName, string result, string tolerance)
{
    public string Operator { get; } = operatorName;

    public string Result { get; } = result;

    public string Tolerance { get; } = tolerance;

    public long Calls { get; private set; }

    /// <summary>Calls of which an element lies beyond the tolerance.</summary>
    public long Beyond { get; private set; }

    /// <summary>The worst of all calls; null while every call was exact.</summary>
    public Deviation? Worst { get; private set; }

    internal void Add(Deviation deviation)
    {
        Calls++;
        Beyond += deviation.Used <= 1 ? 0 : 1;
        if (deviation.Used > 0 || double.IsNaN(deviation.Used))
            Worst = Worst is { } worst && !(deviation.Used > worst.Used) && !double.IsNaN(deviation.Used) ? worst : deviation;
    }
}
