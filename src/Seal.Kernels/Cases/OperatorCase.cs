namespace Seal.Kernels.Cases;

/// <summary>
/// One entry of the project's one list of operator cases: an operator (or its forward and backward pass together) on one shape.
/// <see cref="Run"/> is written once against <see cref="Operators"/> and runs on every backend and on the float64 reference.
/// </summary>
public abstract class OperatorCase
{
    /// <summary>The operator's stem, as files and the command line spell it.</summary>
    public abstract string Operator { get; }

    /// <summary>The shape in a few words; operator and shape together are unique in the list.</summary>
    public abstract string Shape { get; }

    /// <summary>Makes the inputs, calls the operator, and hands every result to the trial.</summary>
    public abstract void Run(Trial trial);

    public sealed override string ToString() => $"{Operator}({Shape})";
}
