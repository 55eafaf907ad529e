namespace Seal.Kernels;

/// <summary>What operators are asked for from <see cref="Operators.Step"/> on, until its end.</summary>
public readonly ref struct OperatorStep
{
    private readonly Operators _operators;

    internal OperatorStep(Operators operators) => _operators = operators;

    /// <summary>Enqueues what the step has put off. The step is over, whether this succeeds or not.</summary>
    public void End() => _operators.EndStep();

    public void Dispose() => _operators.AbandonStep();
}
