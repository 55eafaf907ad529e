using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models.Goldens;

/// <summary>Reproduces every section of a golden folder that this program supports, and reports the largest error of each quantity.</summary>
/// <remarks>
/// Goldens are float32. In bf16 the losses of a run may be off by 1.5 times what bf16 costs a yardstick on the same run, plus 1e-3. The error
/// of one loss there is a draw of roundings (on the same run, kernels that only sum in another order differ in it by more than that
/// factor), so what bf16 costs a run is the root mean square over its losses; the largest is told beside it. Nothing else has a limit in
/// bf16 (an argmax or a gradient's element can change with one rounding), but its error is told beside the yardstick's.
/// </remarks>
/// <param name="operators">The backend under test.</param>
/// <param name="yardstick">Libtorch in bf16, or what stands in for it (<see cref="Yardstick"/>); asked in bf16 only. Without it losses have no limit there.</param>
public sealed class GoldenVerifier(Operators operators, Operators? yardstick = null)
{
    // A real model adds up 30 layers of rounding where a tiny one has a few.
    private const long RealModelParameters = 10_000_000;
    private const double TinyLogits = 1e-4, RealLogits = 2e-3, Loss = 1e-5;
    private const double TinyTrainingLoss = 1e-4, GradientNorm = 1e-3, Gradient = 1e-4, FinalWeights = 2e-3;

    // A golden is itself a rounded result. Of smollm2-135m's training, float64 lies 1.16e-4 from the golden's last loss: the gradient of a
    // hidden row is a sum over 49,152 rows of the head, which the golden holds as libtorch rounds it on two threads, and AdamW, which
    // divides by the gradient's size, carries the difference of the smallest elements into the weights. So even an exact program is
    // 1.16e-4 off, and one that rounds as much as the golden, independently, sqrt(2) times that: 1.6e-4, here rounded up. Tiny models'
    // sums are short, and keep 1e-4.
    private const double RealTrainingLoss = 2e-4;

    private const double YardstickFactor = 1.5, YardstickFree = 1e-3;

    private const string LossOf = " loss", LearningRate = " learning rate";

    // Argmax is only defined as far as the two best logits differ by more than rounding.
    private const double DecisiveMargin = 1e-3;

    /// <summary>
    /// What bf16 costs libtorch: libtorch in bf16 where the processor computes it; elsewhere, where it is emulated and slow, libtorch in f32
    /// with frozen weights rounded to bf16.
    /// </summary>
    public static Operators Yardstick() => Processor.ComputesBFloat16
        ? new TorchOperators(Device.Host, DType.BF16)
        : new TorchOperators(Device.Host, DType.F32, weights: DType.BF16);

    /// <returns>The checks; empty when the folder holds no section that is supported.</returns>
    /// <exception cref="SealException">The folder's files cannot be used.</exception>
    public IReadOnlyList<GoldenCheck> Verify(string folder)
    {
        Golden golden = Golden.Read(folder);
        var checks = new List<GoldenCheck>();
        checks.AddRange(GoldenTexts.Verify(folder, golden));
        if (golden.Model is null || (golden.Forward ?? []).Count + (golden.Greedy ?? []).Count + (golden.Training ?? []).Count == 0)
            return checks;
        List<GoldenCheck> computed = [.. Compute(folder, golden, operators, greedy: true)];
        if (operators.Activation == DType.BF16)
        {
            IReadOnlyList<GoldenCheck> beside = yardstick is null ? [] : [.. Compute(folder, golden, yardstick, greedy: false)];
            computed = [.. computed.SelectMany(check => InBFloat16(check, beside.FirstOrDefault(other => other.Quantity == check.Quantity)))];
        }
        return [.. checks, .. computed];
    }

    private static IEnumerable<GoldenCheck> InBFloat16(GoldenCheck check, GoldenCheck? beside)
    {
        if (check.Quantity.EndsWith(LearningRate, StringComparison.Ordinal))
            return [check]; // computed in f64 whatever the dtype
        GoldenCheck told = check with { Limit = null, Yardstick = beside?.Error };
        if (check.Rms is not { } rms || beside is null)
            return [told];
        return [told, check with { Quantity = check.Quantity + ", rms", Error = rms, Limit = YardstickFactor * beside.Rms + YardstickFree, Yardstick = beside.Rms }];
    }

    private static IEnumerable<GoldenCheck> Compute(string folder, Golden golden, Operators operators, bool greedy)
    {
        using LanguageModel model = LanguageModel.Open(Path.GetFullPath(Path.Combine(folder, golden.Model!)), operators);
        if (golden.Forward is { Count: > 0 } forward)
            foreach (GoldenCheck check in Forward(folder, forward, model))
                yield return check;
        if (greedy && golden.Greedy is { Count: > 0 } texts)
            yield return Greedy("greedy", texts, model, null);
        foreach (GoldenTraining training in golden.Training ?? [])
            foreach (GoldenCheck check in Training(folder, training, model, greedy))
                yield return check;
    }

    private static IEnumerable<GoldenCheck> Forward(string folder, IReadOnlyList<GoldenForward> cases, LanguageModel model)
    {
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(folder, "forward.safetensors"));
        double logits = 0, logprobs = 0;
        List<double> losses = [];
        var plan = new BatchPlan();
        float[] actual = new float[model.Config.Vocabulary], wanted = new float[model.Config.Vocabulary];
        foreach (GoldenForward item in cases)
        {
            plan.Clear();
            plan.Add(item.InputIds);
            plan.AddSampled(item.InputIds.Length - 1);
            model.Operators.Read(model.Transformer.Logits(plan, null, null), actual);
            expected.Tensor(item.LastLogits).ReadFloat32(wanted);
            logits = Worse(logits, LargestDifference(actual, wanted));
            if (item.InputIds.Length < 2)
                continue;
            plan.Clear();
            plan.Add(item.InputIds);
            for (int i = 1; i < item.InputIds.Length; i++)
                plan.AddTarget(i - 1, item.InputIds[i], 1);
            float[] scored = new float[plan.HeadCount];
            model.Transformer.Score(plan, null, scored);
            for (int i = 0; i < scored.Length; i++)
                logprobs = Worse(logprobs, Math.Abs(scored[i] - item.TokenLogprobs[i]));
            if (item.Loss is { } golden)
                losses.Add(-scored.Average(value => (double)value) - golden);
        }
        double limit = IsReal(model.Config) ? RealLogits : TinyLogits;
        yield return new GoldenCheck("forward logits", logits, limit, cases.Count);
        yield return new GoldenCheck("forward token log-probabilities", logprobs, limit, cases.Count);
        yield return LossCheck("forward" + LossOf, losses, Loss, losses.Count);
    }

    /// <summary>Error = tokens that differ before the first step whose margin is too small to decide.</summary>
    private static GoldenCheck Greedy(string name, IReadOnlyList<GoldenGreedy> cases, LanguageModel model, AdapterSet? adapters)
    {
        var requests = cases.Select(item => new GenerationRequest(
            item.InputIds, item.OutputIds.Length, SamplingSettings.Greedy, Adapter: adapters is null ? -1 : 0, IgnoreEnd: true)).ToList();
        Generation[] generations = new Generator(model.Transformer, tokenizer: null).Run(requests, adapters);
        int wrong = 0;
        for (int i = 0; i < cases.Count; i++)
            for (int step = 0; step < cases[i].OutputIds.Length && cases[i].Top2Margin[step] >= DecisiveMargin; step++)
                wrong += generations[i].Tokens[step] == cases[i].OutputIds[step] ? 0 : 1;
        return new GoldenCheck($"{name} tokens that differ", wrong, 0, cases.Sum(item => item.OutputIds.Length));
    }

    private static IEnumerable<GoldenCheck> Training(string folder, GoldenTraining golden, LanguageModel model, bool greedyToo)
    {
        LoraAdapter start = LoraAdapter.Read(Path.Combine(folder, golden.AdapterInit), model.Config);
        var job = new TrainingJob(
            start,
            [.. golden.Batches.Select(batch => batch.Select(item => new TrainingSequence(item.InputIds, item.LossFrom)).ToList())],
            golden.Optimizer.Settings);
        using var trainer = new AdapterTrainer(model.Transformer, [job]);
        float[] gradient = new float[trainer.Adapters.Elements];
        bool first = true;
        while (trainer.Advance(beforeUpdate: () =>
        {
            if (first && trainer.History(0).Count == 0)
                model.Operators.Read(trainer.Adapters.Gradients, gradient);
        }))
            first &= trainer.History(0).Count == 0;
        Clip(gradient, golden.Optimizer.ClipNorm);

        string name = $"training/{golden.Name}";
        IReadOnlyList<TrainingStep> steps = trainer.History(0);
        double norm = steps.Count == golden.Steps.Count ? 0 : double.NaN, rate = norm;
        List<double> losses = [norm];
        for (int i = 0; i < Math.Min(steps.Count, golden.Steps.Count); i++)
        {
            losses.Add(steps[i].Loss - golden.Steps[i].Loss);
            norm = Worse(norm, Math.Abs(steps[i].GradientNorm - golden.Steps[i].GradNorm) / golden.Steps[i].GradNorm);
            rate = Worse(rate, Math.Abs(steps[i].LearningRate - golden.Steps[i].Lr));
        }
        using SafetensorsFile expectedGradient = SafetensorsFile.Open(Path.Combine(folder, golden.ClippedGradientStep0));
        LoraAdapter wanted = LoraAdapter.Read(Path.Combine(folder, golden.AdapterFinal), model.Config);
        yield return new GoldenCheck(name + LearningRate, rate, 1e-12, steps.Count);
        yield return LossCheck(name + LossOf, losses, IsReal(model.Config) ? RealTrainingLoss : TinyTrainingLoss, steps.Count);
        yield return new GoldenCheck($"{name} gradient norm (relative)", norm, GradientNorm, steps.Count);
        yield return new GoldenCheck(
            $"{name} first gradient (relative)", RelativeDistance(gradient, start.ReadLike(expectedGradient)), Gradient, gradient.Length);
        yield return new GoldenCheck(
            $"{name} final weights (relative)", RelativeDistance(trainer.Adapter(0).Parameters, wanted.Parameters), FinalWeights, gradient.Length);
        if (greedyToo && golden.GreedyAfter is { Count: > 0 } greedy)
            yield return Greedy($"{name} greedy after", greedy, model, trainer.Adapters);
    }

    private static GoldenCheck LossCheck(string quantity, List<double> errors, double limit, int cases) =>
        new(quantity, errors.Aggregate(0.0, (worst, error) => Worse(worst, Math.Abs(error))), limit, cases)
        {
            Rms = Math.Sqrt(errors.Sum(error => error * error) / Math.Max(1, cases)),
        };

    private static void Clip(float[] gradient, double clip)
    {
        double norm = Math.Sqrt(gradient.Sum(value => (double)value * value));
        double scale = clip > 0 ? Math.Min(1, clip / (norm + 1e-6)) : 1;
        for (int i = 0; i < gradient.Length; i++)
            gradient[i] = (float)(gradient[i] * scale);
    }

    private static bool IsReal(ModelConfig config) => RealModelParameters <
        (long)config.Vocabulary * config.Hidden
        + LoraTargets.Shapes(config).Sum(shape => (long)shape.Inputs * shape.Outputs) * config.Layers;

    private static double LargestDifference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double largest = 0;
        for (int i = 0; i < a.Length; i++)
            largest = Worse(largest, Math.Abs((double)a[i] - b[i]));
        return largest;
    }

    private static double RelativeDistance(ReadOnlySpan<float> actual, ReadOnlySpan<float> wanted)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < wanted.Length; i++)
        {
            difference += Math.Pow((double)actual[i] - wanted[i], 2);
            norm += (double)wanted[i] * wanted[i];
        }
        return Math.Sqrt(difference / norm);
    }

    /// <summary>Math.Max, except that NaN is the worst of all.</summary>
    private static double Worse(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);
}
