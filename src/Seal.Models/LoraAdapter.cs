using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Seal.Kernels;
using Seal.Models.Formats;

namespace Seal.Models;

/// <summary>
/// One adapter on the host: all its parameters in f32, laid out as a slot of an <see cref="AdapterSet"/> (layer by layer, target by
/// target, A <c>[r, in]</c> then B <c>[out, r]</c>), so moving it in and out of a set is one copy.
/// </summary>
public sealed class LoraAdapter
{
    private readonly IReadOnlyList<LinearShape> _shapes;
    private readonly int _layers;
    private readonly ulong? _seed; // of a fresh adapter
    private float[]? _parameters;

    private LoraAdapter(ModelConfig config, LoraSettings settings, ulong? seed = null)
    {
        Settings = settings.Validated();
        _shapes = LoraTargets.Shapes(config);
        _layers = config.Layers;
        _seed = seed;
    }

    public LoraSettings Settings { get; }

    /// <summary>All parameters. A fresh adapter's are drawn when they are first asked for: most only ever start a training.</summary>
    public float[] Parameters => _parameters ??= Drawn();

    /// <summary>SHA-256 of settings and parameters.</summary>
    public string Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(
                FormattableString.Invariant($"lora r={Settings.Rank} alpha={Settings.Alpha:R} {string.Join(',', Settings.Shape.Targets)}\n")));
            hash.AppendData(MemoryMarshal.AsBytes(Parameters.AsSpan()));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>
    /// A fresh adapter: A Kaiming-uniform with a = √5, which is U(−1/√in, 1/√in), B zero, so it starts as the identity. Each factor's
    /// numbers depend on the seed, its layer and its name alone.
    /// </summary>
    public static LoraAdapter Create(ModelConfig config, LoraSettings settings, ulong seed) => new(config, settings, seed);

    /// <summary>Copies a slot out of a set.</summary>
    public static LoraAdapter FromSet(Operators operators, AdapterSet set, int slot, ModelConfig config, LoraSettings settings)
    {
        var adapter = new LoraAdapter(config, settings);
        (long offset, long count) = set.Range(slot);
        operators.Read(AdapterSet.Part(set.Parameters, offset, count), adapter.Parameters);
        return adapter;
    }

    /// <summary>Copies this adapter into a slot of a set made with <see cref="LoraSettings.Shape"/>.</summary>
    /// <exception cref="SealException">The set is for another model.</exception>
    public void CopyTo(Operators operators, AdapterSet set, int slot)
    {
        RequireFits(set.Layers, set.Targets);
        AdapterShape mine = Settings.Shape, wanted = set.Adapters[slot];
        if ((mine.Rank, mine.Scale) != (wanted.Rank, wanted.Scale) || !mine.Targets.SequenceEqual(wanted.Targets))
            throw new ArgumentException($"slot {slot} was made for an adapter of another rank, scale or other targets", nameof(slot));
        (long offset, long count) = set.Range(slot);
        if (_parameters is not null || _seed is null)
            operators.Write(Parameters, AdapterSet.Part(set.Parameters, offset, count));
        else
            Draw((at, values) => operators.Write(values, AdapterSet.Part(set.Parameters, offset + at, values.Length)));
        set.Publish(slot);
    }

    /// <exception cref="SealException">The adapter was made for another model.</exception>
    public void RequireFits(ModelConfig config) => RequireFits(config.Layers, LoraTargets.Shapes(config));

    /// <summary>W += s·B·A, row by row of W <c>[out, in]</c>.</summary>
    public void AddTo(Span<float> weight, int layer, LoraTarget target)
    {
        if (!Settings.Targets.Contains(target))
            return;
        int inputs = _shapes[(int)target].Inputs, rank = Settings.Rank;
        (Range a, Range b) = FactorRanges(layer, (int)target);
        ReadOnlySpan<float> factorA = Parameters.AsSpan(a), factorB = Parameters.AsSpan(b);
        float scale = (float)(Settings.Alpha / rank);
        for (int row = 0; row < _shapes[(int)target].Outputs; row++)
        {
            Span<float> destination = weight.Slice(row * inputs, inputs);
            for (int r = 0; r < rank; r++)
                TensorPrimitives.MultiplyAdd(factorA.Slice(r * inputs, inputs), scale * factorB[row * rank + r], destination, destination);
        }
    }

    /// <summary>Reads a PEFT folder (<c>adapter_config.json</c>, <c>adapter_model.safetensors</c>).</summary>
    /// <exception cref="SealException">It is malformed or was made for another model.</exception>
    public static LoraAdapter Read(string folder, ModelConfig config)
    {
        PeftAdapter stored = PeftAdapter.Read(folder);
        stored.RequireFits(config, folder);
        // Rank-stabilised adapters scale by alpha/√r: kept as the alpha that gives the same scale.
        double alpha = stored.RankStabilized ? stored.Scale * stored.Rank : stored.Alpha;
        var settings = new LoraSettings(stored.Rank, alpha, [.. stored.TargetModules.Select(LoraTargets.Parse)]);
        var adapter = new LoraAdapter(config, settings);
        adapter.ForEachFactor((layer, target, a, b) =>
        {
            LoraPair pair = stored.Weights[(layer, ((LoraTarget)target).PeftName())];
            pair.A.CopyTo(adapter.Parameters.AsSpan(a));
            pair.B.CopyTo(adapter.Parameters.AsSpan(b));
        });
        return adapter;
    }

    /// <summary>Tensors in PEFT's names and shapes (a gradient, say) as one run of numbers in this adapter's layout.</summary>
    public float[] ReadLike(SafetensorsFile file)
    {
        float[] values = new float[Parameters.Length];
        ForEachFactor((layer, target, a, b) =>
        {
            string module = ((LoraTarget)target).PeftName();
            file.Tensor(LoraModules.TensorName(layer, module, 'A')).ReadFloat32(values.AsSpan(a));
            file.Tensor(LoraModules.TensorName(layer, module, 'B')).ReadFloat32(values.AsSpan(b));
        });
        return values;
    }

    /// <summary>Writes a PEFT folder that peft, and every program that reads its format, loads.</summary>
    /// <param name="baseModel">Name of the base model, for the reader of the folder.</param>
    public void Write(string folder, string? baseModel = null)
    {
        SortedDictionary<(int Layer, string Module), LoraPair> weights = PeftAdapter.NoWeights();
        ForEachFactor((layer, target, a, b) => weights[(layer, ((LoraTarget)target).PeftName())] =
            new LoraPair(Parameters[a], Parameters[b], _shapes[target].Inputs, _shapes[target].Outputs));
        new PeftAdapter
        {
            Rank = Settings.Rank,
            Alpha = Settings.Alpha,
            TargetModules = [.. Settings.Targets.Order().Select(target => target.PeftName())],
            BaseModel = baseModel,
            Weights = weights,
        }.Write(folder);
    }

    private float[] Drawn()
    {
        long perLayer = Settings.Shape.Targets.Sum(target => (long)Settings.Rank * (_shapes[target].Inputs + _shapes[target].Outputs));
        float[] parameters = new float[perLayer * _layers];
        if (_seed is not null)
            Draw((at, values) => values.CopyTo(parameters.AsSpan(at)));
        return parameters;
    }

    /// <summary>A fresh adapter's numbers, factor by factor.</summary>
    /// <param name="take">Given where a factor lies and its values.</param>
    private void Draw(Action<int, ReadOnlySpan<float>> take)
    {
        float[] buffer = new float[Settings.Shape.Targets.Max(target => Settings.Rank * Math.Max(_shapes[target].Inputs, _shapes[target].Outputs))];
        ForEachFactor((layer, target, a, b) =>
        {
            ulong seed = CounterRandom.Derive(_seed!.Value, $"lora_A.{layer}.{((LoraTarget)target).PeftName()}");
            double bound = 1 / Math.Sqrt(_shapes[target].Inputs);
            Span<float> values = buffer.AsSpan(0, a.End.Value - a.Start.Value);
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)((2 * CounterRandom.Uniform(seed, (ulong)i) - 1) * bound);
            take(a.Start.Value, values);
            values = buffer.AsSpan(0, b.End.Value - b.Start.Value);
            values.Clear();
            take(b.Start.Value, values);
        });
    }

    private void RequireFits(int layers, IReadOnlyList<LinearShape> shapes)
    {
        if (_layers != layers)
            throw new SealException($"the adapter has {_layers} layers, the model {layers}: it was made for another model");
        foreach (int target in Settings.Shape.Targets)
            if (_shapes[target] != shapes[target])
                throw new SealException(
                    $"the adapter's {((LoraTarget)target).PeftName()} takes {_shapes[target].Inputs} and gives {_shapes[target].Outputs}, " +
                    $"in the model {shapes[target].Inputs} and {shapes[target].Outputs}: it was made for another model");
    }

    private (Range A, Range B) FactorRanges(int layer, int wanted)
    {
        (Range, Range)? found = null;
        ForEachFactor((l, target, a, b) =>
        {
            if (l == layer && target == wanted)
                found = (a, b);
        });
        return found!.Value;
    }

    private void ForEachFactor(Action<int, int, Range, Range> visit)
    {
        int offset = 0;
        for (int layer = 0; layer < _layers; layer++)
            foreach (int target in Settings.Shape.Targets)
            {
                int a = Settings.Rank * _shapes[target].Inputs, b = Settings.Rank * _shapes[target].Outputs;
                visit(layer, target, offset..(offset + a), (offset + a)..(offset + a + b));
                offset += a + b;
            }
    }
}
