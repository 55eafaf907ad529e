using Seal.Kernels;
using Seal.Models.Formats;
using Seal.Models.Tests.Formats;

namespace Seal.Models.Tests.Engine;

/// <summary>A tiny model opened on a backend (libtorch unless told), and short ways to ask it things.</summary>
internal sealed class TinyEngine : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TinyEngine(TinyWeights model, DType type = DType.F32) : this(model, new TorchOperators(Device.Host, type))
    {
    }

    /// <param name="operators">A backend, which the engine then owns.</param>
    public TinyEngine(TinyWeights model, Operators operators)
    {
        Model = model;
        model.Write(_folder);
        File = ModelFile.Open(_folder.Path);
        Operators = operators;
        Weights = TransformerWeights.Load(Operators, File);
        Transformer = new Transformer(Operators, Weights);
    }

    public TinyWeights Model { get; }

    public ModelFile File { get; }

    public Operators Operators { get; }

    public TransformerWeights Weights { get; }

    public Transformer Transformer { get; }

    public ModelConfig Config => File.Config;

    /// <summary>An adapter whose B is not zero, so that it changes what the model says.</summary>
    public LoraAdapter Adapter(ulong seed, int rank, double alpha, params IReadOnlyList<LoraTarget> targets)
    {
        LoraAdapter adapter = Fresh(seed, rank, alpha, targets);
        for (int i = 0; i < adapter.Parameters.Length; i++)
            if (adapter.Parameters[i] == 0)
                adapter.Parameters[i] = (float)(0.2 * (CounterRandom.Uniform(~seed, (ulong)i) - 0.5));
        return adapter;
    }

    /// <summary>An adapter as training starts it; on all linears if none is named.</summary>
    public LoraAdapter Fresh(ulong seed, int rank, double alpha, params IReadOnlyList<LoraTarget> targets) =>
        LoraAdapter.Create(Config, new LoraSettings(rank, alpha, targets.Count == 0 ? LoraTargets.All : targets), seed);

    /// <summary>A set that holds these adapters and is ready to be trained.</summary>
    public AdapterSet Set(params IReadOnlyList<LoraAdapter> adapters)
    {
        AdapterSet set = Transformer.CreateAdapters(adapters.Select(adapter => adapter.Settings));
        set.PrepareTraining();
        for (int slot = 0; slot < adapters.Count; slot++)
            adapters[slot].CopyTo(Operators, set, slot);
        return set;
    }

    public float[] Logits(BatchPlan plan, AdapterSet? set = null, KvCache? cache = null) => Logits(Transformer, plan, set, cache);

    public static float[] Logits(Transformer transformer, BatchPlan plan, AdapterSet? set = null, KvCache? cache = null)
    {
        float[] values = new float[plan.HeadCount * transformer.Config.Vocabulary];
        transformer.Operators.Read(transformer.Logits(plan, set, cache), values);
        return values;
    }

    public float[] Scores(BatchPlan plan, AdapterSet? set = null)
    {
        float[] values = new float[plan.HeadCount];
        Transformer.Score(plan, set, values);
        return values;
    }

    /// <summary>The gradients of a plan's loss, slot after slot; those that were there before are cleared.</summary>
    public double[] Gradients(BatchPlan plan, AdapterSet set)
    {
        Operators.Zero(set.Gradients);
        Transformer.ForwardBackward(plan, set, new float[plan.HeadCount]);
        return Wide(set.Gradients);
    }

    /// <summary>A buffer of the wide type in full precision.</summary>
    public double[] Wide(DeviceBuffer buffer)
    {
        if (Operators.Wide == DType.F64)
            return buffer.AsSpan<double>().ToArray();
        return Array.ConvertAll(buffer.AsSpan<float>().ToArray(), value => (double)value);
    }

    public void Dispose()
    {
        Transformer.Dispose();
        Weights.Dispose();
        Operators.Dispose();
        File.Dispose();
        _folder.Dispose();
    }
}
