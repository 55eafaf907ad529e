using System.Globalization;

namespace Seal.Learning.Report;

/// <summary>
/// Floating-point operations of what the journal counts in tokens. A product with a matrix of n parameters takes 2n a token forward and 2n for
/// the gradient of its input; only an adapter's parameters need a gradient of their own, 2n more.
/// </summary>
internal static class Flops
{
    public static double Trained(long tokens, RunEnvironment sizes) => tokens * (4.0 * sizes.MatrixParameters + 6.0 * sizes.AdapterParameters);

    public static double Written(long tokens, RunEnvironment sizes) => tokens * 2.0 * sizes.MatrixParameters;

    /// <summary>The formulas in words, with the run's numbers where it noted them.</summary>
    public static string Formula(RunEnvironment? sizes)
    {
        const string rule =
            "FLOPs: training takes 4 P + 6 A a token, writing 2 P, with P the parameters of the matrices that a token passes (every linear of every layer, and the head) and A those of the adapter "
            + "(forward 2 P + 2 A, gradients of the activations the same, gradients of A 2 A). "
            + "Not counted: the products within attention, prompts, exams, and the policy's update, whose tokens the journal does not count.";
        return sizes is null
            ? $"{rule} This run did not note its sizes (no environment.json), so no FLOPs can be given."
            : string.Create(CultureInfo.InvariantCulture, $"{rule} Here P = {sizes.MatrixParameters:N0} and A = {sizes.AdapterParameters:N0}.");
    }
}
