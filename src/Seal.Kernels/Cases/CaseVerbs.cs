using System.Numerics.Tensors;

namespace Seal.Kernels.Cases;

/// <summary>What can be asked of a case.</summary>
public static class CaseVerbs
{
    /// <summary><c>test</c>: the backend's results against those of the float64 reference on the same inputs.</summary>
    public static CaseReport Test(OperatorCase operatorCase, Operators backend, Operators reference)
    {
        using Trial truth = new(reference, backend.Activation);
        operatorCase.Run(truth);
        using Trial trial = new(backend, backend.Activation, truth.Results.ToDictionary(result => result.Name, result => result.Values));
        operatorCase.Run(trial);
        return new CaseReport(operatorCase, [.. truth.Results.Zip(trial.Results, (expected, found) => Compare(expected, found, backend))]);
    }

    /// <summary>
    /// <c>grad</c>: central differences of the loss along random directions against the gradients of the backward pass. In bf16 the
    /// rounding of every stored value hides the differences: f64 or f32.
    /// </summary>
    public static CaseReport Grad(OperatorCase operatorCase, Operators backend)
    {
        if (backend.Activation is not (DType.F64 or DType.F32))
            throw new ArgumentException($"finite differences need f64 or f32, not {backend.Activation}", nameof(backend));
        double step = Tolerances.FiniteStep(backend);
        using Trial trial = new(backend, DType.F64);
        operatorCase.Run(trial);
        List<Finding> findings = [];
        foreach (CheckedGradient gradient in trial.Gradients)
            for (int direction = 0; direction < 2; direction++)
            {
                double ahead = LossAt(operatorCase, backend, gradient.Input, step, direction);
                double behind = LossAt(operatorCase, backend, gradient.Input, -step, direction);
                double slope = (ahead - behind) / (2 * step);
                double expected = TensorPrimitives.Dot<double>(
                    gradient.Values, InputValues.Direction(gradient.Input, direction, gradient.Values.Length));
                double error = Math.Abs(slope - expected);
                double share = error == 0 ? 0 : error / TensorPrimitives.Norm<double>(gradient.Values); // an input that nothing depends on is flat
                findings.Add(new Finding($"d {gradient.Input} along {direction}", "finite difference", Tolerances.FiniteDifference(backend), share, direction));
            }
        return new CaseReport(operatorCase, findings);
    }

    /// <summary><c>perf</c>: the times of a case, if its results are right; none are taken of a case that fails.</summary>
    public static (CaseReport Report, IReadOnlyList<CaseTime> Times) Perf(OperatorCase operatorCase, Operators backend, Operators reference)
    {
        CaseReport report = Test(operatorCase, backend, reference);
        if (!report.Passed)
            return (report, []);
        CaseTimer timer = new();
        using Trial trial = new(backend, backend.Activation) { Timer = timer };
        operatorCase.Run(trial);
        return (report, timer.Times);
    }

    private static double LossAt(OperatorCase operatorCase, Operators backend, string input, double step, int direction)
    {
        using Trial trial = new(backend, DType.F64) { Shift = (input, step, direction) };
        operatorCase.Run(trial);
        return trial.Loss;
    }

    private static Finding Compare(CheckedResult expected, CheckedResult found, Operators backend)
    {
        if (expected.Name != found.Name || expected.Values.Length != found.Values.Length)
            throw new InvalidOperationException($"result '{found.Name}' of {found.Values.Length} against '{expected.Name}' of {expected.Values.Length}");
        (double worst, int where) = Comparison.Worst<double>(found.Values, expected.Values);
        return new Finding(found.Name, found.Tolerance.Name, found.Tolerance.Of(backend), worst, where);
    }
}
