namespace Seal.Models;

public enum ScheduleShape
{
    Constant,
    Linear,
    Cosine,
}

/// <summary>
/// Learning rate over optimizer steps, as Hugging Face's schedulers define it: step s of S uses lr·s/warmup while s is below warm-up,
/// then lr (constant), lr·(S − s)/(S − warmup) (linear to zero), or lr·(1 + cos(π·(s − warmup)/(S − warmup)))/2 (cosine).
/// </summary>
public readonly record struct LearningRateSchedule(ScheduleShape Shape, double Peak, int Warmup, int Steps)
{
    /// <param name="step">0 for the first step.</param>
    public double At(int step)
    {
        if (step < Warmup)
            return Peak * step / Warmup;
        double progress = (double)(step - Warmup) / Math.Max(1, Steps - Warmup);
        return Shape switch
        {
            ScheduleShape.Linear => Peak * Math.Max(0, 1 - progress),
            ScheduleShape.Cosine => Peak * Math.Max(0, (1 + Math.Cos(Math.PI * progress)) / 2),
            _ => Peak,
        };
    }
}
