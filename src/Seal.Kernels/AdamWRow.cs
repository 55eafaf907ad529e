namespace Seal.Kernels;

/// <summary>
/// What one optimizer step does to one adapter. AdamW (Loshchilov and Hutter, arXiv 1711.05101):
/// <c>g ← g·min(1, clip/(‖g‖ + 1e-6))</c>, <c>p ← p·(1 − lr·decay)</c>, <c>m, v</c> moving averages,
/// <c>p ← p − lr·(m/(1−β1ᵗ)) / (√(v/(1−β2ᵗ)) + eps)</c>.
/// </summary>
/// <param name="Slot">The adapter.</param>
/// <param name="LearningRate">This step's rate, after the schedule.</param>
/// <param name="Step">1 for the first step: the t of the bias correction.</param>
/// <param name="ClipNorm">Largest global gradient norm of this adapter; 0 = no clipping.</param>
/// <param name="NormNoted">
/// Promises that only <see cref="Operators.LoraLinearBackward"/> has written this adapter's gradients since they were zero: a backend may
/// then take the norm from what it noted on the way instead of reading them all once more.
/// </param>
public readonly record struct AdamWRow(
    int Slot, double LearningRate, int Step, double ClipNorm, double WeightDecay, double Beta1, double Beta2, double Epsilon, bool NormNoted = false);
