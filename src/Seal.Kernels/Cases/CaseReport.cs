namespace Seal.Kernels.Cases;

/// <summary>What one result was measured to be.</summary>
/// <param name="Result">Name of the result within its case.</param>
/// <param name="Bound">Largest share that its tolerance allows.</param>
/// <param name="Worst">Largest share found: |value − reference| / (|reference| + rms(reference)).</param>
/// <param name="Where">Index of that element.</param>
public sealed record Finding(string Result, string Tolerance, double Bound, double Worst, int Where)
{
    /// <summary>How much of the tolerance was used: 1 is all of it.</summary>
    public double Used => Worst == 0 ? 0 : Worst / Bound;

    /// <summary>NaN is no pass.</summary>
    public bool Passed => Worst <= Bound;
}

/// <summary>Everything found of one case on one backend.</summary>
public sealed record CaseReport(OperatorCase Case, IReadOnlyList<Finding> Findings)
{
    public bool Passed => Findings.Count > 0 && Findings.All(finding => finding.Passed);

    public override string ToString() => string.Join(
        Environment.NewLine,
        Findings.Select(f => FormattableString.Invariant(
            $"{(f.Passed ? "ok  " : "FAIL")} {Case} {f.Result}: {f.Worst:G3} of {f.Bound:G3} ({f.Tolerance}, {f.Used:P0} used), worst at {f.Where}")));
}
