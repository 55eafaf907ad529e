using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models.Goldens;

/// <summary>Reproduces every section of a golden folder that this program supports, and reports the largest error of each quantity.</summary>
/// <param name="operators">The backend under test.</param>
public sealed class GoldenVerifier(Operators operators)
{
    // A real model adds up 30 layers of rounding where a tiny one has a few.
    private const long RealModelParameters = 10_000_000;
    private const double TinyLogits = 1e-4, RealLogits = 2e-3, Loss = 1e-5;
    private const double TrainingLoss = 1e-4, GradientNorm = 1e-3, Gradient = 1e-4, FinalWeights = 2e-3;

    // Argmax is only defined as far as the two best logits differ by more than rounding.
    private const double DecisiveMargin = 1e-3;

    /// <returns>The checks; empty when the folder holds no section that is supported.</returns>
    /// <exception cref="SealException">The folder's files cannot be used.</exception>
    public IReadOnlyList<GoldenCheck> Verify(string folder)
    {
        Golden golden = Golden.Read(folder);
        var checks = new List<GoldenCheck>();
        checks.AddRange(GoldenTexts.Verify(folder, golden));
        if (golden.Model is null || (golden.Forward ?? []).Count + (golden.Greedy ?? []).Count + (golden.Training ?? []).Count == 0)
            return checks;
        using LanguageModel model = LanguageModel.Open(Path.GetFullPath(Path.Combine(folder, golden.Model)), operators);
        if (golden.Forward is { Count: > 0 } forward)
            checks.AddRange(Forward(folder, forward, model));
        if (golden.Greedy is { Count: > 0 } greedy)
            checks.Add(Greedy("greedy", greedy, model, null));
        foreach (GoldenTraining training in golden.Training ?? [])
            checks.AddRange(Training(folder, training, model));
        return checks;
    }

    private IEnumerable<GoldenCheck> Forward(string folder, IReadOnlyList<GoldenForward> cases, LanguageModel model)
    {
        using SafetensorsFile expected = SafetensorsFile.Open(Path.Combine(folder, "forward.safetensors"));
        double logits = 0, logprobs = 0, loss = 0;
        var plan = new BatchPlan();
        float[] actual = new float[model.Config.Vocabulary], wanted = new float[model.Config.Vocabulary];
        foreach (GoldenForward item in cases)
        {
            plan.Clear();
            plan.Add(item.InputIds);
            plan.AddSampled(item.InputIds.Length - 1);
            operators.Read(model.Transformer.Logits(plan, null, null), actual);
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
                loss = Worse(loss, Math.Abs(-scored.Average(value => (double)value) - golden));
        }
        double limit = Parameters(model.Config) > RealModelParameters ? RealLogits : TinyLogits;
        yield return new GoldenCheck("forward logits", logits, limit, cases.Count);
        yield return new GoldenCheck("forward token log-probabilities", logprobs, limit, cases.Count);
        yield return new GoldenCheck("forward loss", loss, Loss, cases.Count);
    }

    /// <summary>Error = tokens that differ before the first step whose margin is too small to decide.</summary>
    private GoldenCheck Greedy(string name, IReadOnlyList<GoldenGreedy> cases, LanguageModel model, AdapterSet? adapters)
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

    private IEnumerable<GoldenCheck> Training(string folder, GoldenTraining golden, LanguageModel model)
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
                operators.Read(trainer.Adapters.Gradients, gradient);
        }))
            first &= trainer.History(0).Count == 0;
        Clip(gradient, golden.Optimizer.ClipNorm);

        string name = $"training/{golden.Name}";
        IReadOnlyList<TrainingStep> steps = trainer.History(0);
        double loss = steps.Count == golden.Steps.Count ? 0 : double.NaN, norm = loss, rate = loss;
        for (int i = 0; i < Math.Min(steps.Count, golden.Steps.Count); i++)
        {
            loss = Worse(loss, Math.Abs(steps[i].Loss - golden.Steps[i].Loss));
            norm = Worse(norm, Math.Abs(steps[i].GradientNorm - golden.Steps[i].GradNorm) / golden.Steps[i].GradNorm);
            rate = Worse(rate, Math.Abs(steps[i].LearningRate - golden.Steps[i].Lr));
        }
        using SafetensorsFile expectedGradient = SafetensorsFile.Open(Path.Combine(folder, golden.ClippedGradientStep0));
        LoraAdapter wanted = LoraAdapter.Read(Path.Combine(folder, golden.AdapterFinal), model.Config);
        yield return new GoldenCheck($"{name} learning rate", rate, 1e-12, steps.Count);
        yield return new GoldenCheck($"{name} loss", loss, TrainingLoss, steps.Count);
        yield return new GoldenCheck($"{name} gradient norm (relative)", norm, GradientNorm, steps.Count);
        yield return new GoldenCheck(
            $"{name} first gradient (relative)", RelativeDistance(gradient, start.ReadLike(expectedGradient)), Gradient, gradient.Length);
        yield return new GoldenCheck(
            $"{name} final weights (relative)", RelativeDistance(trainer.Adapter(0).Parameters, wanted.Parameters), FinalWeights, gradient.Length);
        if (golden.GreedyAfter is { Count: > 0 } greedy)
            yield return Greedy($"{name} greedy after", greedy, model, trainer.Adapters);
    }

    private static void Clip(float[] gradient, double clip)
    {
        double norm = Math.Sqrt(gradient.Sum(value => (double)value * value));
        double scale = clip > 0 ? Math.Min(1, clip / (norm + 1e-6)) : 1;
        for (int i = 0; i < gradient.Length; i++)
            gradient[i] = (float)(gradient[i] * scale);
    }

    private static long Parameters(ModelConfig config) =>
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
