namespace Seal.Kernels.Cases;

/// <summary>
/// How far a result may lie from the float64 reference, in units of rounding: an element's error may reach
/// <c>(Activation·u(activation) + Wide·u(wide))·(|reference| + rms(reference))</c>, u the unit roundoff of a type (half a unit in
/// the last place of 1). The rms stands for what an element was summed from, which can be larger than the element itself.
/// </summary>
public sealed record Tolerance(string Name, double Activation, double Wide)
{
    /// <summary>The factor of (|reference| + rms) for a backend with these types.</summary>
    public double Of(Operators operators) => Activation * Roundoff(operators.Activation) + Wide * Roundoff(operators.Wide);

    /// <summary>
    /// For a sum of products on a real model's numbers. There a few channels of a row are far larger than the others (Sun et al., Massive
    /// Activations, arXiv 2402.17762), attention is all but certain, and the gradients of a trained text cancel, so terms are larger than
    /// the results whose rms stands for them: up to 8 times. Operands that were rounded to the activation type before the sum carry that too.
    /// </summary>
    public Tolerance OfCancellingTerms(bool roundedOperands) =>
        new(Name, roundedOperands ? Cancelling * Activation : Activation, Cancelling * Wide);

    private const double Cancelling = 8;

    /// <summary>Unit roundoff: 2^−(p+1) for p stored bits of the significand and a hidden one.</summary>
    public static double Roundoff(DType type) => type switch
    {
        DType.BF16 => Math.ScaleB(1, -8),
        DType.F32 => Math.ScaleB(1, -24),
        DType.F64 => Math.ScaleB(1, -53),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating-point type"),
    };
}

/// <summary>
/// Every tolerance there is. A sum of K rounded products wanders by about √K units (Higham, Accuracy and Stability of Numerical
/// Algorithms, 2nd ed., section 3.1, with independent roundings); each further rounding to storage adds a unit of that type.
/// </summary>
public static class Tolerances
{
    /// <summary>Copies: not one bit may differ.</summary>
    public static readonly Tolerance Exact = new("exact", 0, 0);

    /// <summary>A few operations in the wide type (exp among them, good to 2 units), one rounding to the activation type.</summary>
    public static readonly Tolerance Elementwise = new("elementwise", 1, 8);

    /// <summary>Sums of n terms in the wide type feed each element: normalisation, and its gradient.</summary>
    public static Tolerance Normalised(int n) => new("normalised", 2, 8 + Math.Sqrt(n));

    /// <summary>One product with K terms, rounded once to the activation type.</summary>
    public static Tolerance Product(int k) => new("product", 1, 4 + 2 * Math.Sqrt(k));

    /// <summary>
    /// Products of several members and their adapters summed into one stored element: it, z or dz, and each partial sum are rounded to
    /// the activation type on the way. The largest partial sum can be a few times the result's rms.
    /// </summary>
    public static Tolerance SummedProducts(int members, int k) => new("summed products", 4 + 4 * members, 8 + 4 * Math.Sqrt(k));

    /// <summary>
    /// A product with blocks, for which activations of the narrow type may be rounded to 8 bits, eight neighbours under one scale. An operand is off by at
    /// most half of 1/127 of its group's largest, one unit of bf16, on average by 1/√3 of that: with numbers of one size, by 0.9 units of their rms.
    /// Over many terms this makes a normal error, and the worst of many elements lies 5 standard deviations out; one unit is for storing, and z of an
    /// adapter is off by less.
    /// </summary>
    public static Tolerance ProductWithBlocks(int k) => new("product with blocks", 6, 8 + 4 * Math.Sqrt(k));

    /// <summary>
    /// Gradients of adapters, summed over rows in the wide type from operands that were rounded to the activation type; the worst of
    /// many elements lies 4 to 5 standard deviations out.
    /// </summary>
    public static Tolerance AdapterGradient(int k) => new("adapter gradient", 4, 8 + 4 * Math.Sqrt(k));

    /// <summary>
    /// Softmax mixes: exp of a sum of d products, scores up to about 8, then a convex combination. y's own rounding is one unit of the activation
    /// type. The weights may be rounded before they mix the values: over many keys these roundings, each uniform within a unit and so 1/√3 of one wide, add
    /// up to a normal error of that share of y's rms, and the worst of a long sequence's elements lies 5 standard deviations out: 3 units more.
    /// </summary>
    public static Tolerance Attention(int d) => new("attention", 4, 32 + 8 * Math.Sqrt(d));

    /// <summary>Log-sum-exp and other statistics that are never rounded to the activation type.</summary>
    public static Tolerance Statistic(int k) => new("statistic", 0, 16 + 4 * Math.Sqrt(k));

    /// <summary>
    /// Gradients of attention: probabilities times a difference of sums. y, the probabilities and their gradients may each be rounded to the activation type
    /// before they are multiplied and summed over the keys, and each comes to as much as in <see cref="Attention"/>.
    /// </summary>
    public static Tolerance AttentionGradient(int k) => new("attention gradient", 12, 64 + 16 * Math.Sqrt(k));

    /// <summary>
    /// Log-probabilities: a backend may round each logit to the activation type before the softmax, so the error grows with the rms of
    /// the logits (the largest of many is about 4 times that) and not with the log-probability.
    /// </summary>
    public static Tolerance LogProbability(int k, double logits) => new("log-probability", 2 + logits, 8 + (4 + logits) * Math.Sqrt(k));

    /// <summary>Gradients through the softmax of such logits: a probability's relative error is its logit's absolute error.</summary>
    public static Tolerance CrossEntropyGradient(int k, double logits) => new("cross-entropy gradient", 4 + 4 * logits, 8 + (4 + 4 * logits) * Math.Sqrt(k));

    /// <summary>A few steps of AdamW in the wide type; the division by √v amplifies no more than a few units a step.</summary>
    public static readonly Tolerance Optimizer = new("optimizer", 0, 64);

    /// <summary>
    /// Central differences of a forward pass against its backward pass, as a share of the gradient's norm: with step h the truncation
    /// is h²·f‴/6 and the rounding u·|f|/h, u that of the type that is computed in.
    /// </summary>
    public static double FiniteDifference(Operators operators) => operators.Activation == DType.F64 ? 1e-6 : 5e-3;

    /// <summary>Step h of those differences, along directions of unit rms: near the cube root of u, where the two errors meet.</summary>
    public static double FiniteStep(Operators operators) => operators.Activation == DType.F64 ? 1e-4 : 1.0 / 128;
}
