using Seal.Kernels;
using Seal.Models;

namespace Seal.Cuda.Tests;

/// <summary>A tiny model, adapters on all its linears, and a sequence for each.</summary>
internal sealed class TinyStep : IDisposable
{
    private const int Length = 6;

    public static ModelConfig Tiny { get; } = new()
    {
        Family = ModelFamily.Llama,
        Layers = 2,
        Hidden = 32,
        Intermediate = 48,
        Heads = 4,
        KvHeads = 2,
        HeadDim = 8,
        Vocabulary = 60,
        MaxPositions = 64,
        RmsNormEps = 1e-5,
        RopeTheta = 10000,
        TiedEmbedding = true,
    };

    private readonly Operators _operators;
    private readonly TransformerWeights _weights;
    private readonly Transformer _transformer;
    private readonly AdapterSet _set;
    private readonly DeviceMemory _norms;
    private readonly BatchPlan _plan = new(), _bare = new();
    private readonly AdamWRow[] _table;
    private readonly float[] _logProbabilities;
    private int _step;

    /// <param name="operators">Owned from here on.</param>
    public TinyStep(Operators operators, int layers, int adapters)
    {
        _operators = operators;
        ModelConfig config = Tiny with { Layers = layers };
        _weights = TransformerWeights.Random(_operators, config, seed: 1);
        _transformer = new Transformer(_operators, _weights);
        LoraAdapter[] fresh = [.. Enumerable.Range(0, adapters).Select(i => LoraAdapter.Create(config, new LoraSettings(4, 8, LoraTargets.All), (ulong)i))];
        _set = _transformer.CreateAdapters(fresh.Select(adapter => adapter.Settings));
        _set.PrepareTraining();
        for (int i = 0; i < adapters; i++)
            fresh[i].CopyTo(_operators, _set, i);
        _norms = _operators.Allocate(adapters * sizeof(float));
        _table = new AdamWRow[adapters];
        _logProbabilities = new float[adapters * Length];
        int[] tokens = [.. Enumerable.Range(3, Length)];
        for (int i = 0; i < adapters; i++)
        {
            Plan(_plan, tokens, i);
            Plan(_bare, tokens, -1);
        }
    }

    public void Score(bool adapted) => _transformer.Score(adapted ? _plan : _bare, adapted ? _set : null, _logProbabilities);

    public void Train()
    {
        _step++;
        for (int i = 0; i < _table.Length; i++)
            _table[i] = new AdamWRow(i, 1e-3, _step, 1, 0.01, 0.9, 0.999, 1e-8);
        using OperatorStep step = _transformer.Step(_plan, _set);
        DeviceBuffer logProbabilities = _transformer.ForwardBackward(_plan, _set);
        _operators.AdamW(_set, _table, new DeviceBuffer(_norms.Pointer, DType.F32, 1, _table.Length, _operators.Device));
        step.End();
        _operators.Read(logProbabilities, _logProbabilities);
    }

    /// <summary>Reads a text of each adapter into a cache and draws two tokens after it, one greedy, one at random.</summary>
    public int[] Generate()
    {
        using KvCache cache = _transformer.CreateCache(64);
        int[] slots = [.. _table.Select(_ => cache.Open())], drawn = new int[slots.Length];
        BatchPlan plan = new();
        for (int token = 0; token < 2; token++)
        {
            plan.Clear();
            for (int i = 0; i < slots.Length; i++)
            {
                int[] next = token == 0 ? [.. Enumerable.Range(3, Length)] : [drawn[i]];
                int held = cache.Length(slots[i]);
                cache.Grow(slots[i], held + next.Length);
                plan.AddSampled(plan.Add(next, i, held, slots[i]) + next.Length - 1);
            }
            DeviceBuffer logits = _transformer.Logits(plan, _set, cache);
            _operators.Sample(logits, [.. slots.Select((_, i) => new SamplingRow(token == 0 ? 0 : 1, 0, 1, (ulong)i, 0))], drawn);
        }
        return drawn;
    }

    public void Dispose()
    {
        _norms.Dispose();
        _set.Dispose();
        _transformer.Dispose();
        _weights.Dispose();
        _operators.Dispose();
    }

    private static void Plan(BatchPlan plan, int[] tokens, int adapter)
    {
        int start = plan.Add(tokens, adapter);
        for (int t = 0; t < Length; t++)
            plan.AddTarget(start + t, tokens[t], 1f / Length);
    }
}
