using System.Text.Json;
using System.Text.Json.Serialization;
using Seal.Kernels;

namespace Seal.Models.Goldens;

/// <summary>A folder's <c>golden.json</c>: what other people's software computed from the same files. Every section is optional.</summary>
public sealed record Golden(
    int Format,
    string? Model,
    IReadOnlyList<GoldenForward>? Forward,
    IReadOnlyList<GoldenGreedy>? Greedy,
    IReadOnlyList<GoldenTraining>? Training,
    IReadOnlyList<GoldenText>? Tokenizer,
    string? TokenizerFile,
    string? ChatTemplate,
    IReadOnlyList<Dictionary<string, JsonElement>>? Chat,
    GoldenDequantize? Dequantize)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <exception cref="SealException">The file is missing or not of this form.</exception>
    public static Golden Read(string folder)
    {
        string path = Path.Combine(folder, "golden.json");
        if (!File.Exists(path))
            throw new SealException($"{folder}: no golden.json; expected a folder of reference numerics");
        try
        {
            return JsonSerializer.Deserialize<Golden>(File.ReadAllText(path), Options)
                ?? throw new SealException($"{path}: is null; expected an object");
        }
        catch (JsonException error)
        {
            throw new SealException($"{path}: field {error.Path} cannot be read ({error.Message})", error);
        }
    }
}

public sealed record GoldenForward(int[] InputIds, double? Loss, double[] TokenLogprobs, string LastLogits);

public sealed record GoldenGreedy(int[] InputIds, int[] OutputIds, double[] Top2Margin);

public sealed record GoldenText(string Text, int[] Ids, string Decoded);

public sealed record GoldenDequantize(string Gguf, string Expected);

public sealed record GoldenTraining(
    string Name, string AdapterInit, string AdapterFinal, [property: JsonPropertyName("clipped_gradient_step0")] string ClippedGradientStep0,
    GoldenOptimizer Optimizer, IReadOnlyList<IReadOnlyList<GoldenSequence>> Batches, IReadOnlyList<GoldenStep> Steps,
    IReadOnlyList<GoldenGreedy>? GreedyAfter);

public sealed record GoldenSequence(int[] InputIds, int LossFrom);

public sealed record GoldenStep(double Lr, double Loss, double GradNorm);

public sealed record GoldenOptimizer(
    double Lr, double[] Betas, double Eps, double WeightDecay, double ClipNorm, string Schedule, int WarmupSteps, int Accumulate)
{
    public OptimizerSettings Settings => new()
    {
        LearningRate = Lr,
        Beta1 = Betas[0],
        Beta2 = Betas[1],
        Epsilon = Eps,
        WeightDecay = WeightDecay,
        ClipNorm = ClipNorm,
        Schedule = Schedule switch
        {
            "linear to zero" or "linear" => ScheduleShape.Linear,
            "constant" => ScheduleShape.Constant,
            "cosine" => ScheduleShape.Cosine,
            _ => throw new SealException($"golden optimizer.schedule is '{Schedule}'; expected linear to zero, constant or cosine"),
        },
        Warmup = WarmupSteps,
        Accumulate = Accumulate,
    };
}
