using Seal.Kernels;

namespace Seal.Models.Formats;

/// <summary>The two matrices of one adapted layer, row-major: y += Scale * (x A^T) B^T.</summary>
/// <param name="A">[rank, In].</param>
/// <param name="B">[Out, rank].</param>
public sealed record LoraPair(float[] A, float[] B, int In, int Out);

/// <summary>
/// A LoRA adapter as PEFT keeps it: a folder with adapter_config.json and adapter_model.safetensors. Reading is strict: the weights
/// are exactly those of the target modules in layers 0 to L-1, of one rank, or there is an error.
/// </summary>
public sealed record PeftAdapter
{
    internal const int LargestRank = 1 << 16;

    private const string WeightsName = "adapter_model.safetensors";

    public required int Rank { get; init; }

    public required double Alpha { get; init; }

    /// <summary>Names out of <see cref="LoraModules.All"/>, in its order when read.</summary>
    public required IReadOnlyList<string> TargetModules { get; init; }

    /// <summary>Probability of dropping an input of A in training.</summary>
    public double Dropout { get; init; }

    /// <summary>The scale is alpha/sqrt(r), not alpha/r (arXiv 2312.03732).</summary>
    public bool RankStabilized { get; init; }

    /// <summary>Where the base came from; only carried along.</summary>
    public string? BaseModel { get; init; }

    public double Scale => Alpha / (RankStabilized ? Math.Sqrt(Rank) : Rank);

    /// <summary>By layer, then by the module's name.</summary>
    public SortedDictionary<(int Layer, string Module), LoraPair> Weights { get; init; } = NoWeights();

    /// <summary>An empty table in the right order.</summary>
    public static SortedDictionary<(int Layer, string Module), LoraPair> NoWeights() => new(Comparer<(int Layer, string Module)>.Create((left, right) =>
        left.Layer != right.Layer ? left.Layer.CompareTo(right.Layer) : string.CompareOrdinal(left.Module, right.Module)));

    /// <exception cref="SealException">A file is missing or malformed, a key is missing or unexpected, or shapes do not agree.</exception>
    public static PeftAdapter Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new SealException($"{folder}: no such folder; expected an adapter with {PeftConfig.FileName} and {WeightsName}");
        PeftAdapter adapter = PeftConfig.Read(folder);
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, WeightsName));
        int layers = RequireExactKeys(file, adapter.TargetModules);
        for (int layer = 0; layer < layers; layer++)
        {
            foreach (string module in adapter.TargetModules) adapter.Weights[(layer, module)] = ReadPair(file, layer, module, adapter.Rank);
        }
        return adapter;
    }

    /// <summary>Whether the adapter has this model's layers and shapes.</summary>
    /// <param name="source">The adapter's folder, for the message.</param>
    /// <exception cref="SealException">It was made for another model.</exception>
    public void RequireFits(ModelConfig config, string source)
    {
        int layers = Weights.Count / TargetModules.Count;
        if (layers != config.Layers) throw new SealException($"{source}: the adapter has {layers} layers, the model {config.Layers}: it was made for another model");
        foreach (((int layer, string module), LoraPair pair) in Weights)
        {
            (int columns, int rows) = LoraModules.Size(config, module);
            if (pair.In != columns || pair.Out != rows)
                throw new SealException($"{source}: layer {layer}'s {module} takes {pair.In} and gives {pair.Out}, in the model {columns} and {rows}: the adapter was made for another model");
        }
    }

    /// <summary>
    /// Writes the folder, making it where needed; float32. An adapter that was there is replaced so that a reader finds the old one, the
    /// new one, or none, never the weights of one with the settings of the other.
    /// </summary>
    /// <exception cref="SealException">The folder cannot be written.</exception>
    public void Write(string folder)
    {
        RequireWhole();
        List<TensorToWrite> tensors = [];
        foreach (((int layer, string module), LoraPair pair) in Weights)
        {
            tensors.Add(new TensorToWrite(LoraModules.TensorName(layer, module, 'A'), [Rank, pair.In], pair.A));
            tensors.Add(new TensorToWrite(LoraModules.TensorName(layer, module, 'B'), [pair.Out, Rank], pair.B));
        }
        string config = Path.Combine(folder, PeftConfig.FileName);
        try
        {
            Directory.CreateDirectory(folder);
            File.Delete(config);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SealException($"{folder}: cannot be written: {error.Message}", error);
        }
        SafetensorsWriter.Write(Path.Combine(folder, WeightsName), tensors, new Dictionary<string, string> { ["format"] = "pt" });
        AtomicFile.Write(config, stream => PeftConfig.Write(stream, this));
    }

    /// <summary>What is written can be read: before a file is touched.</summary>
    private void RequireWhole()
    {
        int layers = Weights.Count / TargetModules.Count;
        if (layers == 0 || Weights.Count % TargetModules.Count != 0) throw new InvalidOperationException($"{Weights.Count} pairs for {TargetModules.Count} target modules");
        for (int layer = 0; layer < layers; layer++)
        {
            foreach (string module in TargetModules)
            {
                if (!Weights.TryGetValue((layer, module), out LoraPair? pair)) throw new InvalidOperationException($"layer {layer} has no {module}");
                if (pair.A.Length != Rank * pair.In || pair.B.Length != pair.Out * Rank)
                    throw new InvalidOperationException($"layer {layer}'s {module}: {pair.A.Length} and {pair.B.Length} weights for rank {Rank}, {pair.In} to {pair.Out}");
            }
        }
    }

    /// <summary>The number of layers, once it is sure that every layer has A and B of every target, and nothing else is there.</summary>
    private static int RequireExactKeys(SafetensorsFile file, IReadOnlyList<string> targets)
    {
        int last = -1;
        foreach (string name in file.Tensors.Keys)
        {
            if (LoraModules.Parse(name) is not { } key) throw new SealException($"{file.Path}: unexpected tensor '{name}', expected names like '{LoraModules.TensorName(0, "q_proj", 'A')}'");
            if (!targets.Contains(key.Module)) throw new SealException($"{file.Path}: unexpected tensor '{name}': {key.Module} is not in {PeftConfig.FileName}'s 'target_modules'");
            last = Math.Max(last, key.Layer);
        }
        if (last < 0) throw new SealException($"{file.Path}: no adapter weights in it");
        for (int layer = 0; layer <= last; layer++) // ends at the first gap, whatever 'last' claims to be
        {
            foreach (string module in targets)
            {
                _ = file.Tensor(LoraModules.TensorName(layer, module, 'A'));
                _ = file.Tensor(LoraModules.TensorName(layer, module, 'B'));
            }
        }
        return last + 1;
    }

    private static LoraPair ReadPair(SafetensorsFile file, int layer, string module, int rank)
    {
        StoredTensor a = file.Tensor(LoraModules.TensorName(layer, module, 'A')), b = file.Tensor(LoraModules.TensorName(layer, module, 'B'));
        RequireMatrix(file, a, a.Shape.Length == 2 && a.Shape[0] == rank, $"[{rank}, in]");
        RequireMatrix(file, b, b.Shape.Length == 2 && b.Shape[1] == rank, $"[out, {rank}]");
        return new LoraPair(Values(a), Values(b), checked((int)a.Shape[1]), checked((int)b.Shape[0]));
    }

    private static void RequireMatrix(SafetensorsFile file, StoredTensor tensor, bool fits, string expected)
    {
        if (!fits || tensor.Count == 0 || tensor.Count > Array.MaxLength) throw new SealException($"{file.Path}: tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}], expected {expected} for the rank in {PeftConfig.FileName}");
    }

    private static float[] Values(StoredTensor tensor)
    {
        float[] values = new float[tensor.Count];
        tensor.ReadFloat32(values);
        return values;
    }
}
