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

    /// <summary><c>grad</c>: central differences of the loss along random directions against the gradients of the backward pass.</summary>
    public static CaseReport Grad(OperatorCase operatorCase, Operators reference)
    {
        using Trial trial = new(reference, DType.F64);
        operatorCase.Run(trial);
        List<Finding> findings = [];
        foreach (CheckedGradient gradient in trial.Gradients)
            for (int direction = 0; direction < 2; direction++)
            {
                double ahead = LossAt(operatorCase, reference, gradient.Input, Tolerances.FiniteStep, direction);
                double behind = LossAt(operatorCase, reference, gradient.Input, -Tolerances.FiniteStep, direction);
                double slope = (ahead - behind) / (2 * Tolerances.FiniteStep);
                double expected = TensorPrimitives.Dot<double>(
                    gradient.Values, InputValues.Direction(gradient.Input, direction, gradient.Values.Length));
                double share = Math.Abs(slope - expected) / TensorPrimitives.Norm<double>(gradient.Values);
                findings.Add(new Finding($"d {gradient.Input} along {direction}", "finite difference", Tolerances.FiniteDifference, share, direction));
            }
        return new CaseReport(operatorCase, findings);
    }

    private static double LossAt(OperatorCase operatorCase, Operators reference, string input, double step, int direction)
    {
        using Trial trial = new(reference, DType.F64) { Shift = (input, step, direction) };
        operatorCase.Run(trial);
        return trial.Loss;
    }

    private static Finding Compare(CheckedResult expected, CheckedResult found, Operators backend)
    {
        if (expected.Name != found.Name || expected.Values.Length != found.Values.Length)
            throw new InvalidOperationException($"result '{found.Name}' of {found.Values.Length} against '{expected.Name}' of {expected.Values.Length}");
        double rms = Math.Sqrt(TensorPrimitives.SumOfSquares<double>(expected.Values) / Math.Max(1, expected.Values.Length));
        double worst = 0;
        int where = 0;
        for (int i = 0; i < expected.Values.Length; i++)
        {
            double error = Math.Abs(found.Values[i] - expected.Values[i]);
            double share = error == 0 ? 0 : error / (Math.Abs(expected.Values[i]) + rms);
            if (share <= worst)
                continue;
            (worst, where) = (share, i); // a NaN is not <= anything, and stays: nothing is larger
            if (double.IsNaN(worst))
                break;
        }
        return new Finding(found.Name, found.Tolerance.Name, found.Tolerance.Of(backend), worst, where);
    }
}
